import { Buffer } from 'node:buffer'
import { readFromLine } from './from-line.ts'
import type { MboxQuoting } from './from-unquoter.ts'

/** Where one message lies in an mbox. */
export type MboxMessage = {
  /** Where its "From " line begins. */
  readonly fromOffset: number
  readonly startOffset: number
  /** Without the empty line that stands before the next separator. */
  readonly endOffset: number
  /** Lines of which a '>' is to be taken away. */
  readonly quotedLines: number
}

/** A file that is read at any place; fewer bytes than asked for only where it ends. */
export type MboxFile = {
  readonly sizeBytes: number
  read(offset: number, lengthBytes: number): Promise<Uint8Array>
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const greater = 0x3e
const wanted = Buffer.from('From ')

const usualWindowBytes = 1 << 20
/** Longest "From " line that is one, and as much of the line after it as is looked at. */
const lineLimitBytes = 1000
const peekBytes = lineLimitBytes + 100
/** Of a header so much is searched for Content-Length. */
const headerLimitBytes = 64 * 1024
/** What of the text before stays in the window: enough for an empty line and its line ends. */
const contextBytes = 8
/** Blank lines, or a byte order mark, before the first separator. */
const leadLimitBytes = 64

const fieldName = /^[\x21-\x39\x3b-\x7e]{1,76}[ \t]*:/ // RFC 5322 §2.2
const undated = /^From(?: | -\s*| \S+\s*)$/

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

type Separator = { readonly startOffset: number; readonly isDated: boolean; readonly beforeField: boolean }

/** What stands at `offset`, were it a separator; null where it cannot be one. */
const readSeparator = async (file: MboxFile, offset: number, at: Buffer | null): Promise<Separator | null> => {
  const peek = at ?? asBuffer(await file.read(offset, peekBytes))
  if (!peek.subarray(0, wanted.length).equals(wanted)) return null
  const isAll = offset + peek.length >= file.sizeBytes
  const feed = peek.subarray(0, lineLimitBytes).indexOf(lineFeed)
  if (feed < 0 && !(isAll && peek.length <= lineLimitBytes)) return null
  const line = peek
    .subarray(0, feed < 0 ? peek.length : feed)
    .toString('latin1')
    .replace(/\r$/, '')
  const next = feed < 0 ? '' : peek.subarray(feed + 1, feed + 1 + 100).toString('latin1')
  const isDated = readFromLine(line)?.receivedAtMs != null
  if (!isDated && !undated.test(line)) return null
  const startOffset = feed < 0 ? file.sizeBytes : offset + feed + 1
  return { startOffset, isDated, beforeField: fieldName.test(next) }
}

/** Where the first separator stands; null when the file is no mbox. Blank lines and a byte order mark may come before it. */
export const firstSeparator = async (file: MboxFile): Promise<number | null> => {
  const lead = asBuffer(await file.read(0, leadLimitBytes))
  let at = lead.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf)) ? 3 : 0
  while (lead[at] === lineFeed || lead[at] === carriageReturn) at++
  // The first line alone decides, so it may have any form at all.
  return lead.subarray(at, at + wanted.length).equals(wanted) ? at : null
}

/** The body's length as the header at `startOffset` tells it, as a place in the file; null when it tells none. */
const statedEnd = async (file: MboxFile, startOffset: number, known: Buffer): Promise<number | null> => {
  const ends = (text: Buffer): number => {
    if (text[0] === lineFeed) return 1
    const plain = text.indexOf('\n\n')
    const crlf = text.indexOf('\n\r\n')
    return plain < 0 && crlf < 0 ? -1 : crlf < 0 || (plain >= 0 && plain < crlf) ? plain + 2 : crlf + 3
  }
  let text = known.subarray(0, headerLimitBytes)
  let end = ends(text)
  if (end < 0 && known.length < headerLimitBytes) {
    text = asBuffer(await file.read(startOffset, headerLimitBytes))
    end = ends(text)
  }
  if (end < 0) return null
  const stated = /^content-length[ \t]*:[ \t]*(\d{1,15})[ \t]*\r?$/im.exec(text.subarray(0, end).toString('latin1'))
  return stated ? startOffset + end + Number(stated[1]) : null
}

/** Where the separator behind `offset` begins, one line end passed over, or the file ends; null when anything else is there. */
const separatorBehind = async (file: MboxFile, offset: number): Promise<number | null> => {
  const { sizeBytes } = file
  if (offset > sizeBytes) return null
  const text = asBuffer(await file.read(offset, 2))
  const lineEnd = text[0] === lineFeed ? 1 : text[0] === carriageReturn && text[1] === lineFeed ? 2 : 0
  if (lineEnd > 0 && offset + lineEnd === sizeBytes) return sizeBytes
  // Behind the last message the empty line may be missing; where there is one, it is none of the message's own.
  if (offset === sizeBytes)
    return /\n\r?\n$/.test(asBuffer(await file.read(Math.max(0, offset - 3), 3)).toString('latin1')) ? null : sizeBytes
  if (lineEnd === 0) return null
  return (await readSeparator(file, offset + lineEnd, null))?.isDated ? offset + lineEnd : null
}

/**
 * Finds the messages of an mbox, in one pass and with one window in memory.
 *
 * A separator is a line of "From " and a date behind an empty line; without the empty line also where a header field follows, and
 * without a date where both are there and nothing but a sender (as Mozilla writes it). So an unquoted sentence that begins with "From "
 * divides no message. Content-Length is followed as long as every message from the first one on has one that leads to a separator:
 * then whoever wrote the file keeps them, and one that somebody sent in a message cannot swallow the messages behind it.
 *
 * @param first where the first separator stands, of `firstSeparator`
 */
export async function* scanMbox(
  file: MboxFile,
  first: number,
  quoting: MboxQuoting,
  signal: AbortSignal,
  windowBytes = usualWindowBytes,
): AsyncGenerator<MboxMessage> {
  const { sizeBytes } = file
  let fromOffset = -1
  let startOffset = 0
  let quotedLines = 0
  /** Where Content-Length says that the message ends, and the next separator stands. */
  let stated = null as { readonly end: number; readonly separator: number } | null
  let followsLengths = true

  let text: Buffer = Buffer.alloc(0)
  let textOffset = first
  let searchFrom = first
  /** Whether nothing but '>' stands before the window since the beginning of a line. */
  let isRunBefore = true

  const isEmptyLineBefore = (at: number): boolean => {
    const offset = textOffset + at
    if (text[at - 1] !== lineFeed) return false
    if (offset === startOffset) return true // directly behind another separator
    const crlf = text[at - 2] === carriageReturn ? 1 : 0
    return offset - 1 - crlf === startOffset || text[at - 2 - crlf] === lineFeed
  }
  const endBefore = (at: number): number => {
    const offset = textOffset + at
    if (stated) return stated.end
    if (offset === startOffset || !isEmptyLineBefore(at)) return offset
    return offset - (text[at - 2] === carriageReturn && offset - 2 >= startOffset ? 2 : 1)
  }
  const message = (endOffset: number): MboxMessage => ({ fromOffset, startOffset, endOffset, quotedLines })

  /** Begins the message whose separator this is. */
  const begin = async (offset: number, separator: Separator) => {
    const isFirst = fromOffset < 0
    fromOffset = offset
    startOffset = separator.startOffset
    quotedLines = 0
    stated = null
    if (!followsLengths) return
    const end = await statedEnd(file, startOffset, text.subarray(Math.max(0, startOffset - textOffset)))
    const next = end === null ? null : await separatorBehind(file, end)
    if (end !== null && next !== null) stated = { end, separator: next }
    // The first one is believed only if the second has one too: nobody outside can know where that begins.
    if (stated && isFirst && stated.separator < sizeBytes) {
      const after = await readSeparator(file, stated.separator, null)
      if (after === null || (await statedEnd(file, after.startOffset, Buffer.alloc(0))) === null) stated = null
    }
    followsLengths = stated !== null
  }

  for (let readTo = first; readTo < sizeBytes; ) {
    signal.throwIfAborted()
    const chunk = asBuffer(await file.read(readTo, Math.min(windowBytes, sizeBytes - readTo)))
    if (chunk.length === 0) break
    readTo += chunk.length
    text = text.length > 0 ? Buffer.concat([text, chunk]) : chunk

    for (
      let at = text.indexOf(wanted, searchFrom - textOffset);
      at >= 0;
      at = text.indexOf(wanted, searchFrom - textOffset)
    ) {
      const offset = textOffset + at
      searchFrom = offset + wanted.length
      if (offset === first || text[at - 1] === lineFeed) {
        if (stated !== null && offset < stated.separator) continue
        const isWindowEnough = at + peekBytes <= text.length || readTo >= sizeBytes
        const found = await readSeparator(file, offset, isWindowEnough ? text.subarray(at, at + peekBytes) : null)
        if (offset === first) {
          const line = text.indexOf(lineFeed, at)
          const start = found?.startOffset ?? (line < 0 ? sizeBytes : textOffset + line + 1)
          await begin(offset, found ?? { startOffset: start, isDated: false, beforeField: false })
        } else if (found) {
          const isOne = found.isDated
            ? isEmptyLineBefore(at) || found.beforeField || offset === stated?.separator
            : isEmptyLineBefore(at) && found.beforeField
          if (!isOne) continue
          yield message(endBefore(at))
          await begin(offset, found)
        }
      } else if (text[at - 1] === greater && quoting !== 'none') {
        let run = at - 1
        while (run > 0 && text[run - 1] === greater) run--
        const isLineStart = run === 0 ? isRunBefore : text[run - 1] === lineFeed
        if (isLineStart && offset > startOffset && (quoting === 'mboxrd' || run === at - 1)) quotedLines += 1
      }
    }

    // The last four bytes may be the beginning of "From ".
    searchFrom = Math.max(searchFrom, textOffset + text.length - (wanted.length - 1))
    const keep = Math.max(0, text.length - contextBytes)
    let run = keep
    while (run > 0 && text[run - 1] === greater) run--
    isRunBefore = run === 0 ? isRunBefore : text[run - 1] === lineFeed
    textOffset += keep
    text = Buffer.from(text.subarray(keep))
  }
  if (fromOffset < 0) return
  // Behind the last message stands an empty line, or nothing.
  if (stated) yield message(Math.min(stated.end, sizeBytes))
  else
    yield message(
      text.length > 0 && text.at(-1) === lineFeed && isEmptyLineBefore(text.length)
        ? endBefore(text.length)
        : sizeBytes,
    )
}
