import { connect, createServer, type Socket } from 'node:net'

export type CuttingProxy = {
  readonly port: number
  /** The next connection that sends this many bytes to the server is cut hard then. */
  cutNextAfter(bytes: number): void
  /** The next connection that sends this many bytes to the server falls silent then, in both directions and without an end. */
  stallNextAfter(bytes: number): void
  /** How many connections came so far. */
  readonly connectionCount: number
  /** Bytes sent to the server, over all connections. */
  readonly bytesUp: number
  stop(): Promise<void>
}

/** A TCP proxy on loopback that does to connections what the world does. */
export const startCuttingProxy = async (targetPort: number): Promise<CuttingProxy> => {
  const open = new Set<Socket>()
  let plan: { readonly how: 'cut' | 'stall'; readonly after: number } | null = null
  let connectionCount = 0
  let bytesUp = 0
  const server = createServer({ noDelay: true }, (client) => {
    connectionCount++
    const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true })
    let passed = 0
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        open.delete(socket)
        end()
      })
    }
    client.on('data', (chunk) => {
      passed += chunk.length
      bytesUp += chunk.length
      if (plan && passed >= plan.after) {
        const { how } = plan
        plan = null
        if (how === 'cut') {
          // What the kernels hold still arrives, as it does when a line breaks: the server sees the end later than we do.
          upstream.end(chunk)
          client.resetAndDestroy()
        } else {
          client.removeAllListeners('data').pause()
          upstream.removeAllListeners('data').pause()
        }
        return
      }
      if (!upstream.write(chunk)) {
        client.pause()
        upstream.once('drain', () => client.resume())
      }
    })
    upstream.on('data', (chunk) => {
      if (client.write(chunk)) return
      upstream.pause()
      client.once('drain', () => upstream.resume())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    cutNextAfter: (after) => {
      plan = { how: 'cut', after }
    },
    stallNextAfter: (after) => {
      plan = { how: 'stall', after }
    },
    get connectionCount() {
      return connectionCount
    },
    get bytesUp() {
      return bytesUp
    },
    stop: async () => {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
