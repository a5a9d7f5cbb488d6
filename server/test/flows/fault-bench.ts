import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Result } from '@stillbox/shared/contract/registry.ts'
import { expect } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import { type Product, type ProductOptions, startProduct } from '../../testkit/servers/product.ts'
import { type Unpacked, unpack } from '../../testkit/unpack.ts'

const run = promisify(execFile)
const repository = join(import.meta.dirname, '../../..')

export type SnapshotInfo = Result<'GetSnapshotInfo'>

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The product with short delays, which prints the ids of its processes. */
export const startFaultProduct = (options: ProductOptions = {}): Promise<Product> =>
  startProduct({ ...options, entry: 'server/test/flows/product-main.ts' })

/** An organization on one IMAP server whose users sign in with the password of the call. */
export const imapOrganization = (organization: string, port: number, mail: Readonly<Record<string, unknown>> = {}) => ({
  organization,
  name: `Organization ${organization}`,
  directory: { type: 'pattern', login: '{userName}' },
  mail: {
    technology: 'imap',
    host: '127.0.0.1',
    port,
    tls: 'none',
    timeoutSeconds: 10,
    signIn: { method: 'password-of-user' },
    ...mail,
  },
})

export const createSnapshot = async (
  product: Product,
  params: Readonly<Record<string, string>>,
): Promise<{ readonly snapshotId: string; readonly statusUrl: string }> =>
  product.invoke('CreateSnapshot', {
    userName: 'anna',
    type: 'mailbox',
    start: '1990-01-01',
    end: '2035-01-01',
    password: 'secret',
    ...params,
  })

export const infoOf = (product: Product, snapshotId: string): Promise<SnapshotInfo> =>
  product.invoke<SnapshotInfo>('GetSnapshotInfo', { snapshotId })

/** Waits until nothing is going to happen any more, and answers how it ended. */
export const ended = (product: Product, snapshotId: string, timeoutMs = 60_000): Promise<SnapshotInfo> =>
  product.until<SnapshotInfo>(snapshotId, ['available', 'failed'], timeoutMs)

/** Process ids of the pieces of work that a product has started so far. */
export const workProcesses = (product: Product, kind = '[a-z-]+'): number[] =>
  [...product.output().matchAll(new RegExp(`^work process (\\d+) ${kind}$`, 'gm'))].map(([, pid]) => Number(pid))

export const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`)

export const gone = (pids: readonly number[], timeoutMs = 8_000): Promise<void> =>
  expect.poll(() => pids.filter(isAlive), { timeout: timeoutMs, interval: 50 }).toEqual([])

/** The product has no process at work, no file of an attempt, and of archives only these, with what is derived from them. */
export const nothingLeftBut = async (product: Product, archives: readonly string[]): Promise<void> => {
  await gone(workProcesses(product), 20_000)
  const expected = archives.map((id) => `archives/${id}.zip`).sort()
  const derived = new Set(archives.map((id) => `archives/${id}.fulltext.sqlite`))
  const found = async () => {
    const names = await Promise.all(
      ['work', 'archives'].map(async (folder) =>
        (await readdir(join(product.dataFolder, folder))).map((name) => `${folder}/${name}`),
      ),
    )
    return names
      .flat()
      .filter((name) => !derived.has(name))
      .sort()
  }
  // The service clears away right after its process has ended.
  await expect.poll(found, { interval: 50 }).toEqual(expected)
}

export const archiveOf = (product: Product, snapshotId: string): string =>
  join(product.dataFolder, 'archives', `${snapshotId}.zip`)

/** Checks an archive offline, by the command a stranger would use. */
export const expectWhole = async (archive: string): Promise<void> => {
  const { stdout } = await run(
    join(repository, 'node_modules/.bin/node'),
    ['--disable-warning=ExperimentalWarning', 'server/src/cli.ts', 'verify', archive],
    { cwd: repository },
  )
  expect(stdout).toMatch(/^whole: /)
}

/** Unpacks an archive with unzip into a folder that lives as long as the callback. */
export const withUnpacked = async (archive: string, check: (unpacked: Unpacked) => Promise<void>): Promise<void> => {
  const folder = await ownFolder('unpacked')
  try {
    await check(await unpack(archive, join(folder.path, 'content')))
  } finally {
    await folder.remove()
  }
}

/** The archive is whole, and holds exactly these messages, each once, byte for byte. */
export const expectMessages = async (archive: string, messages: readonly Uint8Array[]): Promise<void> => {
  await expectWhole(archive)
  await withUnpacked(archive, async ({ items, bytesOf }) => {
    expect(items.map((item) => item.sha256).sort()).toEqual(messages.map(sha256).sort())
    for (const { entry, sha256: hash } of items) expect(sha256(await bytesOf(entry))).toBe(hash)
  })
}

/** What an error says to a person. */
export const sentenceOf = ({ error }: SnapshotInfo): string => error?.message ?? ''

/** Peak resident memory of a process so far, in bytes; 0 once it is gone. */
export const peakRssBytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024
}
