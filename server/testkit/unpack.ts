import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A line of items.jsonl, as far as tests look at it. */
export type UnpackedItem = {
  readonly entry: string
  readonly kind: string
  readonly folder: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly uid?: number
  readonly flags?: readonly string[]
  readonly internalDate?: string
  readonly href?: string
}

export type Unpacked = {
  readonly folder: string
  readonly items: readonly UnpackedItem[]
  readonly issues: readonly {
    readonly kind: string
    readonly folder: string
    readonly ref: string | null
    readonly code: string
  }[]
  readonly manifest: {
    readonly folders: readonly Record<string, unknown>[]
    readonly items: { readonly count: number; readonly treeRoot: string }
  }
  bytesOf(entry: string): Promise<Buffer>
}

const lines = async <T>(path: string): Promise<T[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)

/** Unpacks an archive with unzip: an independent reader, as a stranger would use it. */
export const unpack = async (archive: string, into: string): Promise<Unpacked> => {
  await mkdir(into, { recursive: true })
  await run('unzip', ['-q', '-o', archive, '-d', into], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    maxBuffer: 1 << 24,
  })
  return {
    folder: into,
    items: await lines(join(into, 'items.jsonl')),
    issues: await lines(join(into, 'issues.jsonl')),
    manifest: JSON.parse(await readFile(join(into, 'stillbox.json'), 'utf8')),
    bytesOf: (entry) => readFile(join(into, entry)),
  }
}
