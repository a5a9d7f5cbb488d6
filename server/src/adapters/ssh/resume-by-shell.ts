import type { DeliveryFile } from '../../ports/delivery.ts'
import { readBytesOf } from './byte-reader.ts'
import { checksumIn, hashingMs, hashScript, sha256Of } from './checksum.ts'
import type { SshSession } from './connect.ts'
import { collect, exitCodeOf, openChannel, shellCommand } from './remote-shell.ts'
import { againstProtocol, fromWords, unreachable } from './ssh-errors.ts'
import { streamUp } from './stream-up.ts'

const blockBytes = 65_536

/**
 * Continues a partial file of `thereBytes`, which the protocol of scp cannot: one command hashes what is there and, with the
 * same open file, goes on writing behind it. At a position and not by appending, because the command of the connection that
 * was cut may still be writing its last bytes: they are the same bytes at the same place.
 * @returns false when what is there is not the beginning of this file; nothing was changed then.
 */
export const resumeByShell = async (
  session: SshSession,
  folder: string,
  partName: string,
  thereBytes: number,
  file: DeliveryFile,
  onTaken: (bytesDone: number) => void,
): Promise<boolean> => {
  const { peer, wait } = session
  const blocks = Math.floor(Math.min(thereBytes, file.sizeBytes) / blockBytes)
  if (blocks === 0) return false
  const startAt = blocks * blockBytes
  const script = `cd "$a1" && { dd bs=${blockBytes} count="$a3" <&3 2>/dev/null | { ${hashScript}; }; exec cat >&3; } 3<>"./$a2"`
  const channel = await openChannel(session, shellCommand(script, [folder, partName, String(blocks)]))
  const errors = collect(channel.stderr)
  const answers = readBytesOf(channel)
  const ended = exitCodeOf(channel)
  const [theirs, ours] = await Promise.all([
    wait<string>(
      (resolve, reject) => void answers.line().then(resolve, reject),
      hashingMs(peer.timeoutMs, startAt),
    ).then(checksumIn),
    sha256Of(file, startAt),
  ])
  if (theirs !== ours) {
    channel.end()
    return false
  }
  onTaken(startAt)
  if (await streamUp(session, channel, file, startAt, onTaken)) channel.end()
  const code = await wait<number | null>((resolve, reject) => void ended.then(resolve, reject))
  if (code === 0) return true
  const words = errors()
  throw code === null && words === ''
    ? unreachable(peer, 'the upload was cut')
    : (fromWords(peer, words) ?? againstProtocol(peer, `it did not take the file: ${words}`))
}
