/**
 * What becomes of the bytes a server sends. A promise returned is awaited before the next call; until then no more than
 * the chunk at hand is kept, and the socket is paused.
 */
export type WireHandler = {
  /**
   * A line without its end, one character a byte. When it ends in a literal marker (RFC 3501 §4.3, RFC 3516 §4.2 `~{n}`)
   * the marker is cut off, `literalBytes` is its number, `literal` gets the bytes, and the next line continues this one.
   */
  line(text: string, literalBytes: number | null, isContinuation: boolean): void | Promise<void>
  literal(chunk: Uint8Array): void | Promise<void>
}

export type WireReader = {
  /** Takes a chunk off the socket; true while more may come, false when the socket is to be paused. */
  push(chunk: Buffer): boolean
}

const maxLineBytes = 1024 * 1024
const literalMarker = /~?\{(\d{1,12})\+?\}$/
// Their text is for people and may end in braces by chance.
const isStatusResponse = /^\S+ (OK|NO|BAD|BYE|PREAUTH)\b/i

/**
 * Splits what comes off a connection into lines and literals, without copying literals.
 * @param onFailure called once with what a handler threw, or a RangeError for an endless line; nothing is handled after it.
 * @param onReady called when the reader had asked for a pause and can take more.
 */
export const createWireReader = (
  handler: WireHandler,
  { onFailure, onReady }: { onFailure: (cause: unknown) => void; onReady: () => void },
): WireReader => {
  const queue: Buffer[] = []
  let position = 0
  let literalLeft = 0
  let isContinuation = false
  let lineStart = ''
  let isHeld = false
  let isOver = false

  const fail = (cause: unknown) => {
    isOver = true
    queue.length = 0
    onFailure(cause)
  }
  const step = (chunk: Buffer): void | Promise<void> => {
    if (literalLeft > 0) {
      const end = Math.min(chunk.length, position + literalLeft)
      const part = position === 0 && end === chunk.length ? chunk : chunk.subarray(position, end)
      literalLeft -= end - position
      position = end
      return handler.literal(part)
    }
    const newline = chunk.indexOf(10, position)
    if (newline < 0) {
      lineStart += chunk.toString('latin1', position)
      position = chunk.length
      if (lineStart.length > maxLineBytes) throw new RangeError('it sent a line without end')
      return
    }
    let text = chunk.toString('latin1', position, newline)
    position = newline + 1
    if (lineStart !== '') {
      text = lineStart + text
      lineStart = ''
    }
    if (text.charCodeAt(text.length - 1) === 13) text = text.slice(0, -1)
    const continues = isContinuation
    isContinuation = false
    if (text.charCodeAt(text.length - 1) === 0x7d && (continues || !isStatusResponse.test(text))) {
      const marker = literalMarker.exec(text)
      if (marker) {
        literalLeft = Number(marker[1])
        isContinuation = true
        return handler.line(text.slice(0, marker.index), literalLeft, continues)
      }
    }
    return handler.line(text, null, continues)
  }
  const pump = (): void => {
    try {
      while (!isOver && queue.length > 0) {
        const chunk = queue[0]!
        while (!isOver && position < chunk.length) {
          const waiting = step(chunk)
          if (waiting) {
            isHeld = true
            waiting.then(resume, fail)
            return
          }
        }
        queue.shift()
        position = 0
      }
    } catch (cause) {
      fail(cause)
    }
  }
  const resume = (): void => {
    if (isOver) return
    isHeld = false
    pump()
    if (!isHeld && !isOver) onReady()
  }
  return {
    push: (chunk) => {
      if (isOver) return false
      queue.push(chunk)
      if (!isHeld) pump()
      return !isHeld && !isOver
    },
  }
}
