import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import type { MapiAttachment, MapiMessage } from '../../src/formats/mapi/message.ts'
import { createPropertyBag, named, propertySets, tagged } from '../../src/formats/mapi/property.ts'

/** A mailbox as the tests think of it, and as they get it back from each reader. */
export type Person = { readonly name: string; readonly address: string }
export type Recipient = Person & { readonly type: 1 | 2 | 3 }
export type Attached =
  | { readonly name: string; readonly bytes: Uint8Array; readonly contentId?: string; readonly isHidden?: boolean }
  | { readonly name: string; readonly mail: Mail }
export type Mail = {
  readonly messageClass?: string
  readonly subject: string
  readonly sender: Person
  readonly recipients: readonly Recipient[]
  readonly submittedAtMs: number
  readonly isRead: boolean
  readonly body?: string
  readonly html?: string
  readonly headers?: string
  readonly categories?: readonly string[]
  readonly attachments: readonly Attached[]
}
export type MailFolder = {
  readonly path: readonly string[]
  readonly containerClass: string
  readonly mails: readonly Mail[]
}

export const properties = {
  messageClass: tagged('PidTagMessageClass', 0x001a, 'string'),
  subject: tagged('PidTagSubject', 0x0037, 'string'),
  clientSubmitTime: tagged('PidTagClientSubmitTime', 0x0039, 'time'),
  representingName: tagged('PidTagSentRepresentingName', 0x0042, 'string'),
  transportHeaders: tagged('PidTagTransportMessageHeaders', 0x007d, 'string'),
  recipientType: tagged('PidTagRecipientType', 0x0c15, 'int32'),
  senderName: tagged('PidTagSenderName', 0x0c1a, 'string'),
  senderAddressType: tagged('PidTagSenderAddressType', 0x0c1e, 'string'),
  senderAddress: tagged('PidTagSenderEmailAddress', 0x0c1f, 'string'),
  deliveryTime: tagged('PidTagMessageDeliveryTime', 0x0e06, 'time'),
  messageFlags: tagged('PidTagMessageFlags', 0x0e07, 'int32'),
  body: tagged('PidTagBody', 0x1000, 'string'),
  html: tagged('PidTagHtml', 0x1013, 'binary'),
  codePage: tagged('PidTagInternetCodepage', 0x3fde, 'int32'),
  displayName: tagged('PidTagDisplayName', 0x3001, 'string'),
  addressType: tagged('PidTagAddressType', 0x3002, 'string'),
  emailAddress: tagged('PidTagEmailAddress', 0x3003, 'string'),
  creationTime: tagged('PidTagCreationTime', 0x3007, 'time'),
  modificationTime: tagged('PidTagLastModificationTime', 0x3008, 'time'),
  longFilename: tagged('PidTagAttachLongFilename', 0x3707, 'string'),
  filename: tagged('PidTagAttachFilename', 0x3704, 'string'),
  mimeTag: tagged('PidTagAttachMimeTag', 0x370e, 'string'),
  contentId: tagged('PidTagAttachContentId', 0x3712, 'string'),
  hidden: tagged('PidTagAttachmentHidden', 0x7ffe, 'boolean'),
  smtpAddress: tagged('PidTagSmtpAddress', 0x39fe, 'string'),
  keywords: named('PidNameKeywords', propertySets.publicStrings, 'Keywords', 'strings'),
  wholeStart: named('PidLidAppointmentStartWhole', propertySets.appointment, 0x820d, 'time'),
} as const

const mapiAttachment = (attached: Attached): MapiAttachment => {
  const bag = createPropertyBag()
    .set(properties.displayName, attached.name)
    .set(properties.filename, attached.name)
    .set(properties.longFilename, attached.name)
  if ('mail' in attached) return { properties: bag, content: { kind: 'message', message: mapiMessage(attached.mail) } }
  bag.set(properties.mimeTag, 'application/octet-stream')
  bag.set(properties.contentId, attached.contentId)
  bag.set(properties.hidden, attached.isHidden)
  const { bytes } = attached
  // Uneven pieces, as a decoder gives them.
  const open = async function* () {
    for (let start = 0; start < bytes.length; start += 10_007) yield bytes.subarray(start, start + 10_007)
  }
  return { properties: bag, content: { kind: 'bytes', open } }
}

export const mapiMessage = (mail: Mail): MapiMessage => ({
  properties: createPropertyBag()
    .set(properties.messageClass, mail.messageClass ?? 'IPM.Note')
    .set(properties.subject, mail.subject)
    .set(properties.clientSubmitTime, mail.submittedAtMs)
    .set(properties.deliveryTime, mail.submittedAtMs)
    .set(properties.creationTime, mail.submittedAtMs)
    .set(properties.modificationTime, mail.submittedAtMs)
    .set(properties.representingName, mail.sender.name)
    .set(properties.senderName, mail.sender.name)
    .set(properties.senderAddressType, 'SMTP')
    .set(properties.senderAddress, mail.sender.address)
    .set(properties.messageFlags, mail.isRead ? 1 : 0)
    .set(properties.body, mail.body)
    .set(properties.html, mail.html === undefined ? undefined : Buffer.from(mail.html))
    .set(properties.codePage, mail.html === undefined ? undefined : 65_001)
    .set(properties.transportHeaders, mail.headers)
    .set(properties.keywords, mail.categories),
  recipients: mail.recipients.map(({ type, name, address }) =>
    createPropertyBag()
      .set(properties.recipientType, type)
      .set(properties.displayName, name)
      .set(properties.addressType, 'SMTP')
      .set(properties.emailAddress, address)
      .set(properties.smtpAddress, address),
  ),
  attachments: mail.attachments.map(mapiAttachment),
})

/** What two readings of a mail have to have in common. Contents are told by their hash. */
export type MailFacts = {
  readonly messageClass: string
  readonly subject: string
  readonly sender: Person
  readonly recipients: readonly Recipient[]
  readonly submittedAtMs: number
  readonly isRead: boolean
  readonly body: string
  readonly html: string
  readonly headers: string
  readonly attachments: readonly { readonly name: string; readonly content: string | MailFacts }[]
}
export type FolderFacts = {
  readonly path: string
  readonly containerClass: string
  readonly itemCount: number
  readonly unreadCount: number
  readonly mails: readonly MailFacts[]
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const mailFacts = (mail: Mail): MailFacts => ({
  messageClass: mail.messageClass ?? 'IPM.Note',
  subject: mail.subject,
  sender: mail.sender,
  recipients: mail.recipients,
  submittedAtMs: mail.submittedAtMs,
  isRead: mail.isRead,
  body: mail.body ?? '',
  html: mail.html ?? '',
  headers: mail.headers ?? '',
  attachments: mail.attachments.map((attached) => ({
    name: attached.name,
    content: 'mail' in attached ? mailFacts(attached.mail) : hashOf(attached.bytes),
  })),
})

export const folderFacts = (folders: readonly MailFolder[]): readonly FolderFacts[] =>
  folders
    .map(({ path, containerClass, mails }) => ({
      path: path.join('/'),
      containerClass,
      itemCount: mails.length,
      unreadCount: mails.filter(({ isRead }) => !isRead).length,
      mails: mails.map(mailFacts),
    }))
    .sort(byPath)

export const byPath = (one: { readonly path: string }, other: { readonly path: string }): number =>
  one.path < other.path ? -1 : one.path > other.path ? 1 : 0
