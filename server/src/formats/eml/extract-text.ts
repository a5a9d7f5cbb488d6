import { cleanText } from './clean-text.ts'
import { decodeCharset, decodeRawHeader } from './decode-charset.ts'
import { decodeTransfer } from './decode-transfer.ts'
import { decodeWords } from './decode-words.ts'
import { charsetInHtml } from './html-charset.ts'
import { htmlToText } from './html-to-text.ts'
import { attachmentName, readParameters } from './read-parameters.ts'
import { scanHeader } from './scan-header.ts'

export type TextLimits = {
  /** Of the text of one message, in UTF-16 code units. */
  readonly maxTextLength: number
  /** Multiparts and messages within each other. */
  readonly maxDepth: number
  readonly maxParts: number
  /** Of one text part before its decoding; what follows is not looked at. */
  readonly maxPartBytes: number
}

const usualLimits: TextLimits = {
  maxTextLength: 1_048_576,
  maxDepth: 20,
  maxParts: 1_000,
  maxPartBytes: 4_194_304,
}

const maxHeaderBytes = 65_536
/** RFC 2046 §5.1.1 allows 70 characters; a longer line starting with `--` is text. */
const maxBoundaryLine = 300
const headerWindows = [2_048, 16_384, maxHeaderBytes]

const wanted: ReadonlySet<string> = new Set([
  'content-type',
  'content-disposition',
  'content-transfer-encoding',
  'subject',
  'from',
])

const lineOfDashes = (text: string, from: number): number => {
  const found = text.indexOf('\n--', from)
  return found < 0 ? -1 : found + 1
}

type OpenMultipart = { readonly delimiter: string; readonly isDigest: boolean; readonly messageDepth: number }
type TextPart = { readonly isHtml: boolean; readonly charset: string; readonly encoding: string }

/**
 * Walks a message as its bytes come by. Only the raw bytes of the text part at hand are kept; those of attachments are
 * searched for the next boundary and forgotten.
 */
const createWalk = (limits: TextLimits) => {
  const texts: string[] = []
  let textLength = 0
  let isTruncated = false
  let isOver = false
  let partCount = 0
  const open: OpenMultipart[] = []
  let messageDepth = 0
  let isInHeader = true
  let isTopHeader = true
  let isAtLineStart = false
  let part: TextPart | null = null
  let kept: Buffer[] = []
  let keptBytes = 0
  let copied = 0 // that many of `kept` are our own copies
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let wake = 0 // look at what waits only once it is this much
  let scratch = Buffer.alloc(0) // where what waits is joined; used again and again, so that a large message leaves no garbage

  const addText = (text: string) => {
    if (text === '' || isOver) return
    const room = limits.maxTextLength - textLength
    texts.push(text.length > room ? text.slice(0, room) : text)
    textLength += Math.min(text.length, room) + 1
    if (text.length <= room && textLength < limits.maxTextLength) return
    isTruncated = true
    isOver = true
  }

  const endPart = () => {
    if (part !== null && kept.length > 0) {
      const raw = kept.length === 1 ? kept[0]! : Buffer.concat(kept)
      const bytes = decodeTransfer(raw, part.encoding)
      if (bytes !== null) {
        const charset = part.charset === '' && part.isHtml ? charsetInHtml(bytes) : part.charset
        const text = decodeCharset(bytes, charset)
        addText(part.isHtml ? htmlToText(text) : text.trim())
      }
    }
    part = null
    kept = []
    keptBytes = 0
    copied = 0
  }

  const keep = (bytes: Buffer) => {
    if (part === null || bytes.length === 0) return
    const room = limits.maxPartBytes - keptBytes
    if (bytes.length > room) isTruncated = true
    if (room <= 0) return
    const piece = bytes.length > room ? bytes.subarray(0, room) : bytes
    kept.push(piece)
    keptBytes += piece.length
  }

  /** Decides from its header what to do with the part that follows. */
  const beginPart = (fields: ReadonlyMap<string, string>) => {
    const type = readParameters(fields.get('content-type') ?? '')
    const disposition = readParameters(fields.get('content-disposition') ?? '')
    const encoding = (fields.get('content-transfer-encoding') ?? '').replace(/\(.*$/s, '').trim().toLowerCase()
    if (!isTopHeader && messageDepth > 0) {
      for (const name of ['subject', 'from']) addText(cleanText(decodeWords(decodeRawHeader(fields.get(name) ?? ''))))
    }
    isTopHeader = false
    isInHeader = false
    isAtLineStart = true
    addText(attachmentName(disposition, type))
    if (++partCount > limits.maxParts) {
      isTruncated = true
      isOver = true
      return
    }
    const around = open.at(-1)
    const isInDigest = around?.isDigest === true && around.messageDepth === messageDepth
    const mediaType = type.value.includes('/') ? type.value : isInDigest ? 'message/rfc822' : 'text/plain'
    const isTooDeep = open.length + messageDepth >= limits.maxDepth
    const boundary = type.parameters.get('boundary') ?? ''
    if (mediaType.startsWith('multipart/') && boundary !== '') {
      if (isTooDeep) isTruncated = true
      else open.push({ delimiter: `--${boundary.trimEnd()}`, isDigest: mediaType === 'multipart/digest', messageDepth })
    } else if (mediaType === 'message/rfc822' || mediaType === 'message/global') {
      if (isTooDeep) isTruncated = true
      // RFC 2046 §5.2.1 allows no other encodings; with one, it is a file like any other.
      else if (encoding !== 'base64' && encoding !== 'quoted-printable') {
        messageDepth++
        isInHeader = true
      }
    } else if (
      (mediaType === 'text/plain' || mediaType === 'text/html' || mediaType.startsWith('multipart/')) &&
      disposition.value !== 'attachment'
    )
      part = { isHtml: mediaType === 'text/html', charset: type.parameters.get('charset') ?? '', encoding }
  }

  /** The multipart whose boundary this line is. */
  const boundaryOf = (line: string): { level: number; isClosing: boolean } | null => {
    for (let level = open.length - 1; level >= 0; level--) {
      const { delimiter } = open[level]!
      if (line === delimiter) return { level, isClosing: false }
      if (line.length === delimiter.length + 2 && line.endsWith('--') && line.startsWith(delimiter))
        return { level, isClosing: true }
    }
    return null
  }

  const crossBoundary = ({ level, isClosing }: { level: number; isClosing: boolean }) => {
    endPart()
    messageDepth = open[level]!.messageDepth
    open.length = isClosing ? level : level + 1
    isInHeader = !isClosing
    isAtLineStart = true
  }

  /** Where in a header the boundary line stands that ends it, because the empty line is missing; -1 when there is none. */
  const boundaryIn = (text: string, isEnd: boolean): number => {
    if (open.length === 0) return -1
    for (let from = text.startsWith('--') ? 0 : lineOfDashes(text, 0); from >= 0; from = lineOfDashes(text, from)) {
      const lineEnd = text.indexOf('\n', from)
      if (lineEnd < 0 && !isEnd) return -1
      if (boundaryOf(text.slice(from, lineEnd < 0 ? undefined : lineEnd).trimEnd()) !== null) return from
    }
    return -1
  }

  /** Reads a header at `at`; answers where the body starts, or -1 when more bytes are needed. */
  const readHeader = (data: Buffer, at: number, isLast: boolean): number => {
    for (const size of headerWindows) {
      const stop = Math.min(data.length, at + size)
      const isEnd = isLast && stop === data.length
      const seen = data.toString('latin1', at, stop)
      const boundaryAt = boundaryIn(seen, isEnd)
      // Half a line says nothing yet: a CR at the end may be an empty line, or not.
      const lines = isEnd || stop - at === maxHeaderBytes ? seen.length : seen.lastIndexOf('\n') + 1
      const text = seen.slice(0, boundaryAt < 0 ? lines : boundaryAt)
      const fields = new Map<string, string>()
      const { bodyAt } = scanHeader(text, wanted, (name, value) => {
        if (!fields.has(name)) fields.set(name, value)
      })
      if (bodyAt >= 0 || boundaryAt >= 0 || isEnd || stop - at === maxHeaderBytes) {
        beginPart(fields)
        return at + (bodyAt < 0 ? text.length : bodyAt)
      }
      if (stop === data.length) return -1
    }
    return -1
  }

  /** Reads the body at `at` up to and over the next boundary; answers how far it came. Less than all: needs more, or a header follows. */
  const readBody = (data: Buffer, start: number, isLast: boolean): number => {
    if (open.length === 0) {
      keep(data.subarray(start))
      return data.length
    }
    let search = start
    for (;;) {
      let dashes = -1
      if (isAtLineStart && search === start) {
        if (!isLast && data.length - start < 2) return start
        if (data[start] === 45 && data[start + 1] === 45) dashes = start
      }
      if (dashes < 0) {
        const found = data.indexOf('\n--', search, 'latin1')
        if (found < 0) {
          // What may be the beginning of a boundary waits for the rest.
          let stop = data.length
          if (!isLast && data[stop - 1] === 45 && data[stop - 2] === 10) stop -= 2
          else if (!isLast && data[stop - 1] === 10) stop -= 1
          stop = Math.max(stop, start)
          if (stop > start) isAtLineStart = false
          keep(data.subarray(start, stop))
          return stop
        }
        dashes = found + 1
      }
      const lineEnd = data.indexOf(10, dashes)
      if (lineEnd < 0 && !isLast && data.length - dashes < maxBoundaryLine) {
        // The line is not here yet. The line end before it belongs to the boundary, so it waits as well.
        const stop = dashes > start ? dashes - 1 : start
        if (stop > start) isAtLineStart = false
        keep(data.subarray(start, stop))
        return stop
      }
      const stop = lineEnd < 0 ? data.length : lineEnd
      const isShort = stop - dashes <= maxBoundaryLine
      const boundary = isShort ? boundaryOf(data.toString('latin1', dashes, stop).trimEnd()) : null
      if (boundary !== null) {
        keep(data.subarray(start, Math.max(start, dashes - 1)))
        crossBoundary(boundary)
        return Math.min(stop + 1, data.length)
      }
      search = dashes + 1
    }
  }

  const walk = (data: Buffer, isLast: boolean): number => {
    let at = 0
    while (at < data.length && !isOver) {
      if (isInHeader) {
        const body = readHeader(data, at, isLast)
        if (body < 0) break
        at = body
        continue
      }
      const before = at
      at = readBody(data, at, isLast)
      if (at === before && !isInHeader) break
    }
    return at
  }

  const joined = (): Buffer => {
    if (scratch.length < waitingBytes) scratch = Buffer.alloc(waitingBytes * 2)
    let length = 0
    for (const piece of waiting) length += piece.copy(scratch, length)
    return scratch.subarray(0, length)
  }

  const push = (chunk: Buffer, isLast: boolean) => {
    waiting.push(chunk)
    waitingBytes += chunk.length
    if (waitingBytes < wake && !isLast) {
      waiting[waiting.length - 1] = Buffer.from(chunk)
      return
    }
    const data = waiting.length === 1 ? chunk : joined()
    const done = walk(data, isLast)
    // The chunk goes back to its owner: what is kept of it is copied.
    waiting = done < data.length && !isLast && !isOver ? [Buffer.from(data.subarray(done))] : []
    waitingBytes = waiting[0]?.length ?? 0
    // A header that comes in drops is not scanned again for every drop.
    wake = isInHeader ? waitingBytes * 2 : 0
    for (; copied < kept.length; copied++) kept[copied] = Buffer.from(kept[copied]!)
  }

  return {
    push,
    isOver: () => isOver,
    end: () => {
      push(Buffer.alloc(0), true)
      endPart()
      return { text: texts.join('\n'), isTruncated }
    },
  }
}

/**
 * The words of a message for full-text search: its text/plain and text/html parts decoded, those of messages within it with
 * subject and sender, and the names of attached files; not its own header, which index.sqlite has. Attachments are passed
 * over. Memory is bounded by the limits, whatever the size. Reading stops early once a limit on the whole is reached.
 * Throws nothing but what `body` throws.
 */
export const extractText = async (
  body: AsyncIterable<Uint8Array>,
  limits: Partial<TextLimits> = {},
): Promise<{ text: string; isTruncated: boolean }> => {
  const walk = createWalk({ ...usualLimits, ...limits })
  for await (const chunk of body) {
    walk.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength), false)
    if (walk.isOver()) break
  }
  return walk.end()
}
