import type { ClientChannel } from 'ssh2'
import type { DeliveryFile } from '../../ports/delivery.ts'
import { type ByteReader, readBytesOf } from './byte-reader.ts'
import type { SshSession } from './connect.ts'
import { collect, openChannel, shellCommand } from './remote-shell.ts'
import { againstProtocol, fromWords, unreachable } from './ssh-errors.ts'
import { streamUp } from './stream-up.ts'

/**
 * Sends one file to `scp -t`, which OpenSSH took over from BSD's rcp: the sink answers each step with a zero byte, or with 1
 * (warning) or 2 (fatal) and a line that says why. A sink whose disk is full goes on reading and says so at the end.
 */
export const sendToScpSink = async (
  session: SshSession,
  folder: string,
  partName: string,
  file: DeliveryFile,
  onTaken: (bytesDone: number) => void,
): Promise<void> => {
  // What an earlier upload left would show through behind a shorter one.
  const script = 'cd "$a1" && rm -f "./$a2" && exec scp -t "./$a2"'
  const channel = await openChannel(session, shellCommand(script, [folder, partName]))
  const errors = collect(channel.stderr)
  const answers = readBytesOf(channel)
  await acknowledged(session, answers, errors)
  // The name is not used: the sink was told a file, not a folder. The mode is.
  await written(session, channel, Buffer.from(`C0600 ${file.sizeBytes} archive\n`))
  await acknowledged(session, answers, errors)
  if (await streamUp(session, channel, file, 0, onTaken)) await written(session, channel, Buffer.from([0]))
  await acknowledged(session, answers, errors)
  channel.end()
}

const written = ({ wait }: SshSession, channel: ClientChannel, bytes: Uint8Array): Promise<void> =>
  wait((resolve, reject) => channel.write(bytes, (error) => (error ? reject(error) : resolve())))

const acknowledged = async (session: SshSession, answers: ByteReader, errors: () => string): Promise<void> => {
  const { peer, wait } = session
  const answer = await wait<number | null>((resolve, reject) => void answers.byte().then(resolve, reject))
  if (answer === 0) return
  if (answer === null) {
    const words = errors()
    throw words === ''
      ? unreachable(peer, 'the upload was cut')
      : (fromWords(peer, words) ?? againstProtocol(peer, `scp says: ${words}`))
  }
  const text = await wait<string>((resolve, reject) => void answers.line().then(resolve, reject))
  if (answer === 1 || answer === 2) throw fromWords(peer, text) ?? againstProtocol(peer, `scp says: ${text}`)
  // A login script that prints something comes here: its text is where the protocol should be.
  throw againstProtocol(peer, `something else than scp answers: ${String.fromCharCode(answer)}${text}`)
}
