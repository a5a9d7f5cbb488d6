import type { Projected } from '../../../formats/mapi/message.ts'
import { PidTagDisplayName } from '../../../formats/mapi/properties-recipient.ts'
import { readLongText } from '../../../formats/mime-dir/long-text.ts'
import { readParts, readText } from '../../../formats/vcf/card-lines.ts'
import { type Card, readCards } from '../../../formats/vcf/read-cards.ts'
import type { RawItem } from '../raw-item.ts'
import { alsoTell } from './also-tell.ts'
import { boundTexts } from './bound-texts.ts'
import { type CardReader, createCardReader } from './card-values.ts'
import { setAddresses } from './contact-addresses.ts'
import { setEmails } from './contact-emails.ts'
import { readContactNames } from './contact-names.ts'
import { setPerson } from './contact-person.ts'
import { setPhones } from './contact-phones.ts'
import { takePhoto } from './contact-photo.ts'
import { createKeepOriginal, type KeepOriginal } from './keep-original.ts'
import { createLosses } from './losses.ts'
import { createItem, createItemProperties } from './mapi-item.ts'
import { type FindMember, isGroup, projectGroup } from './project-group.ts'
import { readBeginning } from './whole-item.ts'

/** The card is in memory several times over while it is read; 10 MB is the usual limit of servers. */
const maxCardBytes = 16 * 1024 * 1024
const contactIcon = 0x200

const notesOf = (card: CardReader): string =>
  card
    .take('NOTE')
    .map(({ value }) => readLongText(value).trim())
    .join('\n\n')

const categoriesOf = (card: CardReader): string[] => [
  ...new Set(
    card
      .take('CATEGORIES')
      .flatMap(({ value }) => readParts(value, ','))
      .filter((category) => category !== ''),
  ),
]

const revisionOf = (card: Card): number | undefined => {
  const value = readText(card.properties.find(({ name }) => name === 'REV')?.value ?? '')
  const iso = value.replace(/^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))/, '$1-$2-$3T$4:$5:$6')
  const ms = Date.parse(iso)
  return Number.isNaN(ms) || ms < Date.UTC(1602) || ms > Date.UTC(4500) ? undefined : ms
}

const firstText = (card: Card, name: string): string =>
  readText(card.properties.find((property) => property.name === name)?.value ?? '')

/** One card as IPM.Contact ([MS-OXOCNTC] §2.2.1). */
const projectCard = (card: Card, keepOriginal: KeepOriginal): Projected => {
  const losses = createLosses()
  const reader = createCardReader(card)
  const names = readContactNames(reader, firstText(card, 'EMAIL').replace(/^mailto:/i, ''))
  const properties = createItemProperties({
    messageClass: 'IPM.Contact',
    iconIndex: contactIcon,
    subject: names.display,
    identity: `${firstText(card, 'UID')} ${names.display}`,
    body: notesOf(reader),
    categories: categoriesOf(reader),
    createdMs: revisionOf(card),
  }).set(PidTagDisplayName, names.display)
  names.apply(properties)
  setEmails(properties, reader, names.display, losses)
  setPhones(properties, reader, losses)
  setAddresses(properties, reader, losses)
  setPerson(properties, reader)
  const attachments = takePhoto(properties, reader, losses)
  if (!card.isWhole) losses.add('card_not_whole')
  reader.tellLost(losses)
  const message = createItem(properties, [], attachments)
  boundTexts(message, losses)
  return {
    message: losses.any ? createItem(properties, [], keepOriginal(attachments)) : message,
    degraded: losses.list(),
  }
}

const findNobody: FindMember = async () => null

/** What is no card at all, as a contact without a name that holds the file. */
const projectUnreadable = (keepOriginal: KeepOriginal): Projected => {
  const losses = createLosses()
  losses.add('no_card')
  const properties = createItemProperties({
    messageClass: 'IPM.Contact',
    iconIndex: contactIcon,
    subject: '',
    identity: '',
  })
  return { message: createItem(properties, [], keepOriginal([])), degraded: losses.list() }
}

/**
 * A vCard (2.1, 3.0, 4.0) as a contact of MAPI, a group as a distribution list: its members are looked up with `findMember`, as a group names
 * cards and a list holds addresses. Throws nothing but what `raw` and `findMember` throw and the reason of `signal`: what has no place in MAPI
 * stays in the card, which is attached then, and is told.
 */
export const projectContact = async (
  raw: RawItem,
  signal: AbortSignal,
  findMember: FindMember = findNobody,
): Promise<readonly Projected[]> => {
  const { cards, isWhole } = readCards(await readBeginning(raw, maxCardBytes, signal))
  const keepOriginal = createKeepOriginal('original.vcf', 'text/vcard', raw)
  const projected: Projected[] = []
  for (const card of cards) {
    projected.push(
      isGroup(card) ? await projectGroup(card, keepOriginal, findMember, signal) : projectCard(card, keepOriginal),
    )
  }
  if (projected.length === 0) return [projectUnreadable(keepOriginal)]
  const losses = createLosses()
  if (!isWhole) losses.add('card_not_whole')
  if (raw.sizeBytes > maxCardBytes) losses.add('object_too_large')
  return alsoTell(projected, losses, keepOriginal)
}
