import type { MapiAttachment } from '../../../formats/mapi/message.ts'
import type { RawItem } from '../raw-item.ts'
import { fileAttachment } from './mail-attachments.ts'
import { piecesOf } from './whole-item.ts'

/** Until `createItem` gives it the time of its item. */
const atMs = 0

/** A file in memory as an attachment. */
export const bytesAttachment = (name: string, mediaType: string, bytes: Uint8Array): MapiAttachment =>
  fileAttachment({
    name,
    mediaType,
    atMs,
    open: async function* () {
      yield bytes
    },
  })

/** The item itself as an attachment, byte for byte. */
export const originalAttachment = (name: string, mediaType: string, raw: RawItem): MapiAttachment =>
  fileAttachment({ name, mediaType, atMs, open: (signal) => piecesOf(raw, signal) })

/** An address on the web as the small file that opens it. */
export const linkAttachment = (name: string, uri: string): MapiAttachment =>
  bytesAttachment(
    `${name}.url`,
    'application/internet-shortcut',
    Buffer.from(`[InternetShortcut]\r\nURL=${uri.replace(/[\r\n]/g, '')}\r\n`, 'utf8'),
  )
