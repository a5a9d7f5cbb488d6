import type { ByteRange, ByteSource } from '../../../formats/eml/byte-source.ts'
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

/**
 * A part as a file with its transfer encoding undone. It is hidden only where the HTML draws it and its sender did not say that it is
 * to be listed.
 */
export const partAttachment = (
  source: ByteSource,
  part: MimePart,
  references: References,
  atMs: number,
  report: MailReport,
): MapiAttachment => {
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
