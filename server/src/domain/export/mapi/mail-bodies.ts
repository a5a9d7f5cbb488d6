import { isUtf8 } from 'node:buffer'
import type { ByteSource } from '../../../formats/eml/byte-source.ts'
import { decodeCharset, isKnownCharset } from '../../../formats/eml/decode-charset.ts'
import { charsetInHtml, declareUtf8 } from '../../../formats/eml/html-charset.ts'
import { htmlToLines } from '../../../formats/eml/html-to-text.ts'
import type { MimePart } from '../../../formats/eml/index-parts.ts'
import { isKnownEncoding, readContent } from '../../../formats/eml/open-content.ts'
import type { BodyPiece } from './mail-layout.ts'
import type { MailReport } from './mail-report.ts'
import { replaceMany, withCrlf } from './text-slices.ts'

/** How much more text of one message, the messages within included, may be held in memory. */
export type TextBudget = { bytes: number }

/** Of one text before its transfer encoding is undone; a longer one becomes an attachment. */
export const maxBodyBytes = 8_388_608

/** Of an HTML document that has no plain text beside it. That of a longer one is left to its reader, which has the document itself. */
const maxDerivedLength = 1_048_576

export type MailBodies = {
  /** With CRLF as line ends; null where there is none. */
  readonly text: string | null
  readonly html: string | null
  /** Texts that became attachments. */
  readonly tooLarge: readonly MimePart[]
}

const decodeText = async (
  source: ByteSource,
  part: MimePart,
  report: MailReport,
  signal: AbortSignal,
): Promise<string> => {
  if (!isKnownEncoding(part.encoding)) report.noteLoss('encoding_unknown')
  const bytes = await readContent(source, part.body, part.encoding, signal)
  const declared = part.type.parameters.get('charset') ?? ''
  const charset = declared === '' && part.mediaType === 'text/html' ? charsetInHtml(bytes) : declared
  if (!isKnownCharset(charset)) report.noteLoss('charset_unknown')
  const decoded = decodeCharset(bytes, charset)
  if (decoded.includes('\ufffd') && !isUtf8(bytes)) report.noteLoss('charset_mismatch')
  if (!decoded.includes('\0')) return decoded.replace(/^\ufeff/, '')
  report.noteLoss('nul_removed')
  return replaceMany(decoded, '\0', '').replace(/^\ufeff/, '')
}

const escaped = (text: string): string =>
  replaceMany(replaceMany(replaceMany(text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')

const escapeHtml = (text: string): string => `<pre style="white-space: pre-wrap">${escaped(text)}</pre>`

const joinTexts = (texts: readonly string[]): string =>
  texts
    .filter((text) => text !== '')
    .reduce((whole, text) => (whole === '' || whole.endsWith('\n') ? whole + text : `${whole}\r\n${text}`), '')

/** Reads what a reader sees of a message, and makes it the one text and the one HTML document that MAPI has. */
export const readBodies = async (
  source: ByteSource,
  pieces: readonly BodyPiece[],
  budget: TextBudget,
  report: MailReport,
  signal: AbortSignal,
): Promise<MailBodies> => {
  const texts = new Map<MimePart, string>()
  const tooLarge: MimePart[] = []
  for (const part of new Set(pieces.flatMap(({ text, html }) => [...text, ...html]))) {
    const sizeBytes = part.body.end - part.body.start
    if (sizeBytes > maxBodyBytes || sizeBytes > budget.bytes) {
      report.note('body_too_large')
      tooLarge.push(part)
      continue
    }
    budget.bytes -= sizeBytes
    texts.set(part, await decodeText(source, part, report, signal))
  }
  const read = (parts: readonly MimePart[]) =>
    parts.flatMap((part) => {
      const text = texts.get(part)
      return text === undefined ? [] : [{ isHtml: part.mediaType === 'text/html', text }]
    })
  const shown = pieces.map((piece) => ({ text: read(piece.text), html: read(piece.html) }))
  const hasHtml = shown.some(({ html }) => html.length > 0)
  const hasText = shown.some(({ text }) => text.length > 0)
  const htmlOf = ({ isHtml, text }: { isHtml: boolean; text: string }) =>
    isHtml ? declareUtf8(text) : escapeHtml(text)
  const textOf = ({ isHtml, text }: { isHtml: boolean; text: string }) => withCrlf(isHtml ? htmlToLines(text) : text)
  const isShort = ({ isHtml, text }: { isHtml: boolean; text: string }) => !isHtml || text.length <= maxDerivedLength
  return {
    text:
      hasHtml || hasText
        ? joinTexts(shown.flatMap(({ text, html }) => (text.length > 0 ? text : html).filter(isShort).map(textOf)))
        : null,
    html: hasHtml ? shown.flatMap(({ text, html }) => (html.length > 0 ? html : text).map(htmlOf)).join('\r\n') : null,
    tooLarge,
  }
}
