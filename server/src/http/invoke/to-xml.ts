/**
 * The XML of a JSON answer, by these rules:
 * - the root element is `result`; a member of an object is an element of the member's name, an element of an array is `item`
 * - `type` says what is not text: `object`, `array`, `number`, `boolean` or `null`, so that nothing of the JSON is lost
 * - a member whose name cannot be an element's (XML 1.0 §2.3) is `<member name="…">`
 * - characters XML 1.0 cannot hold (§2.2: control characters, lone surrogates, U+FFFE and U+FFFF) become U+FFFD
 */
export const toXml = (answer: unknown): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element('result', '', answer)}\n`

const elementName = /^[A-Za-z_][A-Za-z0-9_.-]*$/

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A reader turns a bare carriage return into a line feed (§2.11), and all three into blanks within an attribute (§3.3.3).
  '\r': '&#13;',
}

const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is replaced here
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\r]/g, (character) => escapes[character]!)

const inAttribute = (text: string): string => escaped(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')

const member = ([name, value]: [string, unknown]): string =>
  elementName.test(name) && !/^xml/i.test(name)
    ? element(name, '', value)
    : element('member', ` name="${inAttribute(name)}"`, value)

const element = (name: string, attributes: string, value: unknown): string => {
  const written = (type: string, content: string) =>
    content === ''
      ? `<${name}${attributes} type="${type}"/>`
      : `<${name}${attributes} type="${type}">${content}</${name}>`
  if (value === null || value === undefined) return written('null', '')
  if (Array.isArray(value)) return written('array', value.map((item) => element('item', '', item)).join(''))
  switch (typeof value) {
    case 'string':
      return `<${name}${attributes}>${escaped(value)}</${name}>`
    case 'number':
      return Number.isFinite(value) ? written('number', String(value)) : written('null', '')
    case 'boolean':
      return written('boolean', String(value))
    default:
      return written(
        'object',
        Object.entries(value as object)
          .filter(([, one]) => one !== undefined)
          .map(member)
          .join(''),
      )
  }
}
