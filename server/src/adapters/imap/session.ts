import type { Duplex, Readable, Writable } from 'node:stream'
import type { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ImapFlow } from 'imapflow'
import { type FetchAttributes, isWholeBody, readAttributes } from './fetch-attributes.ts'
import { againstProtocol, type Peer, saidBye, splitCode, timedOut, toSourceError, unreachable } from './imap-errors.ts'
import { bytesOfServerName } from './mailbox-name.ts'
import { quote, type Token, tokenize } from './tokens.ts'
import { createWireReader } from './wire.ts'

/** The tagged end of a command (RFC 3501 §7.1). */
export type Completion = {
  readonly status: 'OK' | 'NO' | 'BAD'
  readonly code: string | null
  readonly argument: string
  readonly words: string
}

/** Receives the FETCH responses of one command. A promise returned holds the connection back. */
export type FetchHandler = {
  /** A whole body of `sizeBytes` follows; answers whether it is wanted. What came after it in the response is not known yet. */
  bodyBegins?(attributes: FetchAttributes, sizeBytes: number): boolean
  bodyBytes?(chunk: Uint8Array): void | Promise<void>
  /** The response is complete. `hadBody` when `bodyBegins` had wanted its body. */
  complete(sequenceNumber: number, attributes: FetchAttributes, hadBody: boolean): void | Promise<void>
}

export type CommandHandlers = {
  /** Any other untagged response: its keyword in upper case, and what follows it (for `* 3 EXISTS` the number comes first). */
  readonly untagged?: (keyword: string, text: string) => void
  readonly fetch?: FetchHandler
}

/** A signed-in IMAP connection of our own, in place of the library it was set up with. Not for two calls at once. */
export type ImapSession = {
  readonly peer: Peer
  has(capability: string): boolean
  /**
   * Sends a command; strings go as they are, a `Uint8Array` as a literal. Resolves with the tagged response, whatever it says.
   * @throws AppError when the connection is lost, silent or out of step; what a fetch handler threw, as it is.
   */
  command(parts: readonly (string | Uint8Array)[], handlers?: CommandHandlers): Promise<Completion>
  /** Sends several one-line commands at once and answers all, in their order. Their untagged responses come mixed. */
  pipeline(lines: readonly string[], handlers?: CommandHandlers): Promise<readonly Completion[]>
  /** Cuts the connection; whatever waits rejects with `cause`, and so does every later command. */
  fail(cause: unknown): void
  /** LOGOUT when nothing is under way, then the end of the connection. Never rejects. */
  close(): Promise<void>
}

type Waiting = {
  readonly tag: string
  readonly resolve: (completion: Completion) => void
  readonly reject: (cause: unknown) => void
}

const maxLiteralBytes = 1024 * 1024
const maxResponseBytes = 4 * 1024 * 1024
const logoutMs = 1_000

/** An argument that is a mailbox name as `SourceFolder.serverName` has it: quoted where it may be (RFC 3501 §4.3), as a literal otherwise. */
export const astring = (text: string): string | Uint8Array =>
  /^[\u0020-\u007e]*$/.test(text) ? quote(text) : bytesOfServerName(text)

/**
 * Takes the connection over from an imapflow that has signed in. The library gives its sockets away for good, so it is
 * not asked anything afterwards, only closed.
 */
export const takeOver = (client: ImapFlow, peer: Peer): ImapSession => {
  const capabilities = new Set([...client.capabilities.keys()].map((name) => name.toUpperCase()))
  const { readSocket, writeSocket, socket } = client.unbind() as unknown as {
    readSocket: Readable
    writeSocket: Writable
    socket: Duplex & { setTimeout(ms: number): unknown }
  }
  const waiting: Waiting[] = []
  let handlers: CommandHandlers = {}
  let failure: { readonly cause: unknown } | null = null
  let farewell: string | null = null
  let isClosing = false
  let lastTag = 0
  let onContinue: (() => void) | null = null

  // The response being read: its text so far, and for FETCH what it said.
  let text = ''
  let literal: { readonly parts: Uint8Array[] } | null = null
  let fetching: { readonly number: number; readonly attributes: FetchAttributes; hasBody: boolean } | null = null
  let literalUse: 'collect' | 'stream' | 'discard' = 'discard'

  const fail = (cause: unknown): void => {
    if (failure) return
    failure = { cause }
    socket.destroy()
    client.close()
    for (const one of waiting.splice(0)) one.reject(cause)
  }
  const lost = (cause?: unknown): void => {
    if (farewell !== null) fail(saidBye(peer, farewell))
    else fail(cause === undefined ? unreachable(peer, 'it closed the connection') : toSourceError(peer, cause))
  }
  const outOfStep = (reason: string) => againstProtocol(peer, reason)

  const beginFetch = (line: string, sequenceNumber: number, from: number, literalBytes: number | null) => {
    fetching = { number: sequenceNumber, attributes: {}, hasBody: false }
    return continueFetch(line, from, literalBytes)
  }
  const continueFetch = (line: string, from: number, literalBytes: number | null): void | Promise<void> => {
    const current = fetching!
    const state = readAttributes(line, from, current.attributes)
    if (state === null) throw outOfStep('a FETCH response breaks off')
    if ('complete' in state) {
      if (literalBytes !== null) throw outOfStep('a literal stands where none may')
      fetching = null
      return handlers.fetch?.complete(current.number, current.attributes, current.hasBody)
    }
    if (literalBytes === null) throw outOfStep('a FETCH response breaks off')
    literalUse = 'discard'
    if (!isWholeBody(state.awaits) || current.hasBody || !handlers.fetch?.bodyBegins) return
    if (!handlers.fetch.bodyBegins(current.attributes, literalBytes)) return
    current.hasBody = true
    literalUse = 'stream'
  }

  const tagged = (line: string, tag: string): void => {
    const index = waiting.findIndex((one) => one.tag === tag)
    if (index !== 0) throw outOfStep('it answered a command nobody gave')
    const match = /^(OK|NO|BAD)(?: (.*))?$/is.exec(line)
    if (!match) throw outOfStep('a command ended neither well nor badly')
    const one = waiting.shift()!
    one.resolve({ status: match[1]!.toUpperCase() as Completion['status'], ...splitCode(match[2] ?? '') })
  }
  const untagged = (line: string): void => {
    const match = /^(?:(\d+) )?([A-Za-z][A-Za-z0-9-]*)(?: (.*))?$/s.exec(line)
    // A line that is no response at all is noise on the line; only out-of-step FETCH and tags are dangerous.
    if (!match) return
    const keyword = match[2]!.toUpperCase()
    if (keyword === 'BYE') {
      farewell = match[3] ?? ''
      return
    }
    handlers.untagged?.(keyword, match[1] ?? match[3] ?? '')
  }

  const fetchStart = /^\* (\d{1,10}) FETCH \(/i
  const wire = createWireReader(
    {
      line: (line, literalBytes, isContinuation) => {
        if (!isContinuation) {
          if (line.startsWith('* ')) {
            const fetch = fetchStart.exec(line)
            if (fetch) return beginFetch(line, Number(fetch[1]), fetch[0].length, literalBytes)
          }
          text = ''
        } else if (fetching) return continueFetch(line, 0, literalBytes)
        if (literal) {
          text += quote(Buffer.concat(literal.parts).toString('latin1'))
          literal = null
        }
        text += line
        if (text.length > maxResponseBytes) throw outOfStep('a response has no end')
        if (literalBytes !== null) {
          if (literalBytes > maxLiteralBytes) throw outOfStep('a literal is larger than it may be there')
          literal = { parts: [] }
          literalUse = 'collect'
          return
        }
        const whole = text
        text = ''
        if (whole.startsWith('* ')) return untagged(whole.slice(2))
        if (whole.startsWith('+')) {
          onContinue?.()
          return
        }
        const space = whole.indexOf(' ')
        const tag = space < 0 ? whole : whole.slice(0, space)
        // What the library had asked for before the hand-over may still be answered.
        if (/^S\d+$/.test(tag)) return tagged(whole.slice(space + 1), tag)
      },
      literal: (chunk) => {
        if (literalUse === 'stream') return handlers.fetch?.bodyBytes?.(chunk)
        if (literalUse === 'collect') literal?.parts.push(Uint8Array.prototype.slice.call(chunk))
      },
    },
    {
      onFailure: (cause) => fail(cause instanceof RangeError ? againstProtocol(peer, cause.message, cause) : cause),
      onReady: () => {
        // Node arms the timer only on activity: a pause longer than the time-out would have used it up.
        socket.setTimeout(peer.timeoutMs)
        isPaused = false
        readSocket.resume()
      },
    },
  )
  let isPaused = false
  readSocket.on('data', (chunk: Buffer) => {
    if (wire.push(chunk)) return
    isPaused = true
    readSocket.pause()
  })
  for (const stream of new Set<Readable | Writable>([readSocket, writeSocket, socket])) stream.on('error', lost)
  readSocket.on('end', () => lost())
  socket.on('close', () => lost())
  socket.on('timeout', () => {
    // Silence is the server's only while it owes an answer and we listen.
    if (waiting.length > 0 && !isPaused) fail(timedOut(peer))
  })
  socket.setTimeout(peer.timeoutMs)
  readSocket.resume()

  const awaitTag = (tag: string): Promise<Completion> =>
    new Promise((resolve, reject) => {
      if (failure) reject(failure.cause)
      else waiting.push({ tag, resolve, reject })
    })
  const send = (bytes: string | Uint8Array): void => {
    if (!failure) writeSocket.write(bytes)
  }
  const canSendLiteralsAtOnce = capabilities.has('LITERAL+')

  const command: ImapSession['command'] = async (parts, own = {}) => {
    if (failure) throw failure.cause
    handlers = own
    const tag = `S${++lastTag}`
    const done = awaitTag(tag)
    // Rejections are handled where `done` is awaited; a continuation may be awaited before that.
    done.catch(() => {})
    let line = `${tag} `
    for (const part of parts) {
      if (typeof part === 'string') {
        line += part
        continue
      }
      const goAhead = canSendLiteralsAtOnce
        ? null
        : new Promise<void>((resolve) => {
            onContinue = resolve
          })
      send(`${line}{${part.length}${canSendLiteralsAtOnce ? '+' : ''}}\r\n`)
      line = ''
      if (goAhead && (await Promise.race([goAhead.then(() => null), done]))) return done
      onContinue = null
      send(part)
    }
    send(`${line}\r\n`)
    socket.setTimeout(peer.timeoutMs)
    return done
  }
  return {
    peer,
    has: (capability) => capabilities.has(capability.toUpperCase()),
    command,
    pipeline: async (lines, own = {}) => {
      if (failure) throw failure.cause
      handlers = own
      const all = lines.map((line) => {
        const tag = `S${++lastTag}`
        const done = awaitTag(tag)
        send(`${tag} ${line}\r\n`)
        return done
      })
      socket.setTimeout(peer.timeoutMs)
      return Promise.all(all)
    },
    fail,
    close: async () => {
      if (isClosing) return
      isClosing = true
      if (!failure && waiting.length === 0) {
        let timer: NodeJS.Timeout | undefined
        const patience = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, logoutMs)
        })
        await Promise.race([command(['LOGOUT']).catch(() => {}), patience])
        clearTimeout(timer)
      }
      fail(unreachable(peer, 'the session was closed'))
    },
  }
}

export const unreadable = (session: ImapSession): AppError =>
  againstProtocol(session.peer, 'a response could not be read')

/** The tokens of a response, or an error saying that it cannot be read. */
export const tokensOf = (session: ImapSession, text: string): readonly Token[] => {
  const tokens = tokenize(text)
  if (!tokens) throw unreadable(session)
  return tokens
}
