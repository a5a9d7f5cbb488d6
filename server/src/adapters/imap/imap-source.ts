import type { ImapFlow } from 'imapflow'
import type { ImapSourceSpec, Source } from '../../ports/source.ts'
import { connectImap } from './connect.ts'
import { type Examined, examine, isOpen } from './examine.ts'
import { peerOf } from './imap-errors.ts'
import { listFolders } from './list-folders.ts'
import { listMessages } from './list-messages.ts'
import { readPlainly } from './plain-reader.ts'
import { type Habits, readMessages } from './read-messages.ts'
import { type ImapSession, takeOver } from './session.ts'

/**
 * Opens a mailbox by IMAP. imapflow connects, secures and signs in; then a session of our own takes the connection over,
 * because reading in bulk through the library costs several times the CPU and holds each message whole.
 * With `plainFetch` reading stays with the library, which then needs a connection of its own beside the one that lists.
 */
export const openImapSource = async (spec: ImapSourceSpec, signal: AbortSignal): Promise<Source> => {
  const peer = peerOf(spec)
  // Signed in and not used yet: the first call decides what becomes of it.
  let fresh: ImapFlow | null = await connectImap(spec, signal)
  let session: ImapSession | null = null
  let library: ImapFlow | null = null
  let examined: Examined | null = null
  let isClosed = false
  const habits: Habits = { sendsFactsLate: false }

  const nextClient = async (callSignal: AbortSignal): Promise<ImapFlow> => {
    const client = fresh ?? (await connectImap(spec, callSignal))
    fresh = null
    return client
  }
  const ownSession = async (callSignal: AbortSignal): Promise<ImapSession> => {
    session ??= takeOver(await nextClient(callSignal), peer)
    return session
  }
  const cut = (cause: unknown): void => {
    isClosed = true
    session?.fail(cause)
    library?.close()
    fresh?.close()
  }
  /** Runs one call: cut off by its signal at once, and the end of the connection when it fails. */
  const call = async <T>(callSignal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    callSignal.throwIfAborted()
    if (isClosed) throw new Error('the source is closed')
    let stop = () => {}
    const aborted = new Promise<never>((_, reject) => {
      stop = () => {
        cut(callSignal.reason)
        reject(callSignal.reason)
      }
    })
    callSignal.addEventListener('abort', stop, { once: true })
    try {
      return await Promise.race([work(), aborted])
    } catch (cause) {
      cut(cause)
      callSignal.throwIfAborted()
      throw cause
    } finally {
      callSignal.removeEventListener('abort', stop)
    }
  }

  return {
    folders: (callSignal) => call(callSignal, async () => listFolders(await ownSession(callSignal))),
    list: (folder, callSignal) =>
      call(callSignal, async () => {
        examined = null
        return listMessages(await ownSession(callSignal), folder)
      }),
    read: (folder, refs, sink, callSignal) =>
      call(callSignal, async () => {
        if (refs.length === 0) return
        if (spec.plainFetch) {
          library ??= await nextClient(callSignal)
          return readPlainly(library, peer, folder, refs, sink, callSignal)
        }
        const own = await ownSession(callSignal)
        if (!isOpen(examined, folder)) {
          examined = null
          const opened = await examine(own, folder)
          if ('unreadable' in opened) {
            for (const ref of refs) sink.skip({ ref, code: 'folder_unreadable', text: opened.unreadable, isLost: true })
            return
          }
          examined = opened
        }
        await readMessages(own, examined, refs, sink, habits)
      }),
    close: async () => {
      if (isClosed) return
      isClosed = true
      await session?.close()
      library?.close()
      fresh?.close()
    },
  }
}
