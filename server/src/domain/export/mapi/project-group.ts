import type { Projected } from '../../../formats/mapi/message.ts'
import { oneOffEntryId } from '../../../formats/mapi/one-off-address.ts'
import {
  PidLidDistributionListMembers,
  PidLidDistributionListName,
  PidLidDistributionListOneOffMembers,
  PidLidFileUnder,
} from '../../../formats/mapi/properties-contact.ts'
import { PidTagDisplayName } from '../../../formats/mapi/properties-recipient.ts'
import { readLongText } from '../../../formats/mime-dir/long-text.ts'
import { readText } from '../../../formats/vcf/card-lines.ts'
import { type Card, readCards } from '../../../formats/vcf/read-cards.ts'
import { boundTexts } from './bound-texts.ts'
import { createCardReader, joinList, partsOf } from './card-values.ts'
import type { KeepOriginal } from './keep-original.ts'
import { createLosses } from './losses.ts'
import { createItem, createItemProperties } from './mapi-item.ts'

export type GroupMember = { readonly name: string; readonly address: string }

/** Finds the member of a group by the UID of its card; null where there is none, or it has no e-mail address. */
export type FindMember = (uid: string) => Promise<GroupMember | null>

const listIcon = 0x202
const maxMembers = 10_000
/** All members of a list fit into a property of 15 kB each by [MS-OXOCNTC] §2.2.2.2.1; more make it unreadable to Outlook. */
const maxListBytes = 15_000

const firstText = ({ properties }: Card, name: string): string =>
  readText(properties.find((property) => property.name === name)?.value ?? '')

/** The name and first address of each card of an object with its UID, for the groups that name it. */
export const membersOf = (bytes: Uint8Array): { readonly uid: string; readonly member: GroupMember | null }[] =>
  readCards(bytes).cards.map((card) => {
    const address = firstText(card, 'EMAIL').replace(/^mailto:/i, '')
    return {
      uid: firstText(card, 'UID'),
      member: address === '' ? null : { name: firstText(card, 'FN') || address, address },
    }
  })

const resolve = async (value: string, findMember: FindMember): Promise<GroupMember | null> => {
  const uri = readText(value)
  const mail = /^mailto:([^?]*)/i.exec(uri)?.[1]
  if (mail === undefined) return findMember(uri.replace(/^urn:uuid:/i, ''))
  let address = mail
  try {
    address = decodeURIComponent(mail)
  } catch {
    // A percent sign that is none of an escape stays as it is.
  }
  return { name: address, address }
}

export const isGroup = (card: Card): boolean =>
  card.properties.some(
    ({ name, value }) =>
      (name === 'KIND' || name === 'X-ADDRESSBOOKSERVER-KIND') && readText(value).toLowerCase() === 'group',
  )

/** KIND:group (RFC 6350 §6.1.4) and what Apple had before it, as a personal distribution list ([MS-OXOCNTC] §2.2.2). */
export const projectGroup = async (
  card: Card,
  keepOriginal: KeepOriginal,
  findMember: FindMember,
  signal: AbortSignal,
): Promise<Projected> => {
  const losses = createLosses()
  const reader = createCardReader(card)
  const formatted = reader.text('FN')
  const [stated, ...otherNames] = reader.take('N')
  const spoken = joinList(partsOf(stated).join(','))
  const name = formatted || spoken
  // Clients put the name of a group into both.
  if (stated !== undefined && spoken !== name) reader.lose(stated)
  for (const other of otherNames) reader.lose(other)
  const named = reader.take('MEMBER', 'X-ADDRESSBOOKSERVER-MEMBER')
  const members: Uint8Array[] = []
  let size = 0
  let leftOut = 0
  for (const [no, { value }] of named.entries()) {
    signal.throwIfAborted()
    const member = no < maxMembers ? await resolve(value, findMember) : null
    const entryId = member && oneOffEntryId(member)
    if (entryId === null || size + entryId.length > maxListBytes) {
      leftOut++
      continue
    }
    size += entryId.length
    members.push(entryId)
  }
  if (leftOut > 0) losses.add('members_left_out', `${leftOut}`)
  const properties = createItemProperties({
    messageClass: 'IPM.DistList',
    iconIndex: listIcon,
    subject: name,
    identity: `${firstText(card, 'UID')} ${name}`,
    body: reader
      .take('NOTE')
      .map(({ value }) => readLongText(value).trim())
      .join('\n\n'),
  })
    .set(PidTagDisplayName, name)
    .set(PidLidFileUnder, name)
    .set(PidLidDistributionListName, name)
    .set(PidLidDistributionListMembers, members)
    .set(PidLidDistributionListOneOffMembers, members)
  if (!card.isWhole) losses.add('card_not_whole')
  reader.tellLost(losses)
  boundTexts(createItem(properties, [], []), losses)
  return { message: createItem(properties, [], losses.any ? keepOriginal([]) : []), degraded: losses.list() }
}
