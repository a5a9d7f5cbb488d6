import { connect } from 'node:net'

export type ImapScript = {
  /** Sends one command without its tag and answers the untagged lines. @throws Error unless it ends with OK. */
  run(command: string): Promise<readonly string[]>
  /** @param options what stands between mailbox and literal: `(\Seen) "17-Jul-1996 02:44:25 -0700" `. */
  append(mailbox: string, bytes: Uint8Array, options?: string): Promise<void>
  close(): Promise<void>
}

/** Just enough IMAP to fill a server with: one command after the other, no literals in answers. Signs in by LOGIN. */
export const openImapScript = async (port: number, userName: string, password: string): Promise<ImapScript> => {
  const socket = connect(port, '127.0.0.1')
  socket.setTimeout(20_000, () => socket.destroy(new Error('the IMAP server did not answer for 20 seconds')))
  let received = ''
  let failure: Error | null = null
  let wake: (() => void) | null = null
  const notify = () => {
    wake?.()
    wake = null
  }
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    notify()
  })
  socket.once('error', (error) => {
    failure = error
    notify()
  })
  socket.once('close', () => {
    failure ??= new Error('the IMAP server closed the connection')
    notify()
  })
  const line = async (): Promise<string> => {
    for (;;) {
      const end = received.indexOf('\r\n')
      if (end >= 0) {
        const result = received.slice(0, end)
        received = received.slice(end + 2)
        return result
      }
      if (failure) throw failure
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  let count = 0
  const finish = async (tag: string, name: string): Promise<readonly string[]> => {
    const untagged: string[] = []
    for (;;) {
      const next = await line()
      if (next.startsWith(`${tag} OK`)) return untagged
      if (next.startsWith(tag)) throw new Error(`IMAP ${name}: ${next.slice(tag.length + 1)}`)
      untagged.push(next)
    }
  }
  const run = async (command: string): Promise<readonly string[]> => {
    const tag = `t${++count}`
    socket.write(`${tag} ${command}\r\n`)
    return finish(tag, command.split(' ', 1)[0] ?? '')
  }
  await line()
  await run(`LOGIN "${userName}" "${password}"`)
  return {
    run,
    append: async (mailbox, bytes, options = '') => {
      const tag = `t${++count}`
      socket.write(`${tag} APPEND "${mailbox}" ${options}{${bytes.length}+}\r\n`)
      socket.write(bytes)
      socket.write('\r\n')
      await finish(tag, 'APPEND')
    },
    close: async () => {
      await run('LOGOUT').catch(() => [])
      socket.destroy()
    },
  }
}
