import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { MapiAttachment, MapiMessage } from '../mapi/message.ts'
import * as attached from '../mapi/properties-attachment.ts'
import * as sent from '../mapi/properties-message.ts'
import * as received from '../mapi/properties-recipient.ts'
import { createPropertyBag, type PropertyBag } from '../mapi/property.ts'

// What stands in every MSG file that Outlook writes. Defaults give way to the properties of the object, what is computed does not.

/** Above all that strings are Unicode: bit 0x00040000 ([MS-OXMSG] §2.1.1.1). */
const storeSupportMask = 0x00040e79
const utf8 = 65001
const englishUnitedStates = 1033
const normalImportance = 1
const originalPosition = -1
const objectTypes = { recipient: 6, attachment: 7 } as const

const keyOf = (index: number): Uint8Array => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(index)
  return bytes
}

const namesOf = (recipients: readonly PropertyBag[], type: number): string =>
  recipients
    .filter((recipient) => recipient.get(received.PidTagRecipientType) === type)
    .map((recipient) => recipient.get(received.PidTagDisplayName) || recipient.get(received.PidTagEmailAddress) || '')
    .filter((name) => name !== '')
    .join('; ')

/** The same message always gets the same key. */
const searchKeyOf = (properties: PropertyBag): Uint8Array => {
  const facts = [
    sent.PidTagMessageClass,
    sent.PidTagInternetMessageId,
    sent.PidTagSubject,
    sent.PidTagClientSubmitTime,
    sent.PidTagMessageDeliveryTime,
  ].map((property) => properties.get(property) ?? null)
  return createHash('md5').update(JSON.stringify(facts)).digest()
}

export const messageDefaults = ({ properties, recipients }: MapiMessage): PropertyBag => {
  const subject = properties.get(sent.PidTagSubject) ?? ''
  const prefix = properties.get(sent.PidTagSubjectPrefix) ?? ''
  const withoutPrefix = subject.startsWith(prefix) ? subject.slice(prefix.length) : subject
  const deliveredAt = properties.get(sent.PidTagMessageDeliveryTime) ?? properties.get(sent.PidTagClientSubmitTime)
  const createdAt =
    properties.get(sent.PidTagCreationTime) ?? deliveredAt ?? properties.get(sent.PidTagLastModificationTime) ?? 0
  return createPropertyBag()
    .set(sent.PidTagImportance, normalImportance)
    .set(sent.PidTagSubject, subject)
    .set(sent.PidTagSubjectPrefix, prefix)
    .set(sent.PidTagNormalizedSubject, withoutPrefix)
    .set(sent.PidTagConversationTopic, properties.get(sent.PidTagNormalizedSubject) ?? withoutPrefix)
    .set(sent.PidTagDisplayTo, namesOf(recipients, received.recipientTypes.to))
    .set(sent.PidTagDisplayCc, namesOf(recipients, received.recipientTypes.cc))
    .set(sent.PidTagDisplayBcc, namesOf(recipients, received.recipientTypes.bcc))
    .set(sent.PidTagMessageDeliveryTime, deliveredAt ?? createdAt)
    .set(sent.PidTagCreationTime, createdAt)
    .set(sent.PidTagLastModificationTime, createdAt)
    .set(sent.PidTagSearchKey, properties.get(sent.PidTagSearchKey) ?? searchKeyOf(properties))
    .set(sent.PidTagInternetCodepage, utf8)
    .set(sent.PidTagMessageCodepage, utf8)
    .set(sent.PidTagMessageLocaleId, englishUnitedStates)
}

export const messageComputed = ({ properties, attachments }: MapiMessage): PropertyBag => {
  const { read, hasAttachment } = sent.messageFlags
  const hasVisible = attachments.some((one) => one.properties.get(attached.PidTagAttachmentHidden) !== true)
  const flags = (properties.get(sent.PidTagMessageFlags) ?? read) & ~hasAttachment
  return createPropertyBag()
    .set(sent.PidTagMessageFlags, flags | (hasVisible ? hasAttachment : 0))
    .set(sent.PidTagHasAttachments, hasVisible)
    .set(sent.PidTagStoreSupportMask, storeSupportMask)
}

export const recipientDefaults = (): PropertyBag =>
  createPropertyBag()
    .set(received.PidTagRecipientType, received.recipientTypes.to)
    .set(received.PidTagDisplayType, 0)
    .set(received.PidTagObjectType, objectTypes.recipient)

export const recipientComputed = (index: number): PropertyBag =>
  createPropertyBag().set(received.PidTagRowid, index).set(received.PidTagInstanceKey, keyOf(index))

export const attachmentDefaults = ({ content }: MapiAttachment): PropertyBag => {
  const innerSubject = content.kind === 'message' ? content.message.properties.get(sent.PidTagSubject) : undefined
  return createPropertyBag()
    .set(received.PidTagDisplayName, innerSubject)
    .set(attached.PidTagRenderingPosition, originalPosition)
    .set(attached.PidTagAttachFlags, 0)
    .set(attached.PidTagAttachmentLinkId, 0)
    .set(attached.PidTagExceptionStartTime, attached.noExceptionTimeMs)
    .set(attached.PidTagExceptionEndTime, attached.noExceptionTimeMs)
    .set(attached.PidTagAttachmentFlags, 0)
    .set(attached.PidTagAttachmentHidden, false)
    .set(attached.PidTagAttachmentContactPhoto, false)
}

export const attachmentComputed = ({ content }: MapiAttachment, index: number): PropertyBag => {
  const { byValue, embeddedMessage } = attached.attachMethods
  return createPropertyBag()
    .set(attached.PidTagAttachNumber, index)
    .set(attached.PidTagAttachMethod, content.kind === 'bytes' ? byValue : embeddedMessage)
    .set(received.PidTagRecordKey, keyOf(index))
    .set(received.PidTagObjectType, objectTypes.attachment)
    .set(sent.PidTagStoreSupportMask, storeSupportMask)
}
