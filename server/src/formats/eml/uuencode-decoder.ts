const maxLineBytes = 1_024

type Uudecoder = { push(chunk: Buffer): Buffer; end(): Buffer; readonly hasBegun: boolean }

/** One line of data: its first character tells how many bytes it holds; blanks cut off at its end count as zeros. */
const decodeLine = (line: string): Buffer => {
  const length = (line.charCodeAt(0) - 32) & 63
  const out = Buffer.alloc(length + 2)
  const sextet = (at: number): number => (at < line.length ? (line.charCodeAt(at) - 32) & 63 : 0)
  for (let at = 1, to = 0; to < length; at += 4, to += 3)
    out.writeUIntBE((sextet(at) << 18) | (sextet(at + 1) << 12) | (sextet(at + 2) << 6) | sextet(at + 3), to, 3)
  return out.subarray(0, length)
}

/** The name of the file that a `begin` line says; null where it is none. */
export const readUuencodeStart = (line: string): string | null =>
  /^begin [0-7]{3,4} (.*)$/.exec(line)?.[1]?.trim() ?? null

/** Undoes uuencode (POSIX) that comes in pieces: what lies between the first `begin` line and its `end`. */
export const createUudecoder = (): Uudecoder => {
  let waiting = ''
  let state: 'before' | 'within' | 'after' = 'before'
  const onLine = (line: string): Buffer | null => {
    if (state === 'before' && readUuencodeStart(line) !== null) state = 'within'
    else if (state === 'within') {
      if (line.trim() === 'end') state = 'after'
      else if (line !== '') return decodeLine(line)
    }
    return null
  }
  const push = (chunk: Buffer): Buffer => {
    const lines = (waiting + chunk.toString('latin1')).split('\n')
    waiting = lines.pop()!.slice(0, maxLineBytes)
    const decoded = lines.map((line) => onLine(line.replace(/\r+$/, ''))).filter((piece) => piece !== null)
    return Buffer.concat(decoded)
  }
  return {
    push,
    end: () => onLine(waiting.replace(/\r+$/, '')) ?? Buffer.alloc(0),
    get hasBegun() {
      return state !== 'before'
    },
  }
}
