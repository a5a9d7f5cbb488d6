import { connect, createServer, type Socket } from 'node:net'

/** A way to a server that can be barred in the middle of an answer, to have time for what must go wrong just then. */
export type Gate = {
  readonly port: number
  /** From now on lets so many bytes of the server through, over all connections, and then nothing until `open`. Resolves when it bars. */
  barAfter(bytes: number): Promise<void>
  open(): void
  /** Cuts every connection at once. */
  cut(): void
  /** Bytes of the server that went through so far. */
  passed(): number
  stop(): Promise<void>
}

export const startGate = async (serverPort: number): Promise<Gate> => {
  const pairs = new Set<readonly [Socket, Socket]>()
  let passed = 0
  let left = Number.POSITIVE_INFINITY
  let onBarred = () => {}

  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    for (const [one, other] of [pair, [upstream, client] as const]) {
      one.setNoDelay(true)
      one.on('error', () => {})
      one.once('close', () => {
        pairs.delete(pair)
        other.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => {
      const now = chunk.subarray(0, Math.max(0, left))
      left -= now.length
      passed += now.length
      if (now.length > 0 && !client.write(now)) {
        upstream.pause()
        client.once('drain', () => left > 0 && upstream.resume())
      }
      if (left > 0) return
      upstream.pause()
      if (now.length < chunk.length) upstream.unshift(chunk.subarray(now.length))
      onBarred()
    })
    if (left <= 0) upstream.pause()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (!address || typeof address !== 'object') throw new Error('no port')
  const cut = () => {
    for (const [client, upstream] of pairs) {
      client.destroy()
      upstream.destroy()
    }
  }
  return {
    port: address.port,
    barAfter: (bytes) => {
      left = bytes
      return new Promise((resolve) => {
        onBarred = resolve
      })
    },
    open: () => {
      left = Number.POSITIVE_INFINITY
      for (const [, upstream] of pairs) upstream.resume()
    },
    cut,
    passed: () => passed,
    stop: async () => {
      cut()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
