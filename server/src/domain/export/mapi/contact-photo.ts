import type { MapiAttachment } from '../../../formats/mapi/message.ts'
import { PidTagAttachmentContactPhoto } from '../../../formats/mapi/properties-attachment.ts'
import { PidLidHasPicture } from '../../../formats/mapi/properties-contact.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import type { CardProperty } from '../../../formats/vcf/read-cards.ts'
import { readDataUri } from './calendar-attachments.ts'
import type { CardReader } from './card-values.ts'
import { bytesAttachment } from './file-attachment.ts'
import type { Losses } from './losses.ts'

/** Pictures Outlook can show, by their first bytes. */
const pictureTypes: readonly (readonly [mediaType: string, start: readonly number[]])[] = [
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/gif', [0x47, 0x49, 0x46]],
  ['image/bmp', [0x42, 0x4d]],
]

const bytesOf = ({ value, parameters, types }: CardProperty): Uint8Array | null => {
  const isInline = /^(?:b|base64)$/i.test(parameters.ENCODING ?? '') || types.has('base64') || types.has('b')
  if (isInline) return Buffer.from(value, 'base64')
  // Colon, semicolon and comma of the URI may be escaped by clients that take it for a text.
  return readDataUri(value.trim().replace(/\\([:;,])/g, '$1'))?.bytes ?? null
}

/** The photo of a contact as its attachment ([MS-OXOCNTC] §2.2.1.8): the first there is; one that lies on the web is told as lost. */
export const takePhoto = (properties: PropertyBag, card: CardReader, losses: Losses): MapiAttachment[] => {
  const [property, ...others] = card.take('PHOTO')
  for (const other of others) card.lose(other)
  if (property === undefined) return []
  const bytes = bytesOf(property)
  const type = bytes && pictureTypes.find(([, start]) => start.every((byte, at) => bytes[at] === byte))
  if (!bytes || !type) {
    card.lose(property)
    losses.add(bytes === null ? 'photo_elsewhere' : 'photo_unknown_type')
    return []
  }
  // Outlook looks for this name, whatever the type of the picture.
  const photo = bytesAttachment('ContactPicture.jpg', type[0], bytes)
  photo.properties.set(PidTagAttachmentContactPhoto, true)
  properties.set(PidLidHasPicture, true)
  return [photo]
}
