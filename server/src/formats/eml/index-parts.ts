import { type ByteRange, type ByteSource, openWindow } from './byte-source.ts'
import { type ParameterField, readParameters } from './read-parameters.ts'
import { scanHeader } from './scan-header.ts'

/** One entity of a message (RFC 2045 §2.4): where it lies and what its header says about its content. No content. */
export type MimePart = {
  readonly header: ByteRange
  /** Content, before its transfer encoding is undone. */
  readonly body: ByteRange
  /** In lower case; what counts where the header says nothing or nothing readable (RFC 2045 §5.2). */
  readonly mediaType: string
  readonly type: ParameterField
  readonly disposition: ParameterField
  /** In lower case; empty when there is none. */
  readonly encoding: string
  /** Without angle brackets; empty when there is none. */
  readonly contentId: string
  readonly contentLocation: string
  /** As it stands; empty when there is none. */
  readonly description: string
  /** `message` has one child, the message within. A multipart of no parts is a leaf. */
  readonly kind: 'leaf' | 'multipart' | 'message'
  readonly children: readonly MimePart[]
}

export type PartFlaw =
  | 'header_too_long'
  | 'too_many_parts'
  | 'nested_too_deep'
  | 'multipart_without_parts'
  | 'part_header_broken'
  | 'text_before_first_part'
  | 'text_after_last_part'

export type PartIndex = { readonly root: MimePart; readonly flaws: ReadonlySet<PartFlaw> }

export type PartLimits = {
  readonly maxParts: number
  /** Multiparts and messages within each other. */
  readonly maxDepth: number
  /** Of one header. */
  readonly maxHeaderBytes: number
  /** Of what is kept of all headers together. */
  readonly maxKeptBytes: number
}

export const usualPartLimits: PartLimits = {
  maxParts: 20_000,
  maxDepth: 200,
  maxHeaderBytes: 4_194_304,
  maxKeptBytes: 8_388_608,
}

const wanted: ReadonlySet<string> = new Set([
  'content-type',
  'content-disposition',
  'content-transfer-encoding',
  'content-id',
  'content-location',
  'content-description',
])
const maxFieldLength = 16_384
/** RFC 2046 §5.1.1 allows 70 characters; a longer line starting with `--` is text. */
const maxBoundaryLine = 300
const firstHeaderWindow = 4_096
/** How much must be at hand while boundaries are searched: far more than one line of them. */
const bodyWindow = 4_096
/** Of what lies before the first part and behind the last one, this much is looked at for text. */
const aroundWindow = 65_536
/** What programs write before the first part, for those who know no MIME (RFC 2046 §5.1.1): short, and it says so. */
const maxUsualPreamble = 1_000
const usualPreamble = /mime/i

type Draft = {
  -readonly [K in keyof MimePart]: K extends 'children' ? Draft[] : MimePart[K]
}
type OpenMultipart = { readonly delimiter: string; readonly isDigest: boolean; readonly pathIndex: number }
type Boundary = { readonly level: number; readonly isClosing: boolean }

/** A string of its own: a slice would keep the whole text alive that it was cut from. */
const ownString = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

const withoutComment = (value: string): string => value.replace(/\(.*$/s, '').trim().toLowerCase()
const withoutBrackets = (value: string): string =>
  value
    .trim()
    .replace(/^<(.*)>$/s, '$1')
    .trim()

/** Where in a header text a boundary line stands; -1 when there is none. */
const lineOfDashes = (text: string, from: number): number => {
  const found = text.indexOf('\n--', from)
  return found < 0 ? -1 : found + 1
}

/**
 * Finds the parts of a message in one pass: multiparts and messages within, in memory of the limits whatever the size.
 * Tolerant as mail programs are: an inner multipart that is never closed ends where an outer one goes on, a header may end at a
 * boundary, line ends may be CRLF or LF. What is beyond a limit is left within the part it was found in and told as a flaw.
 * Throws nothing but what `read` throws and the reason of `signal`.
 */
export const indexParts = async (
  source: ByteSource,
  signal: AbortSignal,
  limits: PartLimits = usualPartLimits,
): Promise<PartIndex> => {
  const window = openWindow(source, signal)
  const flaws = new Set<PartFlaw>()
  const open: OpenMultipart[] = []
  /** The parts that have not ended yet, each within the one before. */
  const path: Draft[] = []
  let partCount = 0
  let keptBytes = 0

  const boundaryOf = (line: string): Boundary | null => {
    for (let level = open.length - 1; level >= 0; level--) {
      const { delimiter } = open[level]!
      if (!line.startsWith(delimiter)) continue
      if (line.length === delimiter.length) return { level, isClosing: false }
      if (line.length === delimiter.length + 2 && line.endsWith('--')) return { level, isClosing: true }
    }
    return null
  }

  /** The first boundary line within a header that lacks its empty line. */
  const boundaryIn = (text: string, isEnd: boolean): number => {
    if (open.length === 0) return -1
    for (let from = text.startsWith('--') ? 0 : lineOfDashes(text, 0); from >= 0; from = lineOfDashes(text, from)) {
      const lineEnd = text.indexOf('\n', from)
      if (lineEnd < 0 && !isEnd) return -1
      if (boundaryOf(text.slice(from, lineEnd < 0 ? undefined : lineEnd).trimEnd()) !== null) return from
    }
    return -1
  }

  /** Reads the header at `at`: its fields, and where the body starts. */
  const readHeader = async (at: number, isRoot: boolean) => {
    for (let size = firstHeaderWindow; ; size *= 8) {
      const limit = Math.min(size, limits.maxHeaderBytes)
      const seen = (await window.peek(at, limit)).toString('latin1', 0, limit)
      const isEnd = seen.length < limit || at + seen.length >= window.sizeBytes
      const isLimit = seen.length >= limits.maxHeaderBytes
      const boundaryAt = boundaryIn(seen, isEnd)
      // Half a line says nothing yet: a CR at the end may be an empty line, or not.
      const lines = isEnd || isLimit ? seen.length : seen.lastIndexOf('\n') + 1
      const text = seen.slice(0, boundaryAt < 0 ? lines : boundaryAt)
      const fields = new Map<string, string>()
      const scan = scanHeader(text, wanted, (name, value) => {
        if (!fields.has(name)) fields.set(name, ownString(value.slice(0, maxFieldLength)))
      })
      if (scan.bodyAt < 0 && boundaryAt < 0 && !isEnd && !isLimit) continue
      if (isLimit && scan.bodyAt < 0) flaws.add('header_too_long')
      let bodyAt = scan.bodyAt < 0 ? text.length : scan.bodyAt
      // No header at all: everything is text.
      if (isRoot && !scan.hasFields && text.slice(0, bodyAt).trim() !== '') bodyAt = 0
      else if (!isRoot && scan.strayAt >= 0) {
        // Without an empty line, a line that is no field begins the body.
        if (scan.bodyAt < 0) bodyAt = scan.strayAt
        else flaws.add('part_header_broken')
      }
      return { fields, bodyAt: at + bodyAt }
    }
  }

  /** The next boundary line at or after `at`, which is the beginning of a line. */
  const findBoundary = async (at: number): Promise<{ contentEnd: number; next: number; boundary: Boundary } | null> => {
    let isAtLineStart = true
    let from = at
    while (open.length > 0 && from < window.sizeBytes) {
      const data = await window.peek(from, bodyWindow)
      // A source that turns out to be shorter than it said ends here too.
      const isEnd = data.length < bodyWindow || from + data.length >= window.sizeBytes
      if (data.length === 0) return null
      let dashes = -1
      if (isAtLineStart && data[0] === 45 && data[1] === 45) dashes = 0
      else {
        const found = data.indexOf('\n--', 0, 'latin1')
        if (found >= 0) dashes = found + 1
        else {
          isAtLineStart = false
          // CR, LF and a dash may be the beginning of a boundary line.
          from += isEnd ? data.length : data.length - 3
          continue
        }
      }
      // Candidates one after the other within what is at hand.
      for (;;) {
        const lineAt = from + dashes
        let lineEnd = data.indexOf(10, dashes)
        let line: string
        if (lineEnd < 0 || lineEnd - dashes > maxBoundaryLine) {
          if (lineEnd < 0 && data.length - dashes < maxBoundaryLine && !isEnd) {
            // The line goes on behind what is at hand: look again, from the line break before it on.
            isAtLineStart = lineAt === at
            from = Math.max(at, lineAt - 2)
            break
          }
          line = lineEnd < 0 && isEnd ? data.toString('latin1', dashes) : ''
          lineEnd = lineEnd < 0 ? data.length : lineEnd
        } else line = data.toString('latin1', dashes, lineEnd)
        const boundary = line === '' || line.length > maxBoundaryLine ? null : boundaryOf(line.trimEnd())
        if (boundary !== null) {
          const before = dashes > 1 ? data[dashes - 2] : undefined
          const lineBreak = lineAt === at ? 0 : before === 13 ? 2 : 1
          return {
            contentEnd: Math.max(at, lineAt - lineBreak),
            next: Math.min(from + lineEnd + 1, window.sizeBytes),
            boundary,
          }
        }
        const found = data.indexOf('\n--', dashes, 'latin1')
        if (found >= 0) {
          dashes = found + 1
          continue
        }
        isAtLineStart = false
        from += isEnd ? data.length : Math.max(dashes + 1, data.length - 3)
        break
      }
    }
    return null
  }

  const endFrom = (pathIndex: number, end: number) => {
    for (const part of path.splice(pathIndex))
      part.body = { start: part.body.start, end: Math.max(part.body.start, end) }
  }

  /** Reads the header of an entity and, where it is a message, of the one within. Answers where content starts. */
  const beginEntity = async (start: number): Promise<number> => {
    let at = start
    for (;;) {
      const isRoot = path.length === 0 || path.at(-1)!.kind === 'message'
      const { fields, bodyAt } = await readHeader(at, isRoot)
      const type = readParameters(fields.get('content-type') ?? '')
      const around = open.at(-1)
      const isInDigest = around?.isDigest === true && around.pathIndex === path.length - 1
      const mediaType = type.value.includes('/') ? type.value : isInDigest ? 'message/rfc822' : 'text/plain'
      for (const value of fields.values()) keptBytes += value.length
      const part: Draft = {
        header: { start: at, end: bodyAt },
        body: { start: bodyAt, end: window.sizeBytes },
        mediaType,
        type,
        disposition: readParameters(fields.get('content-disposition') ?? ''),
        encoding: withoutComment(fields.get('content-transfer-encoding') ?? ''),
        contentId: withoutBrackets(fields.get('content-id') ?? ''),
        contentLocation: (fields.get('content-location') ?? '').replace(/\s+/g, ''),
        description: fields.get('content-description') ?? '',
        kind: 'leaf',
        children: [],
      }
      path.at(-1)?.children.push(part)
      path.push(part)
      partCount++
      const boundary = (type.parameters.get('boundary') ?? '').trimEnd()
      const isMultipart = mediaType.startsWith('multipart/') && boundary !== ''
      // RFC 2046 §5.2.1 allows no other encodings of a message; with one, it is a file like any other.
      const isMessage =
        (mediaType === 'message/rfc822' || mediaType === 'message/global') &&
        part.encoding !== 'base64' &&
        part.encoding !== 'quoted-printable'
      if (!isMultipart && !isMessage) return bodyAt
      if (path.length > limits.maxDepth) {
        flaws.add('nested_too_deep')
        return bodyAt
      }
      if (isMultipart) {
        part.kind = 'multipart'
        open.push({
          delimiter: `--${boundary}`,
          isDigest: mediaType === 'multipart/digest',
          pathIndex: path.length - 1,
        })
        return bodyAt
      }
      part.kind = 'message'
      at = bodyAt
    }
  }

  const textWithin = async ({ start, end }: ByteRange): Promise<string> => {
    const length = Math.min(aroundWindow, end - start)
    if (length <= 0) return ''
    return (await window.peek(start, length))
      .toString('latin1', 0, length)
      .replace(/[\s\0]+/g, ' ')
      .trim()
  }
  const notePreamble = async (range: ByteRange) => {
    if (flaws.has('text_before_first_part')) return
    const text = await textWithin(range)
    if (text !== '' && !(text.length <= maxUsualPreamble && usualPreamble.test(text)))
      flaws.add('text_before_first_part')
  }
  const noteEpilogue = async (range: ByteRange) => {
    if (!flaws.has('text_after_last_part') && (await textWithin(range)) !== '') flaws.add('text_after_last_part')
  }

  const root = async (): Promise<Draft> => {
    let at = await beginEntity(0)
    const whole = path[0]!
    let isBehindLast = false
    for (;;) {
      const found = await findBoundary(at)
      const around = { start: at, end: found?.contentEnd ?? window.sizeBytes }
      if (isBehindLast) await noteEpilogue(around)
      else if (found !== null && open[found.boundary.level]!.pathIndex === path.length - 1) await notePreamble(around)
      if (found === null) {
        endFrom(0, window.sizeBytes)
        return whole
      }
      const { level, isClosing } = found.boundary
      const { pathIndex } = open[level]!
      endFrom(pathIndex + 1, found.contentEnd)
      open.length = isClosing ? level : level + 1
      at = found.next
      isBehindLast = isClosing
      if (isClosing) continue
      if (partCount >= limits.maxParts || keptBytes >= limits.maxKeptBytes) {
        flaws.add('too_many_parts')
        endFrom(0, window.sizeBytes)
        return whole
      }
      at = await beginEntity(at)
    }
  }

  const whole = await root()
  markEmptyMultiparts(whole, flaws)
  return { root: whole, flaws }
}

const markEmptyMultiparts = (whole: Draft, flaws: Set<PartFlaw>) => {
  const waiting = [whole]
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part.kind === 'multipart' && part.children.length === 0) part.kind = 'leaf'
    if (part.kind === 'leaf' && part.mediaType.startsWith('multipart/')) flaws.add('multipart_without_parts')
    waiting.push(...part.children)
  }
}
