import type { FolderListing, ItemIssue, ListedItem, SourceFolder } from '../../ports/source.ts'
import { examine } from './examine.ts'
import { parseInternalDate } from './fetch-attributes.ts'
import { againstProtocol, busy, isPassing } from './imap-errors.ts'
import type { ImapSession } from './session.ts'
import { toSequenceSets } from './uid-set.ts'

/** A server that hides more than this from its own count is not to be believed at all. */
const maxUnlisted = 100_000
const walkAtOnce = 500
const maxRestarts = 3

type Found = { readonly items: ListedItem[]; readonly seen: Uint8Array; seenCount: number; hasMoved: boolean }

/** Asks for a set of sequence numbers and keeps what comes, each number and each UID once. */
const fetchFacts = async (session: ImapSession, set: string, exists: number, found: Found, uids: Set<number>) => {
  const completion = await session.command([`FETCH ${set} (UID INTERNALDATE RFC822.SIZE)`], {
    untagged: (keyword) => {
      // No server may send these here (RFC 3501 §7.4.1); if one does, sequence numbers mean nothing any more.
      if (keyword === 'EXPUNGE' || keyword === 'VANISHED') found.hasMoved = true
    },
    fetch: {
      complete: (number, { uid, internalDate, sizeBytes }) => {
        if (uid === undefined || number < 1 || number > exists || found.seen[number] === 1 || uids.has(uid)) return
        found.seen[number] = 1
        found.seenCount++
        uids.add(uid)
        found.items.push({
          ref: uid,
          sizeBytes: sizeBytes ?? null,
          receivedAtMs: internalDate === undefined ? null : parseInternalDate(internalDate),
        })
      },
    },
  })
  if (completion.status === 'NO' && completion.code !== null && isPassing(completion.code, completion.words))
    throw busy(session.peer, completion.words)
}

const missingNumbers = ({ seen }: Found): number[] => {
  const missing: number[] = []
  for (let number = 1; number < seen.length; number++) if (seen[number] === 0) missing.push(number)
  return missing
}

/** Walks by sequence number: some servers cap what SEARCH and large answers hold, silently. */
const walk = async (session: ImapSession, exists: number): Promise<Found> => {
  const found: Found = { items: [], seen: new Uint8Array(exists + 1), seenCount: 0, hasMoved: false }
  const uids = new Set<number>()
  if (exists === 0) return found
  await fetchFacts(session, exists === 1 ? '1' : `1:${exists}`, exists, found, uids)
  while (found.seenCount < exists && !found.hasMoved) {
    const before = found.seenCount
    const missing = missingNumbers(found)
    for (let i = 0; i < missing.length; i += walkAtOnce)
      for (const { set } of toSequenceSets(missing.slice(i, i + walkAtOnce)))
        await fetchFacts(session, set, exists, found, uids)
    if (found.seenCount > before) continue
    if (missing.length > maxUnlisted)
      throw againstProtocol(session.peer, `it counts ${exists} messages in a folder and lists ${before}`)
    // Alone, each may come yet: one that cannot be described can keep its neighbours from being answered.
    if (missing.length <= walkAtOnce)
      for (const number of missing) await fetchFacts(session, String(number), exists, found, uids)
    if (found.seenCount === before) break
  }
  return found
}

/** Every message of a folder with size and INTERNALDATE, checked against EXISTS. */
export const listMessages = async (session: ImapSession, folder: SourceFolder): Promise<FolderListing> => {
  for (let attempt = 0; ; attempt++) {
    const opened = await examine(session, folder)
    if ('unreadable' in opened) {
      const issue: ItemIssue = { ref: null, code: 'folder_unreadable', text: opened.unreadable, isLost: true }
      return { expectedCount: 0, items: [], issues: [issue] }
    }
    const { exists } = opened
    if (!Number.isSafeInteger(exists) || exists > 50_000_000)
      throw againstProtocol(session.peer, 'it counts more messages in a folder than there can be')
    const found = await walk(session, exists)
    if (found.hasMoved && attempt < maxRestarts) continue
    if (found.hasMoved) throw busy(session.peer, 'messages are deleted faster than they can be listed')
    const issues = missingNumbers(found).map(
      (number): ItemIssue => ({
        ref: null,
        code: 'not_listed',
        text: `The server counts ${exists} messages here and does not say what number ${number} is.`,
        isLost: true,
      }),
    )
    return { expectedCount: exists, items: found.items.sort((a, b) => Number(a.ref) - Number(b.ref)), issues }
  }
}
