export type CsvRecord = { readonly line: number; readonly fields: readonly string[] }

/** Wrong CSV, with the line where the record begins and what to do about it. */
export class CsvError extends Error {
  readonly line: number
  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`)
    this.name = 'CsvError'
    this.line = line
  }
}

/**
 * Records of a CSV file (RFC 4180): quoted fields with doubled quotes, commas and line breaks inside; CRLF or LF. A byte
 * order mark and empty lines are left out. @throws CsvError
 */
export const parseCsv = (text: string): readonly CsvRecord[] => {
  const records: CsvRecord[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0
  let line = 1
  const lineEnd = /\r\n|\n|\r/y
  const plainField = /[^,\r\n"]*/y
  while (at < text.length) {
    const begins = line
    const fields: string[] = []
    for (let isMore = true; isMore; ) {
      if (text[at] === '"') {
        let field = ''
        for (at++; ; ) {
          const close = text.indexOf('"', at)
          if (close < 0) throw new CsvError(begins, 'a quote is opened and never closed')
          field += text.slice(at, close)
          at = close + 1
          if (text[at] !== '"') break
          field += '"'
          at++
        }
        line += field.split(/\r\n|\n|\r/).length - 1
        fields.push(field)
        if (at < text.length && !/[,\r\n]/.test(text[at]!))
          throw new CsvError(line, 'text follows a closing quote: double the quotes inside a field')
      } else {
        plainField.lastIndex = at
        plainField.test(text)
        const end = plainField.lastIndex
        if (text[end] === '"')
          throw new CsvError(line, 'a quote in the middle of a field: put the whole field in quotes')
        fields.push(text.slice(at, end))
        at = end
      }
      isMore = text[at] === ','
      if (isMore) at++
    }
    lineEnd.lastIndex = at
    if (lineEnd.test(text)) {
      at = lineEnd.lastIndex
      line++
    }
    if (fields.length > 1 || fields[0] !== '') records.push({ line: begins, fields })
  }
  return records
}
