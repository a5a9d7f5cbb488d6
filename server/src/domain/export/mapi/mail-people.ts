import { type Mailbox, readMailboxes } from '../../../formats/eml/read-addresses.ts'
import type { MessageHeader } from '../../../formats/eml/read-message-header.ts'
import { addressSearchKey, flatEntryList, oneOffEntryId } from '../../../formats/mapi/one-off-address.ts'
import * as p from '../../../formats/mapi/properties-message.ts'
import * as r from '../../../formats/mapi/properties-recipient.ts'
import { createPropertyBag, type PropertyBag } from '../../../formats/mapi/property.ts'
import type { MailReport } from './mail-report.ts'

export const maxRecipients = 10_000
const maxDisplayLength = 32_000
const maxReplyTo = 100
/** Names and addresses longer than that are none; a property row has to hold them. */
const maxNameLength = 1_000

const people = (header: MessageHeader, name: string): Mailbox[] =>
  header.all(name).flatMap((value) =>
    readMailboxes(value).map(({ name, address }) => ({
      name: name.slice(0, maxNameLength),
      address: address.slice(0, maxNameLength),
    })),
  )

const setRepresented = (bag: PropertyBag, { name, address }: Mailbox) =>
  bag
    .set(p.PidTagSentRepresentingName, name)
    .set(p.PidTagSentRepresentingAddressType, 'SMTP')
    .set(p.PidTagSentRepresentingEmailAddress, address)
    .set(p.PidTagSentRepresentingSmtpAddress, address)
    .set(p.PidTagSentRepresentingEntryId, oneOffEntryId({ name, address }))
    .set(p.PidTagSentRepresentingSearchKey, addressSearchKey(address))

const setSender = (bag: PropertyBag, { name, address }: Mailbox) =>
  bag
    .set(p.PidTagSenderName, name)
    .set(p.PidTagSenderAddressType, 'SMTP')
    .set(p.PidTagSenderEmailAddress, address)
    .set(p.PidTagSenderSmtpAddress, address)
    .set(p.PidTagSenderEntryId, oneOffEntryId({ name, address }))
    .set(p.PidTagSenderSearchKey, addressSearchKey(address))

/** From is whom the message is of, Sender who sent it; each stands in for the other ([MS-OXCMAIL] §2.2.3.2.3 and §2.2.3.2.4). */
export const projectAuthors = (header: MessageHeader, bag: PropertyBag, report: MailReport): void => {
  const authors = people(header, 'from')
  const sender = people(header, 'sender')[0] ?? authors[0]
  const author = authors[0] ?? sender
  if (authors.length > 1) report.note('several_authors')
  if (author !== undefined) setRepresented(bag, author)
  if (sender !== undefined) setSender(bag, sender)
  const replyTo = people(header, 'reply-to').slice(0, maxReplyTo)
  if (replyTo.length === 0) return
  bag
    .set(p.PidTagReplyRecipientEntries, flatEntryList(replyTo.map(oneOffEntryId)))
    .set(p.PidTagReplyRecipientNames, replyTo.map(({ name }) => name).join('; '))
}

const recipientBag = (type: number, { name, address }: Mailbox): PropertyBag => {
  const entryId = oneOffEntryId({ name, address })
  return createPropertyBag()
    .set(r.PidTagRecipientType, type)
    .set(r.PidTagDisplayName, name)
    .set(r.PidTagAddressType, 'SMTP')
    .set(r.PidTagEmailAddress, address)
    .set(r.PidTagSmtpAddress, address)
    .set(r.PidTagEntryId, entryId)
    .set(r.PidTagRecordKey, entryId)
    .set(p.PidTagSearchKey, addressSearchKey(address))
    .set(r.PidTagObjectType, 6)
    .set(r.PidTagDisplayType, 0)
    .set(r.PidTagAddressBookDisplayNamePrintable, name)
    .set(r.PidTagSendRichInfo, false)
    .set(r.PidTagResponsibility, false)
    .set(r.PidTagRecipientDisplayName, name)
    .set(r.PidTagRecipientEntryId, entryId)
    .set(r.PidTagRecipientFlags, 1)
    .set(r.PidTagRecipientTrackStatus, 0)
}

const kinds = [
  ['to', r.recipientTypes.to, p.PidTagDisplayTo],
  ['cc', r.recipientTypes.cc, p.PidTagDisplayCc],
  ['bcc', r.recipientTypes.bcc, p.PidTagDisplayBcc],
] as const

/** To, Cc and Bcc as recipients, and as the lists of names that a folder shows. */
export const projectRecipients = (header: MessageHeader, bag: PropertyBag, report: MailReport): PropertyBag[] => {
  const recipients: PropertyBag[] = []
  for (const [name, type, display] of kinds) {
    const all = people(header, name)
    const kept = all.slice(0, maxRecipients - recipients.length)
    if (kept.length < all.length) report.noteLoss('recipients_cut_off')
    if (kept.length === 0) continue
    bag.set(
      display,
      kept
        .map((person) => person.name)
        .join('; ')
        .slice(0, maxDisplayLength),
    )
    for (const person of kept) recipients.push(recipientBag(type, person))
  }
  return recipients
}
