import {
  PidLidFileUnder,
  PidLidFileUnderId,
  PidLidYomiCompanyName,
  PidLidYomiFirstName,
  PidLidYomiLastName,
  PidTagCompanyName,
  PidTagDepartmentName,
  PidTagDisplayNamePrefix,
  PidTagGeneration,
  PidTagGivenName,
  PidTagInitials,
  PidTagMiddleName,
  PidTagNickname,
  PidTagProfession,
  PidTagSurname,
  PidTagTitle,
} from '../../../formats/mapi/properties-contact.ts'
import type { PropertyBag } from '../../../formats/mapi/property.ts'
import { readText } from '../../../formats/vcf/card-lines.ts'
import { type CardReader, joinList, partsOf } from './card-values.ts'

export const textOrAbsent = (text: string): string | undefined => (text === '' ? undefined : text)

const joined = (parts: readonly string[], mark: string): string => parts.filter((part) => part !== '').join(mark)

const fileUnderIds = { surnameFirst: 0x8017, company: 0x3a16, own: -1 } as const

export type ContactNames = {
  readonly display: string
  /** Sets them, once the properties are there to take them. */
  apply(properties: PropertyBag): void
}

/** Names and work of a card (RFC 6350 §6.2.1 to §6.2.3, §6.6). `fallback` is the name of a card that has none. */
export const readContactNames = (card: CardReader, fallback: string): ContactNames => {
  const [name, ...otherNames] = card.take('N')
  for (const other of otherNames) card.lose(other)
  const [surname = '', given = '', middle = '', prefix = '', suffix = '', ...more] = partsOf(name).map(joinList)
  // RFC 9554 §2.2 has more of them.
  if (name !== undefined && more.some((part) => part !== '')) card.lose(name)
  const formatted = card.text('FN')
  const nicknames = card.take('NICKNAME').map(({ value }) => readText(value))
  const [organization, ...otherOrganizations] = card.take('ORG')
  for (const other of otherOrganizations) card.lose(other)
  const [company = '', ...units] = partsOf(organization)
  const title = card.text('TITLE')
  const role = card.text('ROLE')
  const phonetic = {
    given: card.text('X-PHONETIC-FIRST-NAME'),
    surname: card.text('X-PHONETIC-LAST-NAME'),
    company: card.text('X-PHONETIC-ORG'),
  }
  const initials = card.text('X-INITIALS')
  const spoken = joined([prefix, given, middle, surname, suffix], ' ')
  const display = formatted || spoken || nicknames[0] || company || fallback
  const person = joined([surname, joined([given, middle], ' ')], ', ')
  const fileUnder =
    surname !== '' && given !== ''
      ? { text: person, id: fileUnderIds.surnameFirst }
      : person === '' && company !== ''
        ? { text: company, id: fileUnderIds.company }
        : { text: display, id: fileUnderIds.own }
  return {
    display,
    apply: (properties) =>
      void properties
        .set(PidTagSurname, textOrAbsent(surname))
        .set(PidTagGivenName, textOrAbsent(given))
        .set(PidTagMiddleName, textOrAbsent(middle))
        .set(PidTagDisplayNamePrefix, textOrAbsent(prefix))
        .set(PidTagGeneration, textOrAbsent(suffix))
        .set(PidTagInitials, textOrAbsent(initials))
        .set(PidTagNickname, textOrAbsent(joined(nicknames, ', ')))
        .set(PidTagCompanyName, textOrAbsent(company))
        .set(PidTagDepartmentName, textOrAbsent(joined(units, ', ')))
        .set(PidTagTitle, textOrAbsent(title))
        .set(PidTagProfession, textOrAbsent(role))
        .set(PidLidYomiFirstName, textOrAbsent(phonetic.given))
        .set(PidLidYomiLastName, textOrAbsent(phonetic.surname))
        .set(PidLidYomiCompanyName, textOrAbsent(phonetic.company))
        .set(PidLidFileUnder, fileUnder.text)
        .set(PidLidFileUnderId, fileUnder.id),
  }
}
