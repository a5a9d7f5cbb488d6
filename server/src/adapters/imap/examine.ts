import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { SourceFolder } from '../../ports/source.ts'
import { busy, isPassing, readable } from './imap-errors.ts'
import { astring, type ImapSession } from './session.ts'

/** A folder opened read-only (EXAMINE, RFC 3501 §6.3.2): neither \Seen nor \Recent changes. */
export type Examined = {
  readonly serverName: string
  readonly uidValidity: string | null
  readonly exists: number
  /** Whether its messages have mod-sequences (RFC 7162 §3.1.2): asking for them elsewhere is an error. */
  readonly hasModSeq: boolean
}

/** Why a folder cannot be opened while the connection is fine. */
export type Unreadable = { readonly unreadable: string }

/**
 * Opens a folder for reading. What the server will not open comes back as `unreadable`.
 * @throws AppError `source_changed` (another UIDVALIDITY), `source_gone` (it was there, and is not), `source_busy`.
 */
export const examine = async (session: ImapSession, folder: SourceFolder): Promise<Examined | Unreadable> => {
  let exists = 0
  let uidValidity: string | null = null
  let hasModSeq = false
  const completion = await session.command(['EXAMINE ', astring(folder.serverName)], {
    untagged: (keyword, text) => {
      if (keyword === 'EXISTS') exists = Number(text)
      if (keyword !== 'OK') return
      uidValidity = /^\[UIDVALIDITY (\d+)\]/i.exec(text)?.[1] ?? uidValidity
      if (/^\[HIGHESTMODSEQ [1-9]\d*\]/i.test(text)) hasModSeq = session.has('CONDSTORE')
    },
  })
  const label = folder.path.join('/')
  if (completion.status !== 'OK') {
    const { code, words } = completion
    const isGone =
      code === 'NONEXISTENT' || (code === null && /(does ?n.t|does not) exist|unknown mailbox|no such/i.test(words))
    if (isGone && folder.generation !== null)
      throw new AppError('source_gone', { details: { reason: `the folder “${label}” was deleted` } })
    if (!isGone && code !== null && isPassing(code, words)) throw busy(session.peer, words)
    return { unreadable: `The server does not open this folder: ${readable(words)}` }
  }
  if (folder.generation !== null && uidValidity !== null && uidValidity !== folder.generation)
    throw new AppError('source_changed', { details: { folder: label } })
  return { serverName: folder.serverName, uidValidity, exists, hasModSeq }
}

/** Whether this is the folder that is open, of the generation that is wanted. */
export const isOpen = (examined: Examined | null, { serverName, generation }: SourceFolder): examined is Examined =>
  examined?.serverName === serverName && (generation === null || examined.uidValidity === generation)
