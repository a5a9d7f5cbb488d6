import { oneOffEntryId } from '../../../formats/mapi/one-off-address.ts'
import {
  emailSlots,
  PidLidAddressBookProviderArrayType,
  PidLidAddressBookProviderEmailList,
} from '../../../formats/mapi/properties-contact.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { readText } from '../../../formats/vcf/card-lines.ts'
import type { CardReader } from './card-values.ts'
import type { Losses } from './losses.ts'

/** Up to three e-mail addresses, the preferred first ([MS-OXOCNTC] §2.2.1.2). The others stay in the card. */
export const setEmails = (properties: PropertyBag, card: CardReader, display: string, losses: Losses): void => {
  const emails = card.take('EMAIL').map(({ value }) => readText(value).replace(/^mailto:/i, ''))
  const distinct = [...new Set(emails.filter((address) => address !== ''))]
  const used = distinct.slice(0, emailSlots.length)
  for (const [at, address] of used.entries()) {
    const slot = emailSlots[at]!
    properties
      .set(slot.displayName, display === '' || display === address ? address : `${display} (${address})`)
      .set(slot.addressType, 'SMTP')
      .set(slot.address, address)
      .set(slot.originalDisplayName, address)
      .set(slot.originalEntryId, oneOffEntryId({ name: address, address }))
  }
  if (used.length > 0) {
    properties
      .set(PidLidAddressBookProviderEmailList, [...used.keys()])
      .set(PidLidAddressBookProviderArrayType, 2 ** used.length - 1)
  }
  if (distinct.length > used.length) losses.add('emails_left_out', `${distinct.length - used.length}`)
}
