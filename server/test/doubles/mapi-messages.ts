import { Buffer } from 'node:buffer'
import type { MapiAttachment, MapiMessage } from '../../src/formats/mapi/message.ts'
import { PidTagAttachFilename, PidTagAttachLongFilename } from '../../src/formats/mapi/properties-attachment.ts'
import { PidTagBody, PidTagMessageClass, PidTagSubject } from '../../src/formats/mapi/properties-message.ts'
import {
  PidTagAddressType,
  PidTagDisplayName,
  PidTagEmailAddress,
  PidTagEntryId,
  PidTagRecipientType,
  PidTagSmtpAddress,
} from '../../src/formats/mapi/properties-recipient.ts'
import { createPropertyBag, type PropertyBag } from '../../src/formats/mapi/property.ts'

export const aRecipient = (name: string, type = 1): PropertyBag => {
  const address = `${name.toLowerCase().replaceAll(/[^a-z0-9]/g, '.')}@example.org`
  return createPropertyBag()
    .set(PidTagRecipientType, type)
    .set(PidTagDisplayName, name)
    .set(PidTagAddressType, 'SMTP')
    .set(PidTagEmailAddress, address)
    .set(PidTagSmtpAddress, address)
    .set(PidTagEntryId, Buffer.from(`one-off of ${address}`))
}

/** Bytes that tell their place, so that a shifted stream is another. */
export const patternBytes = (sizeBytes: number, seed = 0): Buffer =>
  Buffer.from(Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 31 + (at >> 8) * 7 + seed) & 0xff))

export const fileAttachment = (name: string, ...chunks: readonly Uint8Array[]): MapiAttachment => ({
  properties: createPropertyBag().set(PidTagAttachLongFilename, name).set(PidTagAttachFilename, name),
  content: {
    kind: 'bytes',
    async *open() {
      yield* chunks
    },
  },
})

export const messageAttachment = (message: MapiMessage): MapiAttachment => ({
  properties: createPropertyBag(),
  content: { kind: 'message', message },
})

export const aMessage = (parts: Partial<MapiMessage> = {}): MapiMessage => ({
  properties: createPropertyBag()
    .set(PidTagMessageClass, 'IPM.Note')
    .set(PidTagSubject, 'A message')
    .set(PidTagBody, 'Good morning'),
  recipients: [aRecipient('Bob Example')],
  attachments: [],
  ...parts,
})
