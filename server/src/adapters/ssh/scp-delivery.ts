import { randomUUID } from 'node:crypto'
import type { Delivered, Delivery, DeliveryRequest, DestinationSpec } from '../../ports/delivery.ts'
import { compareChecksum } from './checksum.ts'
import { atFolder, endingWith, type SshSession } from './connect.ts'
import { below, checkDeliveryNames, partNameOf } from './delivery-name.ts'
import { asOperand, runAtServer, type ShellAnswer } from './remote-shell.ts'
import { resumeByShell } from './resume-by-shell.ts'
import { sendToScpSink } from './scp-sink.ts'
import { signIn } from './sign-in.ts'
import { againstProtocol, alreadyThere, damaged, folderMissing, fromWords, full, noPermission } from './ssh-errors.ts'

/** How our scripts end when they know why. */
const ended = { missing: 61, closed: 62, exists: 63, noScp: 64 } as const

/**
 * Delivery by `scp -t` over an exec channel, for servers without SFTP. What the protocol of scp has no words for (looking,
 * comparing, resuming, renaming) is done by short POSIX scripts; an account that may run nothing but scp cannot be used,
 * since a file could only be written under its final name there.
 */
export const createScpDelivery = (destination: DestinationSpec): Delivery => {
  const inSession = async <T>(signal: AbortSignal, use: (session: SshSession) => Promise<T>): Promise<T> => {
    const session = await signIn(destination, signal)
    try {
      return await use(session)
    } finally {
      session.close()
    }
  }
  const folder = asOperand(destination.path === '' ? '.' : destination.path)
  return {
    deliver: async (request) => {
      checkDeliveryNames(request)
      return inSession(request.signal, async (session) => {
        if (request.folders.length === 0) return deliverTo(session, folder, request)
        const inner = await makeFolders(session, folder, request.folders)
        return deliverTo(atFolder(session, inner), inner, request)
      })
    },
    probe: (signal) =>
      inSession(signal, async (session) => {
        const script = `${enter}; set -C; echo probe >"./$a2" && rm -f "./$a2"`
        done(session, await runAtServer(session, script, [folder, `.stillbox-probe-${randomUUID()}`]))
      }),
  }
}

/** Into the folder `$a1`, or out with a reason. The marker tells our own output from what a login script may print. */
const enter = `echo; echo stillbox; command -v scp >/dev/null || exit ${ended.noScp}; [ -d "$a1" ] || exit ${ended.missing}; cd "$a1" || exit ${ended.closed}`
const marker = '\nstillbox\n'

/** What a script printed after `enter`. @throws AppError when it did not end well. */
const done = ({ peer }: SshSession, { code, output, errors }: ShellAnswer): string => {
  const start = output.indexOf(marker)
  if (start < 0) throw againstProtocol(peer, `it has no shell to run commands with; SFTP may be possible. ${errors}`)
  if (code === 0) return output.slice(start + marker.length)
  if (code === ended.missing) throw folderMissing(peer)
  if (code === ended.closed) throw noPermission(peer)
  if (code === ended.noScp) throw againstProtocol(peer, 'it has no scp; SFTP may be possible')
  throw fromWords(peer, errors) ?? againstProtocol(peer, errors || `a command ended with ${code}`)
}

/**
 * The folder below `outer` that these names lead to; those that are missing are made, for their owner alone, as what lies in them.
 * Deliveries to the same destination may make them at the same time.
 */
const makeFolders = async (session: SshSession, outer: string, folders: readonly string[]): Promise<string> => {
  const steps = folders.map((_, i) => {
    const path = `"./$a${i + 2}"`
    const make = `[ -e ${path} ] && exit ${ended.exists}; mkdir -m 700 ${path} || [ -d ${path} ] || exit 1`
    return `at=${i}; [ -d ${path} ] || { ${make}; }; cd ${path} || exit ${ended.closed}`
  })
  // However it ends, its last line is how far it came.
  const script = `at=-1; tell() { echo; echo "$at"; }; trap tell EXIT; ${enter}; ${steps.join('; ')}`
  const answer = await runAtServer(session, script, [outer, ...folders])
  const reached = Number(/(-?\d+)\n$/.exec(answer.output)?.[1] ?? -1)
  const at = reached < 0 ? session : atFolder(session, below(outer, folders.slice(0, reached + 1).join('/')))
  if (answer.code === ended.exists) throw alreadyThere(at.peer, folders[reached] ?? '')
  done(at, answer)
  return below(outer, folders.join('/'))
}

type Found = {
  readonly path: string
  readonly kind: 'none' | 'file' | 'directory'
  /** Of the file under the final name; 0 when it is none. */
  readonly fileBytes: number
  readonly partBytes: number
  readonly freeBytes: number | null
}

const look = async (session: SshSession, folder: string, name: string, partName: string): Promise<Found> => {
  const kinds = 'if [ -d "./$a2" ]; then echo directory; elif [ -e "./$a2" ]; then echo file; else echo none; fi'
  const sizeOf = (path: string) => `if [ -f "${path}" ]; then wc -c <"${path}"; else echo 0; fi`
  const free = 'df -Pk . 2>/dev/null | tail -n 1; echo'
  const script = `${enter}; [ -w . ] || exit ${ended.closed}; ${kinds}; ${sizeOf('./$a2')}; ${sizeOf('./$a3')}; ${free}; pwd -P`
  const output = done(session, await runAtServer(session, script, [folder, name, partName]))
  // The path comes last, since it may hold line breaks itself.
  const [, kind, fileBytes, partBytes, free_, path] =
    /^(none|file|directory)\n\s*(\d+)\n\s*(\d+)\n(.*?)\n\n?(\/.*)\n$/s.exec(output) ?? []
  if (kind === undefined || partBytes === undefined || path === undefined)
    throw againstProtocol(session.peer, 'its shell is not a POSIX shell')
  const freeKb = /(\d+)\s+\d+%\s/.exec(free_ ?? '')?.[1]
  return {
    path,
    kind: kind as Found['kind'],
    fileBytes: Number(fileBytes),
    partBytes: Number(partBytes),
    freeBytes: freeKb === undefined ? null : Number(freeKb) * 1024,
  }
}

const deliverTo = async (session: SshSession, folder: string, request: DeliveryRequest): Promise<Delivered> => {
  const { file: plainFile, name, replace, onProgress } = request
  const { peer } = session
  const file = endingWith(session, plainFile)
  const partName = partNameOf(request)
  const found = await look(session, folder, name, partName)
  if (found.kind === 'directory') throw alreadyThere(peer, name)
  const path = below(found.path, name)
  if (found.kind === 'file' && !replace) {
    // The answer to the rename may have been lost, and then this is what the last call delivered.
    const sha256 = found.fileBytes === file.sizeBytes ? await compareChecksum(session, path, file) : null
    if (sha256 === null || sha256 === 'differs') throw alreadyThere(peer, name)
    onProgress(file.sizeBytes)
    return { path, sha256 }
  }
  if (found.freeBytes !== null && found.freeBytes < file.sizeBytes - found.partBytes) throw full(peer)

  const isResumed =
    found.partBytes <= file.sizeBytes &&
    (await resumeByShell(session, folder, partName, found.partBytes, file, onProgress))
  if (!isResumed) {
    onProgress(0)
    await sendToScpSink(session, folder, partName, file, onProgress)
  }
  onProgress(file.sizeBytes)
  const settled = 'wc -c <"./$a2"; sync "./$a2" 2>/dev/null || sync'
  const size = done(session, await runAtServer(session, `${enter}; ${settled}`, [folder, partName]))
  if (Number(size.trim()) !== file.sizeBytes) return removeDamaged(session, folder, partName)

  const sha256 = await compareChecksum(session, below(found.path, partName), file)
  if (sha256 === 'differs') return removeDamaged(session, folder, partName)
  await moveIntoPlace(session, folder, { partName, name, replace })
  return sha256 === null ? { path } : { path, sha256 }
}

const removeDamaged = async (session: SshSession, folder: string, partName: string): Promise<never> => {
  done(session, await runAtServer(session, `${enter}; rm -f "./$a2"`, [folder, partName]))
  throw damaged(session.peer)
}

const moveIntoPlace = async (
  session: SshSession,
  folder: string,
  { partName, name, replace }: { partName: string; name: string; replace: boolean },
): Promise<void> => {
  // A hard link refuses to replace, which mv does not; where the file system has none, looking first must do.
  const move = replace
    ? `[ -d "./$a2" ] && exit ${ended.exists}; mv -f "./$a3" "./$a2"`
    : `if ln "./$a3" "./$a2" 2>/dev/null; then rm -f "./$a3"; elif [ -e "./$a2" ]; then exit ${ended.exists}; else mv "./$a3" "./$a2"; fi`
  const answer = await runAtServer(session, `${enter}; ${move}`, [folder, name, partName])
  if (answer.code === ended.exists) throw alreadyThere(session.peer, name)
  done(session, answer)
}
