import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A port nothing listens on at this moment, on loopback. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })

/** A folder of its own under the system's temporary folder, and how to remove it. */
export const ownFolder = async (name: string): Promise<{ path: string; remove: () => Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), `stillbox-${name}-`))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

export type Child = {
  readonly pid: number
  /** What it printed so far, both streams: for the message of a failed start. */
  output(): string
  /** SIGTERM, SIGKILL after `graceMs`, resolved once it is gone. With `group`, its whole process group. */
  stop(): Promise<void>
  kill(signal: NodeJS.Signals): void
  readonly exited: Promise<number | null>
}

export type ChildOptions = {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
  /** Starts it as leader of a process group, so that stopping it stops what it started. */
  readonly group?: boolean
  readonly graceMs?: number
}

const running = new Set<ChildProcess>()
// A test that dies must not leave servers behind.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

export const startChild = (program: string, args: readonly string[], options: ChildOptions = {}): Child => {
  const { cwd, env, uid, gid, group = false, graceMs = 5_000 } = options
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: group,
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    env: { ...process.env, ...env },
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} did not start`)
  running.add(child)
  let printed = ''
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString('utf8')).slice(-20_000)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(group ? -pid : pid, signal)
    } catch {
      // It is gone already, which is what was wanted.
    }
  }
  return {
    pid,
    exited,
    kill,
    output: () => printed,
    stop: async () => {
      kill('SIGTERM')
      const timer = setTimeout(() => kill('SIGKILL'), graceMs)
      await exited
      clearTimeout(timer)
      if (group) kill('SIGKILL')
    },
  }
}

/** Waits until something accepts connections there. @throws Error with what the child printed when it ended or took too long. */
export const waitForPort = async (port: number, child: Child, timeoutMs = 20_000): Promise<void> => {
  const deadline = Date.now() + timeoutMs
  let ended = false
  void child.exited.then(() => {
    ended = true
  })
  while (Date.now() < deadline && !ended) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (open) return
    await sleep(50)
  }
  throw new Error(`nothing listens on port ${port}; the server printed:\n${child.output()}`)
}
