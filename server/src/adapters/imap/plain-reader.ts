import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { FetchQueryObject, ImapFlow } from 'imapflow'
import type { ItemFacts, ItemRef, ItemSink, SourceFolder } from '../../ports/source.ts'
import { isPassing, type Peer, readable, toSourceError } from './imap-errors.ts'
import { bytesOfServerName, decodeName } from './mailbox-name.ts'
import { isUid, toSequenceSets } from './uid-set.ts'

/** Larger messages are read in pieces of this size, because the library holds what it fetches whole. */
const pieceBytes = 1024 * 1024

type Known = { readonly facts: ItemFacts; readonly sizeBytes: number | null }

const open = async (client: ImapFlow, peer: Peer, folder: SourceFolder): Promise<{ unreadable: string } | null> => {
  // The library puts the prefix of the namespace before every name that lacks it; ours are whole already.
  client.namespace = undefined
  const label = folder.path.join('/')
  const generation = client.mailbox ? String(client.mailbox.uidValidity) : null
  const path = decodeName(bytesOfServerName(folder.serverName).toString('latin1'))
  if (client.mailbox && client.mailbox.path === path && generation === folder.generation) return null
  try {
    const opened = await client.mailboxOpen(path, { readOnly: true })
    if (folder.generation !== null && String(opened.uidValidity) !== folder.generation)
      throw new AppError('source_changed', { details: { folder: label } })
    return null
  } catch (cause) {
    const { serverResponseCode, responseStatus, responseText } = cause as Record<string, unknown>
    if (typeof responseStatus !== 'string') throw toSourceError(peer, cause)
    const code = typeof serverResponseCode === 'string' ? serverResponseCode : null
    const words = String(responseText ?? '')
    if (code === 'NONEXISTENT' && folder.generation !== null)
      throw new AppError('source_gone', { details: { reason: `the folder “${label}” was deleted` } })
    if (code !== null && isPassing(code, words)) throw toSourceError(peer, cause)
    return { unreadable: `The server does not open this folder: ${readable(words)}` }
  }
}

/**
 * Reads messages with imapflow's own FETCH. Slower than the streaming reader, and INTERNALDATE comes without the zone the
 * server had written; for servers the streaming reader does not get along with.
 */
export const readPlainly = async (
  client: ImapFlow,
  peer: Peer,
  folder: SourceFolder,
  refs: readonly ItemRef[],
  sink: ItemSink,
  signal: AbortSignal,
): Promise<void> => {
  let sinkFailure: { readonly cause: unknown } | null = null
  /** What the sink throws passes through as it is; it is not the server's fault. */
  const guard = async (work: () => void | Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (cause) {
      sinkFailure = { cause }
      throw cause
    }
  }
  const give = async (uid: number, { facts, sizeBytes }: Known, bytes: Uint8Array) => {
    await guard(async () => {
      sink.begin(facts, bytes.length)
      if (bytes.length > 0) await sink.write(bytes)
      await sink.end()
      if (sizeBytes !== null && sizeBytes !== bytes.length)
        sink.skip({
          ref: uid,
          code: 'size_differs',
          text: `The server announced ${sizeBytes} bytes and sent ${bytes.length}.`,
          isLost: false,
        })
    })
  }
  const query: FetchQueryObject = { uid: true, flags: true, internalDate: true, size: true, threadId: true }

  try {
    const refusal = await open(client, peer, folder)
    const wanted = new Set<number>()
    for (const ref of refs)
      if (isUid(ref)) wanted.add(ref)
      else await guard(() => sink.skip({ ref, code: 'vanished', text: 'No message has such a UID.', isLost: true }))
    if (refusal) {
      for (const ref of wanted)
        await guard(() => sink.skip({ ref, code: 'folder_unreadable', text: refusal.unreadable, isLost: true }))
      return
    }
    const known = new Map<number, Known>()
    const learn = async (set: string) => {
      for await (const message of client.fetch(set, query, { uid: true })) {
        const { internalDate, flags, size, modseq, emailId, threadId } = message
        const receivedAtMs = internalDate instanceof Date ? internalDate.getTime() : null
        known.set(message.uid, {
          facts: {
            ref: message.uid,
            receivedAtMs,
            ...(flags ? { flags: [...flags].filter((flag) => flag.toLowerCase() !== '\\recent').sort() } : {}),
            ...(modseq === undefined ? {} : { modSeq: String(modseq) }),
            ...(emailId === undefined ? {} : { emailId }),
            ...(threadId === undefined ? {} : { threadId }),
          },
          sizeBytes: size ?? null,
        })
      }
    }
    for (const { set } of toSequenceSets([...wanted])) await learn(set)
    for (const uid of wanted) if (!known.has(uid)) await learn(String(uid))

    const small = [...wanted].filter((uid) => {
      const size = known.get(uid)?.sizeBytes
      return size !== undefined && size !== null && size <= pieceBytes
    })
    for (const { set } of toSequenceSets(small))
      for await (const { uid, source } of client.fetch(set, { uid: true, source: true }, { uid: true })) {
        const one = known.get(uid)
        if (!one || !source || !wanted.delete(uid)) continue
        await give(uid, one, source)
      }

    for (const uid of wanted) {
      signal.throwIfAborted()
      const one = known.get(uid)
      if (!one) {
        await guard(() =>
          sink.skip({ ref: uid, code: 'vanished', text: 'The message was deleted before it was read.', isLost: true }),
        )
        continue
      }
      let received = 0
      let hasBegun = false
      for (;;) {
        const piece = await client
          .fetchOne(String(uid), { uid: true, source: { start: received, maxLength: pieceBytes } }, { uid: true })
          .catch((cause: unknown) => {
            const { responseStatus, responseText } = cause as Record<string, unknown>
            if (hasBegun || typeof responseStatus !== 'string') throw cause
            return { source: null, words: String(responseText ?? '') }
          })
        const source = piece ? piece.source : undefined
        if (!source) {
          if (hasBegun) throw toSourceError(peer, new Error('it stopped in the middle of a message'))
          const words = piece && 'words' in piece ? readable(String(piece.words)) : null
          await guard(() =>
            sink.skip({
              ref: uid,
              code: words === null ? 'not_returned' : 'fetch_refused',
              text:
                words === null
                  ? 'The server knows the message and did not send it.'
                  : `The server refused it: ${words}`,
              isLost: true,
            }),
          )
          break
        }
        if (!hasBegun) {
          hasBegun = true
          await guard(() => sink.begin(one.facts, one.sizeBytes))
        }
        if (source.length > 0) await guard(() => sink.write(source))
        received += source.length
        if (source.length === pieceBytes) continue
        await guard(() => sink.end())
        if (one.sizeBytes !== null && one.sizeBytes !== received)
          await guard(() =>
            sink.skip({
              ref: uid,
              code: 'size_differs',
              text: `The server announced ${one.sizeBytes} bytes and sent ${received}.`,
              isLost: false,
            }),
          )
        break
      }
    }
  } catch (cause) {
    if (sinkFailure !== null) throw (sinkFailure as { readonly cause: unknown }).cause
    throw toSourceError(peer, cause)
  }
}
