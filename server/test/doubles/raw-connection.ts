import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'

export type RawConnection = {
  /** Sends bytes as they are; text counts as latin1, one byte a character. False once the other side is gone. */
  send(bytes: string | Buffer): boolean
  /** Everything that came so far, as latin1. */
  received(): string
  isClosed(): boolean
  /** Resolves when the other side has closed. @throws Error after `withinMs` */
  closed(withinMs?: number): Promise<void>
  /** Stops reading, so that what is sent to us piles up. */
  pause(): void
  resume(): void
  close(): void
}

/** A connection that sends what it is told: no client library would send what an attacker does. */
export const openRaw = async (url: string, tls: { readonly ca?: string } = {}): Promise<RawConnection> => {
  const { hostname, port, protocol } = new URL(url)
  const to = { host: hostname, port: Number(port) }
  const socket = protocol === 'https:' ? connectTls({ ...to, ...tls }) : connect(to)
  let text = ''
  let isClosed = false
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
  })
  // A server that has enough of us resets the connection.
  socket.on('error', () => {})
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close'] as const)
      socket.once(event, () => {
        isClosed = true
        resolve()
      })
  })
  await new Promise<void>((resolve, reject) => {
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => resolve())
    socket.once('error', reject)
  })
  return {
    send: (bytes) => {
      if (isClosed || socket.destroyed) return false
      return socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    },
    received: () => text,
    isClosed: () => isClosed,
    closed: async (withinMs = 10_000) => {
      const timeout = new AbortController()
      const late = sleep(withinMs, 'late', { signal: timeout.signal }).catch(() => 'late')
      const first = await Promise.race([ended.then(() => 'closed'), late])
      timeout.abort()
      if (first === 'late') throw new Error(`the connection was still open after ${withinMs} ms`)
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
  }
}

/** One attempt: sends the bytes, waits until the other side closes, and gives back what it said. */
export const sendRaw = async (url: string, bytes: string | Buffer, withinMs?: number): Promise<string> => {
  const connection = await openRaw(url)
  try {
    connection.send(bytes)
    await connection.closed(withinMs)
    return connection.received()
  } finally {
    connection.close()
  }
}

/** The status lines of all answers in what was received. */
export const statusesIn = (received: string): readonly number[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
