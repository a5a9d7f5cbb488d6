import type { MapiAttachment } from '../../../formats/mapi/message.ts'
import {
  attachMethods,
  noExceptionTimeMs,
  PidTagAttachExtension,
  PidTagAttachFilename,
  PidTagAttachLongFilename,
  PidTagAttachMethod,
  PidTagAttachMimeTag,
  PidTagAttachmentFlags,
  PidTagAttachmentHidden,
  PidTagAttachmentLinkId,
  PidTagExceptionEndTime,
  PidTagExceptionStartTime,
  PidTagRenderingPosition,
} from '../../../formats/mapi/properties-attachment.ts'
import { PidTagDisplayName } from '../../../formats/mapi/properties-recipient.ts'
import { createPropertyBag, type PropertyBag } from '../../../formats/mapi/property.ts'
import type { RawItem } from '../raw-item.ts'
import { piecesOf } from './whole-item.ts'

const maxNameLength = 200

/** A name without a path and without what Windows forbids in one. */
const safeName = (name: string): string =>
  name
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are forbidden as well
    .replace(/[\x00-\x1f\x7f<>:"/\\|?*]/g, '_')
    .replace(/[. ]+$/, '')
    .slice(-maxNameLength) || 'attachment'

const fileProperties = (givenName: string, mimeType: string): PropertyBag => {
  const name = safeName(givenName)
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  const short = `${
    name
      .slice(0, dot > 0 ? dot : undefined)
      .replace(/[^A-Za-z0-9_-]/g, '')
      .slice(0, 8) || 'FILE'
  }${extension.slice(0, 4)}`
  return createPropertyBag()
    .set(PidTagAttachMethod, attachMethods.byValue)
    .set(PidTagRenderingPosition, -1)
    .set(PidTagAttachFilename, short)
    .set(PidTagAttachLongFilename, name)
    .set(PidTagDisplayName, name)
    .set(PidTagAttachExtension, extension === '' ? undefined : extension)
    .set(PidTagAttachMimeTag, mimeType)
    .set(PidTagAttachmentHidden, false)
    .set(PidTagAttachmentLinkId, 0)
    .set(PidTagAttachmentFlags, 0)
    .set(PidTagExceptionStartTime, noExceptionTimeMs)
    .set(PidTagExceptionEndTime, noExceptionTimeMs)
}

/** A file in memory as an attachment. */
export const bytesAttachment = (name: string, mimeType: string, bytes: Uint8Array): MapiAttachment => ({
  properties: fileProperties(name, mimeType),
  content: {
    kind: 'bytes',
    open: async function* () {
      yield bytes
    },
  },
})

/** The item itself as an attachment, byte for byte. */
export const originalAttachment = (name: string, mimeType: string, raw: RawItem): MapiAttachment => ({
  properties: fileProperties(name, mimeType),
  content: { kind: 'bytes', open: (signal) => piecesOf(raw, signal) },
})

/** An address on the web as the small file that opens it. */
export const linkAttachment = (name: string, uri: string): MapiAttachment =>
  bytesAttachment(
    `${name}.url`,
    'application/internet-shortcut',
    Buffer.from(`[InternetShortcut]\r\nURL=${uri.replace(/[\r\n]/g, '')}\r\n`, 'utf8'),
  )
