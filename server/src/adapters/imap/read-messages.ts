import type { ItemFacts, ItemRef, ItemSink } from '../../ports/source.ts'
import type { Examined } from './examine.ts'
import { type FetchAttributes, parseInternalDate } from './fetch-attributes.ts'
import { busy, isPassing, readable } from './imap-errors.ts'
import type { Completion, ImapSession } from './session.ts'
import { isUid, toSequenceSets } from './uid-set.ts'

const toFacts = (uid: number, attributes: FetchAttributes): ItemFacts => ({
  ref: uid,
  receivedAtMs: attributes.internalDate === undefined ? null : parseInternalDate(attributes.internalDate),
  ...(attributes.internalDate === undefined ? {} : { internalDate: attributes.internalDate }),
  ...(attributes.flags === undefined ? {} : { flags: attributes.flags }),
  ...(attributes.modSeq === undefined ? {} : { modSeq: attributes.modSeq }),
  ...(attributes.emailId === undefined ? {} : { emailId: attributes.emailId }),
  ...(attributes.threadId === undefined ? {} : { threadId: attributes.threadId }),
})

const sizeRemark = (uid: number, announced: number, received: number) => ({
  ref: uid,
  code: 'size_differs' as const,
  text: `The server announced ${announced} bytes and sent ${received}.`,
  isLost: false,
})

const factItems = (session: ImapSession, { hasModSeq }: Examined): string =>
  ['UID', 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE']
    .concat(hasModSeq ? ['MODSEQ'] : [], session.has('OBJECTID') ? ['EMAILID', 'THREADID'] : [])
    .join(' ')

/** Ends an item, with the remark that has to follow its end. */
const finish = (sink: ItemSink, uid: number, announced: number | undefined, received: number): void | Promise<void> => {
  const ended = sink.end()
  if (announced === undefined || announced === received) return ended
  if (!ended) return sink.skip(sizeRemark(uid, announced, received))
  return ended.then(() => sink.skip(sizeRemark(uid, announced, received)))
}

const giveShortBody = (
  sink: ItemSink,
  uid: number,
  attributes: FetchAttributes,
  body: string,
): void | Promise<void> => {
  const bytes = Buffer.from(body, 'latin1')
  sink.begin(toFacts(uid, attributes), bytes.length)
  const written = bytes.length > 0 ? sink.write(bytes) : undefined
  const end = () => finish(sink, uid, attributes.sizeBytes, bytes.length)
  return written ? written.then(end) : end()
}

/** One pass over all that is missing: many messages a command, straight from the socket into the sink. */
const readBulk = async (session: ImapSession, examined: Examined, missing: Set<number>, sink: ItemSink) => {
  let current = 0
  let currentSize = 0
  let isLate = false
  let refusal: Completion | null = null
  const items = `(${factItems(session, examined)} BODY.PEEK[])`
  for (const { set } of toSequenceSets([...missing])) {
    const completion = await session.command([`UID FETCH ${set} ${items}`], {
      fetch: {
        bodyBegins: (attributes, sizeBytes) => {
          const { uid } = attributes
          if (uid === undefined || attributes.flags === undefined || attributes.internalDate === undefined) {
            isLate = true
            return false
          }
          if (!missing.has(uid)) return false
          current = uid
          currentSize = sizeBytes
          sink.begin(toFacts(uid, attributes), sizeBytes)
          return true
        },
        bodyBytes: (chunk) => sink.write(chunk),
        complete: (_, attributes, hadBody) => {
          if (hadBody) {
            missing.delete(current)
            return finish(sink, current, attributes.sizeBytes, currentSize)
          }
          const { uid, shortBody } = attributes
          if (uid === undefined || typeof shortBody !== 'string' || !missing.has(uid)) return
          missing.delete(uid)
          return giveShortBody(sink, uid, attributes, shortBody)
        },
      },
    })
    if (completion.status !== 'OK') refusal = completion
  }
  return { isLate, refusal }
}

/** What the server says of the messages, without bodies; those it says nothing of are not there. */
const readFacts = async (session: ImapSession, examined: Examined, uids: readonly number[]) => {
  const facts = new Map<number, FetchAttributes>()
  const wanted = new Set(uids)
  const ask = (set: string) =>
    session.command([`UID FETCH ${set} (${factItems(session, examined)})`], {
      fetch: {
        complete: (_, attributes) => {
          if (attributes.uid === undefined || !wanted.has(attributes.uid)) return
          facts.set(attributes.uid, { ...facts.get(attributes.uid), ...attributes })
        },
      },
    })
  for (const { set } of toSequenceSets(uids)) await ask(set)
  // Asked for in a crowd it may have been left out; alone it says whether the message is there.
  for (const uid of uids) if (!facts.has(uid)) await ask(String(uid))
  return facts
}

/** Asks for each message by itself and names why one cannot be had. */
const readOneByOne = async (session: ImapSession, examined: Examined, missing: Set<number>, sink: ItemSink) => {
  const uids = [...missing]
  const facts = await readFacts(session, examined, uids)
  let taken = 0
  for (const uid of uids) {
    missing.delete(uid)
    const known = facts.get(uid)
    if (!known) {
      sink.skip({ ref: uid, code: 'vanished', text: 'The message was deleted before it was read.', isLost: true })
      continue
    }
    let outcome: 'none' | 'taken' | 'nil' = 'none'
    let size = 0
    const completion = await session.command([`UID FETCH ${uid} (UID BODY.PEEK[])`], {
      fetch: {
        bodyBegins: (attributes, sizeBytes) => {
          if (outcome === 'taken' || (attributes.uid !== undefined && attributes.uid !== uid)) return false
          outcome = 'taken'
          size = sizeBytes
          sink.begin(toFacts(uid, known), sizeBytes)
          return true
        },
        bodyBytes: (chunk) => sink.write(chunk),
        complete: (_, { uid: answered, shortBody }, hadBody) => {
          if (hadBody) return finish(sink, uid, known.sizeBytes, size)
          if (outcome === 'taken' || (answered !== undefined && answered !== uid)) return
          if (shortBody === undefined) return
          if (shortBody === null && known.sizeBytes !== 0) {
            outcome = 'nil'
            return
          }
          outcome = 'taken'
          return giveShortBody(sink, uid, known, shortBody ?? '')
        },
      },
    })
    if (outcome === ('taken' as typeof outcome)) taken++
    else if (completion.status !== 'OK') {
      const { code, words } = completion
      // A code that says "later" about everything is the server's state; about one message among others it is that message.
      if (code !== null && isPassing(code, words) && (code !== 'UNAVAILABLE' || (taken === 0 && uids.length > 1)))
        throw busy(session.peer, words)
      sink.skip({ ref: uid, code: 'fetch_refused', text: `The server refused it: ${readable(words)}`, isLost: true })
    } else if (outcome === ('nil' as typeof outcome))
      sink.skip({ ref: uid, code: 'empty_body', text: 'The server sent no content for it.', isLost: true })
    else
      sink.skip({
        ref: uid,
        code: 'not_returned',
        text: 'The server knows the message and did not send it, asked for alone too.',
        isLost: true,
      })
  }
}

/** How the server of a session behaves, learnt on the way. */
export type Habits = {
  /** It sends bodies before what is known of them, so facts have to be asked for first. */
  sendsFactsLate: boolean
}

/** Reads messages of the folder that is open. Each UID comes out exactly once. */
export const readMessages = async (
  session: ImapSession,
  examined: Examined,
  refs: readonly ItemRef[],
  sink: ItemSink,
  habits: Habits,
): Promise<void> => {
  const missing = new Set<number>()
  for (const ref of refs) {
    if (isUid(ref)) missing.add(ref)
    else sink.skip({ ref, code: 'vanished', text: 'No message has such a UID.', isLost: true })
  }
  const before = missing.size
  while (missing.size > 0 && !habits.sendsFactsLate) {
    const left = missing.size
    const { isLate, refusal } = await readBulk(session, examined, missing, sink)
    if (isLate) habits.sendsFactsLate = true
    if (refusal && missing.size === before && refusal.code !== null && isPassing(refusal.code, refusal.words))
      throw busy(session.peer, refusal.words)
    // A server that caps its answers gives more when asked again; one that gives nothing is asked message by message.
    if (missing.size === left) break
  }
  if (missing.size > 0) await readOneByOne(session, examined, missing, sink)
}
