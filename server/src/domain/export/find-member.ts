import { Buffer } from 'node:buffer'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { Archive, PlacedItem } from '../archive/read-archive.ts'
import { type FindMember, type GroupMember, memberOf } from './mapi/project-group.ts'

/** UIDs beyond that are not looked up: an address book is smaller, and each costs some hundred bytes. */
const maxCards = 100_000
/** Name and address stand before a photo in what clients write; a larger card is not read for its address. */
const maxCardBytes = 8 << 20

/** A UID as a card and a group write it: one of both may have it as a URN (RFC 6350 §6.7.6), and hexadecimal digits in any case. */
const keyOf = (uid: string): string => uid.replace(/^urn:uuid:/i, '').toLowerCase()

/** Where the cards lie, by their UID; of several with one UID the first. */
const listCards = async (
  archive: Archive,
  signal: AbortSignal,
): Promise<Map<string, PlacedItem | GroupMember | null>> => {
  const cards = new Map<string, PlacedItem>()
  let left = archive.manifest.folders.reduce((sum, { kind, taken }) => sum + (kind === 'contact' ? taken : 0), 0)
  if (left === 0) return cards
  for await (const item of archive.items(signal)) {
    signal.throwIfAborted()
    const { record, place } = item
    if (record.kind !== 'contact') continue
    const key = record.objectUid === undefined ? undefined : keyOf(record.objectUid)
    if (key !== undefined && place !== null && !cards.has(key)) cards.set(key, { record, place })
    left--
    if (left === 0 || cards.size === maxCards) break
  }
  return cards
}

/** Null for a card that is damaged or too large, as for one without an address. */
const readMember = async (archive: Archive, item: PlacedItem, signal: AbortSignal): Promise<GroupMember | null> => {
  if (item.record.sizeBytes > maxCardBytes) return null
  const parts: Uint8Array[] = []
  try {
    for await (const chunk of archive.openItem(item, signal)) parts.push(chunk)
  } catch (error) {
    if (!isAppError(error, 'archive_invalid')) throw error
    return null
  }
  return memberOf(Buffer.concat(parts))
}

/**
 * Finds members of groups among the cards of an archive, whether they come before or behind the group, and whether or not their folder is asked
 * for. The list of the archive is read again when the first is looked for, and each card that is a member once.
 */
export const createMemberFinder = (archive: Archive, signal: AbortSignal): FindMember => {
  let listing: ReturnType<typeof listCards> | null = null
  return async (uid) => {
    listing ??= listCards(archive, signal)
    const cards = await listing
    const found = cards.get(keyOf(uid)) ?? null
    if (found === null || !('record' in found)) return found
    const member = await readMember(archive, found, signal)
    cards.set(keyOf(uid), member)
    return member
  }
}
