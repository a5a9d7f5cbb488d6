import type { ByteSource } from '../../../formats/eml/byte-source.ts'
import type { MimePart } from '../../../formats/eml/index-parts.ts'
import { openContent, readRange } from '../../../formats/eml/open-content.ts'
import type { MessageHeader } from '../../../formats/eml/read-message-header.ts'
import { attachmentName } from '../../../formats/eml/read-parameters.ts'
import type { MapiAttachment } from '../../../formats/mapi/message.ts'
import { fileAttachment } from './mail-attachments.ts'

/** How a message is secured by S/MIME; null where it is not. */
export type Security = 'clear-signed' | 'opaque'

const opaqueTypes: ReadonlySet<string> = new Set(['application/pkcs7-mime', 'application/x-pkcs7-mime'])

/** [MS-OXOSMIME] §2.1.3.1 and §2.1.3.2: what the whole message is, not one of its parts. */
export const securityOf = (whole: MimePart): Security | null => {
  if (opaqueTypes.has(whole.mediaType)) return 'opaque'
  if (whole.mediaType === 'application/octet-stream' && /\.p7m$/i.test(attachmentName(whole.disposition, whole.type)))
    return 'opaque'
  const protocol = (whole.type.parameters.get('protocol') ?? '').toLowerCase()
  const isSigned = whole.mediaType === 'multipart/signed' && whole.children.length > 0
  return isSigned && /^application\/(x-)?pkcs7-signature$/.test(protocol) ? 'clear-signed' : null
}

/**
 * The one attachment of an S/MIME message: of an opaque one what is signed or encrypted, of a clear-signed one its whole content with
 * the Content-Type field before it, byte for byte.
 */
export const securedAttachment = (
  source: ByteSource,
  whole: MimePart,
  security: Security,
  header: MessageHeader,
  atMs: number,
): MapiAttachment => {
  if (security === 'opaque')
    return fileAttachment({
      name: attachmentName(whole.disposition, whole.type) || 'smime.p7m',
      mediaType: whole.mediaType,
      atMs,
      open: (signal) => openContent(source, whole.body, whole.encoding, signal),
    })
  const contentType = Buffer.from(`Content-Type:${header.first('content-type')}\r\n\r\n`, 'utf8')
  return fileAttachment({
    name: 'smime.p7m',
    mediaType: 'multipart/signed',
    atMs,
    async *open(signal) {
      yield contentType
      yield* readRange(source, whole.body, signal)
    },
  })
}
