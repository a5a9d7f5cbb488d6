import type { ByteRange, ByteSource } from './byte-source.ts'
import { readRange } from './open-content.ts'
import { readUuencodeStart } from './uuencode-decoder.ts'

const maxLineLength = 1_024

/**
 * Whether there is more in what is uuencoded than the decoder gives: text before the file or behind it, or a name that is not the `expected` one. What
 * has no beginning is not decoded at all, so nothing of it goes.
 */
export const hasMoreThanUuencode = async (
  source: ByteSource,
  range: ByteRange,
  expected: string,
  signal: AbortSignal,
): Promise<boolean> => {
  let state: 'before' | 'within' | 'after' = 'before'
  let hasText = false
  let waiting = ''
  const onLine = (line: string) => {
    const name = state === 'before' ? readUuencodeStart(line) : null
    if (name !== null) {
      state = 'within'
      hasText ||= name !== expected
    } else if (state !== 'within') hasText ||= line !== ''
    else if (line === 'end') state = 'after'
  }
  for await (const chunk of readRange(source, range, signal)) {
    const lines = (waiting + chunk.toString('latin1')).split('\n')
    waiting = lines.pop()!.slice(0, maxLineLength)
    for (const line of lines) onLine(line.trim())
  }
  onLine(waiting.trim())
  return hasText && state !== 'before'
}
