import type { ByteRange, ByteSource } from '../../../formats/eml/byte-source.ts'
import { cleanText } from '../../../formats/eml/clean-text.ts'
import { decodeWords } from '../../../formats/eml/decode-words.ts'
import type { MimePart } from '../../../formats/eml/index-parts.ts'
import { isKnownEncoding, openContent, readRange } from '../../../formats/eml/open-content.ts'
import { attachmentName } from '../../../formats/eml/read-parameters.ts'
import type { MapiAttachment, MapiMessage } from '../../../formats/mapi/message.ts'
import * as a from '../../../formats/mapi/properties-attachment.ts'
import {
  PidTagCreationTime,
  PidTagLastModificationTime,
  PidTagSubject,
} from '../../../formats/mapi/properties-message.ts'
import { PidTagDisplayName } from '../../../formats/mapi/properties-recipient.ts'
import { createPropertyBag, type PropertyBag } from '../../../formats/mapi/property.ts'
import { attachmentFileName, extensionOf, shortFileName } from './attachment-name.ts'
import type { MailReport } from './mail-report.ts'

const usualBag = (atMs: number): PropertyBag =>
  createPropertyBag()
    .set(a.PidTagRenderingPosition, -1)
    .set(a.PidTagAttachFlags, 0)
    .set(a.PidTagAttachmentHidden, false)
    .set(a.PidTagAttachmentFlags, 0)
    .set(a.PidTagAttachmentLinkId, 0)
    .set(a.PidTagExceptionStartTime, a.noExceptionTimeMs)
    .set(a.PidTagExceptionEndTime, a.noExceptionTimeMs)
    .set(a.PidTagAttachmentContactPhoto, false)
    .set(PidTagCreationTime, atMs)
    .set(PidTagLastModificationTime, atMs)

export type AttachedFile = {
  /** As the sender gave it; empty for none. */
  readonly name: string
  readonly mediaType: string
  readonly atMs: number
  open(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** A file as an attachment that is kept by value. */
export const fileAttachment = ({ name, mediaType, atMs, open }: AttachedFile): MapiAttachment => {
  const fileName = attachmentFileName(name, mediaType)
  return {
    properties: usualBag(atMs)
      .set(a.PidTagAttachMethod, a.attachMethods.byValue)
      .set(PidTagDisplayName, fileName)
      .set(a.PidTagAttachLongFilename, fileName)
      .set(a.PidTagAttachFilename, shortFileName(fileName))
      .set(a.PidTagAttachExtension, extensionOf(fileName) || undefined)
      .set(a.PidTagAttachMimeTag, mediaType.slice(0, 255)),
    content: { kind: 'bytes', open },
  }
}

/** A range of the message as it stands, as a file. */
export const rawAttachment = (
  source: ByteSource,
  range: ByteRange,
  { name, mediaType, atMs }: Omit<AttachedFile, 'open'>,
): MapiAttachment => fileAttachment({ name, mediaType, atMs, open: (signal) => readRange(source, range, signal) })

export type References = { readonly contentIds: ReadonlySet<string>; readonly locations: ReadonlySet<string> }

/** Their content means nothing without the parameters of their type (RFC 2046 §5.2.2 and §5.2.3). */
const withParameters: ReadonlySet<string> = new Set(['message/partial', 'message/external-body'])

const headedAttachment = (source: ByteSource, part: MimePart, atMs: number, report: MailReport): MapiAttachment => {
  report.note('part_with_header')
  return rawAttachment(
    source,
    { start: part.header.start, end: part.body.end },
    { name: attachmentName(part.disposition, part.type) || 'part.eml', mediaType: 'application/octet-stream', atMs },
  )
}

const maxDescriptionLength = 250
const maxCharsetLength = 100

const charsetOf = ({ mediaType, type }: MimePart): string | undefined =>
  mediaType.startsWith('text/') ? type.parameters.get('charset')?.slice(0, maxCharsetLength) || undefined : undefined

/**
 * A part as a file with its transfer encoding undone. It is hidden only where the HTML draws it and its sender did not say that it is
 * to be listed. `isWhole` says that the part is the message itself, whose header is kept.
 */
export const partAttachment = (
  source: ByteSource,
  part: MimePart,
  references: References,
  atMs: number,
  report: MailReport,
  isWhole = false,
): MapiAttachment => {
  if (withParameters.has(part.mediaType) && !isWhole) return headedAttachment(source, part, atMs, report)
  if (part.kind === 'leaf' && !isKnownEncoding(part.encoding)) report.note('encoding_unknown')
  const attachment = fileAttachment({
    name: attachmentName(part.disposition, part.type),
    mediaType: part.mediaType,
    atMs,
    open: (signal) => openContent(source, part.body, part.kind === 'leaf' ? part.encoding : '', signal),
  })
  const isReferred =
    (part.contentId !== '' && references.contentIds.has(part.contentId.toLowerCase())) ||
    (part.contentLocation !== '' && references.locations.has(part.contentLocation))
  attachment.properties
    // Exchange and Outlook write their display name into that field.
    .set(PidTagDisplayName, cleanText(decodeWords(part.description)).slice(0, maxDescriptionLength) || undefined)
    .set(a.PidTagTextAttachmentCharset, charsetOf(part))
    .set(a.PidTagAttachContentId, part.contentId || undefined)
    .set(a.PidTagAttachContentLocation, part.contentLocation || undefined)
  if (isReferred && part.disposition.value !== 'attachment')
    attachment.properties.set(a.PidTagAttachFlags, 4).set(a.PidTagAttachmentHidden, true)
  return attachment
}

/** A message within the message; named by its subject ([MS-OXCMSG] §2.2.2.4). */
export const messageAttachment = (message: MapiMessage, part: MimePart, atMs: number): MapiAttachment => ({
  properties: usualBag(atMs)
    .set(a.PidTagAttachMethod, a.attachMethods.embeddedMessage)
    .set(PidTagDisplayName, message.properties.get(PidTagSubject) || attachmentFileName('', part.mediaType)),
  content: { kind: 'message', message },
})
