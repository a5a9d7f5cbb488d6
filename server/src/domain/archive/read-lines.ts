import { Buffer } from 'node:buffer'
import { AppError } from '@stillbox/shared/errors/app-error.ts'

/** No line of an archive is longer; a file that claims one is not read into memory to find out. */
const longestLineBytes = 4 << 20

const newline = 0x0a

/**
 * Splits a stream into its lines, without their newlines: the lines that each chunk completes.
 * @throws AppError `archive_invalid` for a line that is too long, or a last one without its newline
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Buffer[]> {
  let left: Buffer[] = []
  let leftBytes = 0
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const lines: Buffer[] = []
    let start = 0
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      const tail = bytes.subarray(start, end)
      lines.push(left.length === 0 ? tail : Buffer.concat([...left, tail]))
      left = []
      leftBytes = 0
      start = end + 1
    }
    if (start < bytes.length) {
      left.push(bytes.subarray(start))
      leftBytes += bytes.length - start
      if (leftBytes > longestLineBytes) throw lineError('a line is too long')
    }
    if (lines.length > 0) yield lines
  }
  if (left.length > 0) throw lineError('the last line has no end')
}

const lineError = (reason: string): AppError =>
  new AppError('archive_invalid', { details: { reason, fault: 'line_invalid' } })

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws AppError `archive_invalid` when the line is not UTF-8 */
export const lineText = (line: Uint8Array): string => {
  try {
    return utf8.decode(line)
  } catch (cause) {
    throw new AppError('archive_invalid', { details: { reason: 'a line is not UTF-8', fault: 'line_invalid' }, cause })
  }
}
