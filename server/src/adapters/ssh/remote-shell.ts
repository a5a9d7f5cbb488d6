import type { ClientChannel } from 'ssh2'
import type { SshSession } from './connect.ts'
import { againstProtocol } from './ssh-errors.ts'

/**
 * A command line for any login shell. The script is single-quoted, so it must hold no quote, backslash, `!` or line break,
 * on which csh and fish differ from sh. Arguments arrive as octal escapes and are decoded by the script: no byte of a name
 * is ever read by a shell. In the script they are `$a1`, `$a2` …
 */
export const shellCommand = (script: string, args: readonly string[] = []): string => {
  if (/['\\!\r\n]/.test(script)) throw new Error('this script cannot be quoted for every shell')
  const decode = args.map((_, i) => `a${i + 1}=$(printf %bx "\${${i + 1}}"); a${i + 1}=\${a${i + 1}%x}; `).join('')
  return `exec sh -c '${decode}LC_ALL=C; export LC_ALL; ${script}' sh${args.map((arg) => ` '${escaped(arg)}'`).join('')}`
}

const isPlain = (byte: number): boolean => /[A-Za-z0-9._/-]/.test(String.fromCharCode(byte))

/** `%b` of printf knows `\0` and three octal digits (POSIX). A NUL cannot be in an argument. */
const escaped = (text: string): string => {
  if (text.includes('\0')) throw new Error('a shell argument cannot hold a NUL')
  return [...Buffer.from(text)]
    .map((byte) => (isPlain(byte) ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`))
    .join('')
}

/** A path as an argument that is never taken for an option. */
export const asOperand = (path: string): string => (path.startsWith('/') ? path : `./${path}`)

export type ShellAnswer = { readonly code: number | null; readonly output: string; readonly errors: string }

/** What a command may print before it is cut: enough for a checksum or a sentence. */
const maxOutputBytes = 64 * 1024

export const openChannel = ({ client, wait, peer }: SshSession, command: string): Promise<ClientChannel> =>
  wait((resolve, reject) =>
    client.exec(command, (error, channel) =>
      error ? reject(againstProtocol(peer, 'it runs no commands for this user', error)) : resolve(channel),
    ),
  )

/**
 * What a command ended with, once all it printed was read; null when a signal ended it, or the connection. Its event `exit` may have come before
 * anybody could listen, together with the news that it runs; `close` waits for the reader, and tells it again.
 */
export const exitCodeOf = (channel: ClientChannel): Promise<number | null> =>
  new Promise((resolve) => channel.on('close', (code?: number | null) => resolve(code ?? null)))

/** Collects what a channel prints, up to a bound. */
export const collect = (stream: NodeJS.ReadableStream): (() => string) => {
  let text = ''
  stream.on('data', (chunk: Buffer) => {
    if (text.length < maxOutputBytes) text += chunk.toString('utf8')
  })
  return () => text
}

/** Runs a script at the server to its end. `limitMs` is how long it may be silent. @throws AppError when it cannot be run at all. */
export const runAtServer = async (
  session: SshSession,
  script: string,
  args: readonly string[],
  limitMs?: number,
): Promise<ShellAnswer> => {
  const channel = await openChannel(session, shellCommand(script, args))
  const output = collect(channel)
  const errors = collect(channel.stderr)
  const ended = exitCodeOf(channel)
  channel.end()
  const code = await session.wait<number | null>((resolve, reject) => void ended.then(resolve, reject), limitMs)
  return { code, output: output(), errors: errors() }
}
