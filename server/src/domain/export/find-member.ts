import { Buffer } from 'node:buffer'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { Archive, PlacedItem } from '../archive/read-archive.ts'
import { type FindMember, type GroupMember, membersOf } from './mapi/project-group.ts'

/** UIDs beyond that are not looked up: an address book is smaller, and each costs some hundred bytes. */
const maxCards = 100_000
/** Name and address stand before a photo in what clients write; a larger card is not read for its address. */
const maxCardBytes = 8 << 20
/** Read at most to find a UID that is not the first of its object: more is no address book. */
const maxBytesRead = 512 << 20

/** A UID as a card and a group write it: one of both may have it as a URN (RFC 6350 §6.7.6), and hexadecimal digits in any case. */
const keyOf = (uid: string): string => uid.replace(/^urn:uuid:/i, '').toLowerCase()

/** Where the cards lie, by the UID of the first card of each object; of several with one UID the first. */
const listCards = async (archive: Archive, signal: AbortSignal): Promise<Map<string, PlacedItem>> => {
  const cards = new Map<string, PlacedItem>()
  for await (const item of contactsOf(archive, signal)) {
    const { objectUid } = item.record
    if (objectUid !== undefined && !cards.has(keyOf(objectUid))) cards.set(keyOf(objectUid), item)
    if (cards.size === maxCards) break
  }
  return cards
}

async function* contactsOf(archive: Archive, signal: AbortSignal): AsyncGenerator<PlacedItem> {
  let left = archive.manifest.folders.reduce((sum, { kind, taken }) => sum + (kind === 'contact' ? taken : 0), 0)
  if (left === 0) return
  for await (const { record, place } of archive.items(signal)) {
    signal.throwIfAborted()
    if (record.kind !== 'contact') continue
    if (place !== null) yield { record, place }
    left--
    if (left === 0) return
  }
}

/** None of an object that is damaged or too large. */
const readMembers = async (archive: Archive, item: PlacedItem, signal: AbortSignal) => {
  if (item.record.sizeBytes > maxCardBytes) return []
  const parts: Uint8Array[] = []
  try {
    for await (const chunk of archive.openItem(item, signal)) parts.push(chunk)
  } catch (error) {
    if (!isAppError(error, 'archive_invalid')) throw error
    return []
  }
  return membersOf(Buffer.concat(parts))
}

/** What no list tells: the cards behind the first of an object, by their UID. Reads all of them. */
const listLaterCards = async (archive: Archive, signal: AbortSignal): Promise<Map<string, GroupMember | null>> => {
  const found = new Map<string, GroupMember | null>()
  let bytesLeft = maxBytesRead
  for await (const item of contactsOf(archive, signal)) {
    bytesLeft -= item.record.sizeBytes
    if (bytesLeft < 0) break
    for (const { uid, member } of (await readMembers(archive, item, signal)).slice(1)) {
      if (found.size === maxCards) return found
      if (uid !== '' && !found.has(keyOf(uid))) found.set(keyOf(uid), member)
    }
  }
  return found
}

/**
 * Finds members of groups among the cards of an archive, whether they come before or behind the group, and whether or not their folder is asked
 * for. The list of the archive is read again when the first is looked for, and each card that is a member once; all of them once where a UID is
 * not that of the first card of its object.
 */
export const createMemberFinder = (archive: Archive, signal: AbortSignal): FindMember => {
  let listing: Promise<Map<string, PlacedItem>> | null = null
  let laterListing: Promise<Map<string, GroupMember | null>> | null = null
  const known = new Map<string, GroupMember | null>()
  const find = async (key: string): Promise<GroupMember | null> => {
    listing ??= listCards(archive, signal)
    const item = (await listing).get(key)
    if (item !== undefined) {
      const members = await readMembers(archive, item, signal)
      return (members.find(({ uid }) => keyOf(uid) === key) ?? members[0])?.member ?? null
    }
    laterListing ??= listLaterCards(archive, signal)
    return (await laterListing).get(key) ?? null
  }
  return async (uid) => {
    const key = keyOf(uid)
    const before = known.get(key)
    if (before !== undefined) return before
    const member = await find(key)
    if (known.size >= maxCards) known.clear()
    known.set(key, member)
    return member
  }
}
