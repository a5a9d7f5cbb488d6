import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A message of the scripted server. A body given as a size is made up while it is sent, so it may be huge. */
export type ScriptedMessage = {
  readonly uid: number
  readonly body: Uint8Array | { readonly sizeBytes: number }
  readonly flags?: readonly string[]
  readonly internalDate?: string
}

export type ScriptedFolder = {
  /** Mailbox name as it goes over the wire, one character a byte. */
  readonly name: string
  readonly attributes?: readonly string[]
  readonly delimiter?: string | null
  uidValidity: number
  messages: ScriptedMessage[]
}

/** One command of a client, and the means to answer it. */
export type ScriptedCommand = {
  readonly tag: string
  /** In upper case; `UID FETCH` is one name. */
  readonly name: string
  /** All that follows the name, literals put in as quoted strings. */
  readonly rest: string
  /** How many commands of this name this connection sent before. */
  readonly nth: number
  readonly socket: Socket
  /** Sends text, one character a byte; waits while the client does not read. */
  send(text: string | Uint8Array): Promise<void>
}

export type FetchAnswer = {
  readonly sequence: number
  readonly message: ScriptedMessage
  readonly wantsBody: boolean
  /** How many messages the command asks for. */
  readonly asked: number
}

export type ImapScript = {
  readonly folders: ScriptedFolder[]
  readonly users?: Readonly<Record<string, string>>
  /** Beside IMAP4rev1. */
  readonly capabilities?: readonly string[]
  /** Instead of `* OK …`; null says nothing at all. */
  readonly greeting?: string | null
  /** Sees every command first; true: it has been dealt with. */
  readonly intercept?: (command: ScriptedCommand) => boolean | Promise<boolean>
  /** Writes one FETCH response differently: text to send instead, null to leave it out, undefined to do it right. */
  readonly fetchAnswer?: (answer: FetchAnswer) => string | null | undefined
  /** Silently answers no more than so many messages of one FETCH. */
  readonly fetchCap?: number
}

export type ScriptedImapServer = {
  readonly port: number
  /** Names of the commands received, in order, over all connections. */
  readonly commands: readonly string[]
  /** What of an AUTHENTICATE came, decoded. */
  readonly initialResponses: readonly string[]
  /** Breaches of "changes nothing": SELECT, BODY[] without PEEK, STORE … */
  readonly intrusions: readonly string[]
  readonly openConnections: () => number
  stop(): Promise<void>
}

const escaped = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`
/** A name as a server writes it: quoted where it can be, else as a literal. */
const wireName = (name: string): string =>
  /^[\u0020-\u007e]*$/.test(name) ? escaped(name) : `{${name.length}}\r\n${name}`

/** First argument of a command: an atom or a quoted string. */
const firstArgument = (rest: string): string => {
  const quoted = /^"((?:[^"\\]|\\.)*)"/s.exec(rest)
  return quoted ? quoted[1]!.replace(/\\(.)/gs, '$1') : (rest.split(' ')[0] ?? '')
}

const inSet = (set: string, highest: number): ((number: number) => boolean) => {
  const ranges = set.split(',').map((part) => {
    const [from, to] = part.split(':').map((end) => (end === '*' ? highest : Number(end)))
    return [Math.min(from!, to ?? from!), Math.max(from!, to ?? from!)] as const
  })
  return (number) => ranges.some(([from, to]) => number >= from && number <= to)
}

const sizeOf = ({ body }: ScriptedMessage): number => (body instanceof Uint8Array ? body.length : body.sizeBytes)
const filling = Buffer.alloc(
  64 * 1024,
  'A line of seventy-six characters, as base64 has them, to fill a large body..\r\n',
)
export const bodySlice = ({ body }: ScriptedMessage, from: number, to: number): Uint8Array =>
  body instanceof Uint8Array ? body.subarray(from, to) : filling.subarray(0, Math.min(to, body.sizeBytes) - from)

export const factsOf = (message: ScriptedMessage): string =>
  `UID ${message.uid} FLAGS (${(message.flags ?? []).join(' ')}) INTERNALDATE "${
    message.internalDate ?? '17-Jul-1996 02:44:25 -0700'
  }" RFC822.SIZE ${sizeOf(message)}`

/** A small IMAP server that follows a script; without quirks it behaves well (RFC 3501, read-only). */
export const startScriptedImap = async (script: ImapScript): Promise<ScriptedImapServer> => {
  const commands: string[] = []
  const initialResponses: string[] = []
  const intrusions: string[] = []
  const sockets = new Set<Socket>()
  const users = script.users ?? { anna: 'secret' }
  const capability = ['IMAP4rev1', 'AUTH=PLAIN', ...(script.capabilities ?? [])].join(' ')

  const serve = async (socket: Socket): Promise<void> => {
    let selected: ScriptedFolder | null = null
    const counts = new Map<string, number>()
    const send = async (text: string | Uint8Array): Promise<void> => {
      if (socket.destroyed) return
      const flushed = typeof text === 'string' ? socket.write(text, 'latin1') : socket.write(text)
      if (!flushed)
        await new Promise<void>((resolve) => {
          const go = () => {
            socket.off('drain', go)
            socket.off('close', go)
            resolve()
          }
          socket.once('drain', go)
          socket.once('close', go)
        })
    }
    const sendBody = async (message: ScriptedMessage, from: number, length: number): Promise<void> => {
      for (let at = from; at < from + length && !socket.destroyed; at += filling.length)
        await send(bodySlice(message, at, Math.min(at + filling.length, from + length)))
    }
    const fetch = async (tag: string, rest: string, byUid: boolean): Promise<void> => {
      const [, set, items] = /^(\S+) (.*)$/s.exec(rest) ?? []
      const folder = selected
      if (!folder || set === undefined || items === undefined) return send(`${tag} BAD nothing to fetch\r\n`)
      if (/BODY\[|RFC822(?!\.SIZE)/i.test(items)) intrusions.push(`FETCH ${items}`)
      const wantsBody = /BODY\.PEEK\[\]/i.test(items)
      const partial = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/i.exec(items)
      const wanted = inSet(set, byUid ? (folder.messages.at(-1)?.uid ?? 0) : folder.messages.length)
      const chosen = folder.messages
        .map((message, index) => ({ message, sequence: index + 1 }))
        .filter(({ message, sequence }) => wanted(byUid ? message.uid : sequence))
      for (const { message, sequence } of chosen.slice(0, script.fetchCap)) {
        const answer = script.fetchAnswer?.({ sequence, message, wantsBody, asked: chosen.length })
        if (answer === null) continue
        if (answer !== undefined) {
          await send(answer)
          continue
        }
        if (!wantsBody) {
          await send(`* ${sequence} FETCH (${factsOf(message)})\r\n`)
          continue
        }
        const from = partial ? Math.min(Number(partial[1]), sizeOf(message)) : 0
        const length = partial ? Math.min(Number(partial[2]), sizeOf(message) - from) : sizeOf(message)
        const origin = partial ? `<${from}>` : ''
        await send(`* ${sequence} FETCH (${factsOf(message)} BODY[]${origin} {${length}}\r\n`)
        await sendBody(message, from, length)
        await send(')\r\n')
      }
      await send(`${tag} OK done\r\n`)
    }
    const byName = (rest: string) => script.folders.find(({ name }) => name === firstArgument(rest))

    const answer = async (tag: string, name: string, rest: string): Promise<void> => {
      switch (name) {
        case 'CAPABILITY':
          return send(`* CAPABILITY ${capability}\r\n${tag} OK done\r\n`)
        case 'LOGIN': {
          const [user, password] = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '')
          return send(
            user !== undefined && users[user] === password
              ? `${tag} OK welcome\r\n`
              : `${tag} NO [AUTHENTICATIONFAILED] no such user or password\r\n`,
          )
        }
        case 'NAMESPACE':
          return send(`* NAMESPACE (("" "/")) NIL NIL\r\n${tag} OK done\r\n`)
        case 'LIST':
        case 'LSUB': {
          for (const folder of script.folders) {
            const delimiter =
              folder.delimiter === undefined ? '"/"' : folder.delimiter === null ? 'NIL' : escaped(folder.delimiter)
            await send(`* ${name} (${(folder.attributes ?? []).join(' ')}) ${delimiter} ${wireName(folder.name)}\r\n`)
          }
          return send(`${tag} OK done\r\n`)
        }
        case 'STATUS': {
          const folder = byName(rest)
          if (!folder) return send(`${tag} NO [NONEXISTENT] no such folder\r\n`)
          const next = (folder.messages.at(-1)?.uid ?? 0) + 1
          return send(
            `* STATUS ${wireName(folder.name)} (UIDVALIDITY ${folder.uidValidity} UIDNEXT ${next})\r\n${tag} OK done\r\n`,
          )
        }
        case 'SELECT':
          intrusions.push('SELECT')
          return send(`${tag} NO this server is looked at only\r\n`)
        case 'EXAMINE': {
          const folder = byName(rest)
          selected = folder ?? null
          if (!folder) return send(`${tag} NO [NONEXISTENT] no such folder\r\n`)
          return send(
            `* FLAGS (\\Seen)\r\n* ${folder.messages.length} EXISTS\r\n* 0 RECENT\r\n` +
              `* OK [UIDVALIDITY ${folder.uidValidity}] valid\r\n${tag} OK [READ-ONLY] done\r\n`,
          )
        }
        case 'FETCH':
          return fetch(tag, rest, false)
        case 'UID FETCH':
          return fetch(tag, rest, true)
        case 'NOOP':
        case 'ID':
          return send(`${tag} OK done\r\n`)
        case 'LOGOUT':
          await send(`* BYE so long\r\n${tag} OK done\r\n`)
          socket.end()
          return
        default:
          intrusions.push(name)
          return send(`${tag} BAD unknown command\r\n`)
      }
    }

    let unread = ''
    let wake = () => {}
    let isOver = false
    socket.on('data', (chunk: Buffer) => {
      unread += chunk.toString('latin1')
      wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      isOver = true
      wake()
    })
    const more = () =>
      new Promise<void>((resolve) => {
        wake = resolve
        if (isOver) resolve()
      })
    const readLine = async (): Promise<string | null> => {
      for (;;) {
        const end = unread.indexOf('\r\n')
        if (end >= 0) {
          const line = unread.slice(0, end)
          unread = unread.slice(end + 2)
          return line
        }
        if (isOver) return null
        await more()
      }
    }
    const readBytes = async (count: number): Promise<string> => {
      while (unread.length < count && !isOver) await more()
      const text = unread.slice(0, count)
      unread = unread.slice(count)
      return text
    }

    const { greeting } = script
    if (greeting !== null) await send(`${greeting ?? '* OK scripted server'}\r\n`)
    for (;;) {
      let line = await readLine()
      if (line === null) return
      for (let literal = /\{(\d+)(\+?)\}$/.exec(line); literal; literal = /\{(\d+)(\+?)\}$/.exec(line)) {
        if (literal[2] === '') await send('+ go ahead\r\n')
        const text = await readBytes(Number(literal[1]))
        line = line.slice(0, literal.index) + escaped(text) + ((await readLine()) ?? '')
      }
      const match = /^(\S+) (UID \w+|\w+) ?(.*)$/is.exec(line)
      if (!match) {
        await send('* BAD what?\r\n')
        continue
      }
      const [, tag, rawName, rest] = match as unknown as [string, string, string, string]
      const name = rawName.toUpperCase()
      commands.push(name)
      const nth = counts.get(name) ?? 0
      counts.set(name, nth + 1)
      if (await script.intercept?.({ tag, name, rest, nth, socket, send })) continue
      if (name === 'AUTHENTICATE') {
        const [mechanism, initial] = rest.split(' ')
        let response = initial
        if (response === undefined) {
          await send('+ \r\n')
          response = (await readLine()) ?? ''
        }
        const decoded = Buffer.from(response, 'base64').toString('utf8')
        initialResponses.push(decoded)
        const [, user, password] = decoded.split('\0')
        const isRight = mechanism?.toUpperCase() !== 'PLAIN' || (user !== undefined && users[user] === password)
        await send(isRight ? `${tag} OK welcome\r\n` : `${tag} NO [AUTHENTICATIONFAILED] refused\r\n`)
        continue
      }
      await answer(tag, name, rest)
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.setNoDelay(true)
    void serve(socket).catch(() => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (!address || typeof address !== 'object') throw new Error('no port')
  return {
    port: address.port,
    commands,
    initialResponses,
    intrusions,
    openConnections: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Sends a text byte by byte, with a pause after each `everyBytes`. */
export const drip = async (
  command: ScriptedCommand,
  text: string,
  everyBytes: number,
  pauseMs: number,
): Promise<void> => {
  for (let at = 0; at < text.length; at += everyBytes) {
    await command.send(text.slice(at, at + everyBytes))
    await sleep(pauseMs)
  }
}
