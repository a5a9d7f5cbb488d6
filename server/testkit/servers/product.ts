import { createWriteStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { placeCluster } from '../embedded-cluster.ts'
import { type Child, freePort, ownFolder, startChild } from './child.ts'

const repository = join(import.meta.dirname, '../../..')
const startTimeoutMs = 60_000

export type ProductOptions = {
  /** Text of the configuration file (YAML; JSON is YAML). Without it, the sample organization is there. */
  readonly config?: string
  /** PostgreSQL; otherwise the embedded database. */
  readonly databaseUrl?: string
  /** A data folder to go on with; otherwise an own one, removed by `stop`. */
  readonly dataFolder?: string
  readonly env?: Readonly<Record<string, string>>
  /** Another start of the product than `server/src/main.ts`, from the top of the repository. */
  readonly entry?: string
}

export type Product = {
  readonly url: string
  readonly pid: number
  readonly dataFolder: string
  readonly admin: { readonly userName: string; readonly password: string }
  /** Everything it printed, log lines included. */
  output(): string
  /** POST /JSON/Invoke/<method> with form fields; @throws Error with what was answered unless it is 200. */
  invoke<T>(method: string, params?: Readonly<Record<string, string>>): Promise<T>
  fetch(path: string, init?: RequestInit): Promise<Response>
  download(snapshotId: string, to: string): Promise<void>
  /** Polls GetSnapshotInfo until the snapshot is in one of these states. */
  until<T extends { state: string }>(snapshotId: string, states: readonly string[], timeoutMs?: number): Promise<T>
  /** As a user stops it. */
  stop(): Promise<void>
  /** kill -9 of the service alone; its work processes find out by themselves. */
  kill(): Promise<void>
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
}

const waitUntilHealthy = async (url: string, child: Child): Promise<void> => {
  let hasEnded = false
  void child.exited.then(() => {
    hasEnded = true
  })
  const deadline = Date.now() + startTimeoutMs
  while (Date.now() < deadline && !hasEnded) {
    const answer = await fetch(`${url}/healthz`).catch(() => null)
    if (answer?.ok) return
    await sleep(50)
  }
  throw new Error(`the product did not become healthy; it printed:\n${child.output()}`)
}

/** The product as its users start it: an own process, an own data folder, a free port; stopped by its pid. */
export const startProduct = async ({
  config,
  databaseUrl,
  dataFolder,
  env = {},
  entry = 'server/src/main.ts',
}: ProductOptions = {}): Promise<Product> => {
  const own = dataFolder === undefined ? await ownFolder('product') : null
  const folder = dataFolder ?? own!.path
  if (databaseUrl === undefined) await placeCluster(folder)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const admin = { userName: 'admin', password: 'correct horse battery staple' }
  const configFile = join(folder, 'test.config.yaml')
  await writeFile(configFile, config ?? 'logLevel: info\n')
  const child = startChild(
    join(repository, 'node_modules/.bin/node'),
    ['--disable-warning=ExperimentalWarning', entry],
    {
      cwd: repository,
      graceMs: 20_000,
      env: {
        STILLBOX_HOST: '127.0.0.1',
        STILLBOX_PORT: String(port),
        STILLBOX_DATA_DIR: folder,
        STILLBOX_CONFIG: configFile,
        STILLBOX_ADMIN_PASSWORD: admin.password,
        DATABASE_URL: databaseUrl ?? '',
        ...env,
      },
    },
  )
  const authorization = `Basic ${Buffer.from(`${admin.userName}:${admin.password}`).toString('base64')}`
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { ...init, headers: { authorization, ...init.headers } })
  const invoke = async <T>(method: string, params: Readonly<Record<string, string>> = {}): Promise<T> => {
    const answer = await ask(`/JSON/Invoke/${method}`, { method: 'POST', body: new URLSearchParams(params) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} was answered ${answer.status}: ${text}`)
    return JSON.parse(text) as T
  }
  try {
    await waitUntilHealthy(url, child)
  } catch (error) {
    await child.stop()
    await own?.remove()
    throw error
  }
  return {
    url,
    pid: child.pid,
    dataFolder: folder,
    admin,
    output: child.output,
    invoke,
    fetch: ask,
    download: async (snapshotId, to) => {
      const answer = await ask(`/download/${snapshotId}`)
      if (!answer.ok || !answer.body)
        throw new Error(`the download was answered ${answer.status}: ${await answer.text()}`)
      await pipeline(chunksOf(answer.body), createWriteStream(to))
    },
    until: async <T extends { state: string }>(
      snapshotId: string,
      states: readonly string[],
      timeoutMs = 60_000,
    ): Promise<T> => {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const snapshot = await invoke<T>('GetSnapshotInfo', { snapshotId })
        if (states.includes(snapshot.state)) return snapshot
        if (Date.now() > deadline)
          throw new Error(
            `still ${snapshot.state}, and not ${states.join(' or ')}:\n${JSON.stringify(snapshot, null, 1)}\n${child.output()}`,
          )
        await sleep(100)
      }
    },
    stop: async () => {
      await child.stop()
      await own?.remove()
    },
    kill: async () => {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}
