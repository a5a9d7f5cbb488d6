import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ItemFacts, ItemIssue, ItemRef, ItemSink, Source, SourceFolder } from './source.ts'

/** A source filled for the contract: at least two folders, one of them with 20 items or more. */
export type SourceContractSetUp = {
  open(signal: AbortSignal): Promise<Source>
  /** Every selectable folder, empty ones included, with the exact bytes of its items in any order. */
  readonly holds: readonly { readonly path: readonly string[]; readonly items: readonly Uint8Array[] }[]
  /** A ref of the right form that no folder holds, greater than all that exist. */
  readonly absentRef: ItemRef
  stop(): Promise<void>
}

/** What a sink was called with, checked for order as it happens. */
export type SinkRecord = {
  readonly sink: ItemSink
  readonly taken: Map<ItemRef, { facts: ItemFacts; announced: number | null; sha256: string; sizeBytes: number }>
  readonly skipped: ItemIssue[]
  /** Calls against the rules: out of order, or while a promise was pending. */
  readonly faults: string[]
}

/** A sink that hashes, and notes every breach of the order `begin write* end`. `delayMs` makes it slow. */
export const recordingSink = ({ delayMs = 0, onCall = () => {} }: { delayMs?: number; onCall?: () => void } = {}) => {
  const record: Omit<SinkRecord, 'sink'> = { taken: new Map(), skipped: [], faults: [] }
  let open: {
    facts: ItemFacts
    announced: number | null
    hash: ReturnType<typeof createHash>
    sizeBytes: number
  } | null = null
  let isPending = false
  const enter = (name: string) => {
    if (isPending) record.faults.push(`${name} while a promise was pending`)
    onCall()
  }
  const slowly = (): void | Promise<void> => {
    if (delayMs === 0) return
    isPending = true
    return sleep(delayMs).then(() => {
      isPending = false
    })
  }
  const sink: ItemSink = {
    begin(facts, announced) {
      enter('begin')
      if (open) record.faults.push('begin before the end of the item before')
      open = { facts, announced, hash: createHash('sha256'), sizeBytes: 0 }
    },
    write(chunk) {
      enter('write')
      if (!open) record.faults.push('write without begin')
      open?.hash.update(chunk)
      if (open) open.sizeBytes += chunk.length
      return slowly()
    },
    end() {
      enter('end')
      if (!open) {
        record.faults.push('end without begin')
        return
      }
      const { facts, announced, hash, sizeBytes } = open
      if (record.taken.has(facts.ref)) record.faults.push(`${facts.ref} came twice`)
      record.taken.set(facts.ref, { facts, announced, sha256: hash.digest('hex'), sizeBytes })
      open = null
      return slowly()
    },
    skip(issue) {
      enter('skip')
      if (open) record.faults.push('skip inside an item')
      record.skipped.push(issue)
    },
  }
  return { sink, ...record } satisfies SinkRecord
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const comparePaths = (a: readonly string[], b: readonly string[]): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compare(a[i]!, b[i]!)
    if (order !== 0) return order
  }
  return a.length - b.length
}
const compareRefs = (a: ItemRef, b: ItemRef): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b))
const never = (): AbortSignal => new AbortController().signal

/** The promise of `Source`, kept by every adapter. */
export const sourceContract = (name: string, setUp: () => Promise<SourceContractSetUp>): void => {
  describe(`${name} keeps the Source contract`, () => {
    let world: SourceContractSetUp
    let source: Source
    beforeAll(async () => {
      world = await setUp()
      source = await world.open(never())
    })
    afterAll(async () => {
      await source?.close()
      await world?.stop()
    })

    const largest = async (from: Source): Promise<{ folder: SourceFolder; refs: ItemRef[] }> => {
      const path = [...world.holds].sort((a, b) => b.items.length - a.items.length)[0]!.path
      const folder = (await from.folders(never())).find((one) => comparePaths(one.path, path) === 0)!
      return { folder, refs: (await from.list(folder, never())).items.map((item) => item.ref) }
    }

    test('names every folder once, in canonical order', async () => {
      const folders = await source.folders(never())
      const paths = folders.map((folder) => folder.path)
      expect(paths).toEqual([...paths].sort(comparePaths))
      expect(new Set(folders.map((folder) => folder.serverName)).size).toBe(folders.length)
      for (const path of paths) for (const segment of path) expect(segment).not.toBe('')
      const selectable = folders.filter((folder) => folder.isSelectable).map((folder) => folder.path)
      expect(selectable).toEqual(world.holds.map((folder) => folder.path).sort(comparePaths))
    })

    test('lists what each folder holds, ascending', async () => {
      for (const folder of await source.folders(never())) {
        if (!folder.isSelectable) continue
        const held = world.holds.find((one) => comparePaths(one.path, folder.path) === 0)
        const listing = await source.list(folder, never())
        expect(listing.issues).toEqual([])
        expect(listing.expectedCount).toBe(held!.items.length)
        expect(listing.items).toHaveLength(held!.items.length)
        const refs = listing.items.map((item) => item.ref)
        expect(refs).toEqual([...refs].sort(compareRefs))
        expect(new Set(refs).size).toBe(refs.length)
      }
    })

    test('reads every item exactly once, byte for byte', async () => {
      for (const folder of await source.folders(never())) {
        if (!folder.isSelectable) continue
        const held = world.holds.find((one) => comparePaths(one.path, folder.path) === 0)!
        const { items } = await source.list(folder, never())
        const record = recordingSink()
        await source.read(
          folder,
          items.map((item) => item.ref),
          record.sink,
          never(),
        )
        expect(record.faults).toEqual([])
        expect(record.skipped).toEqual([])
        expect([...record.taken.keys()].sort(compareRefs)).toEqual(items.map((item) => item.ref))
        expect([...record.taken.values()].map((item) => item.sha256).sort()).toEqual(held.items.map(sha256).sort())
        for (const item of items) {
          const read = record.taken.get(item.ref)!
          if (item.sizeBytes !== null) expect(read.sizeBytes).toBe(item.sizeBytes)
          if (read.announced !== null) expect(read.announced).toBe(read.sizeBytes)
          if (item.receivedAtMs !== null) expect(read.facts.receivedAtMs).toBe(item.receivedAtMs)
        }
      }
    })

    test('reads only what it is asked for', async () => {
      const { folder, refs } = await largest(source)
      const wanted = refs.filter((_, i) => i % 3 === 1)
      const record = recordingSink()
      await source.read(folder, wanted, record.sink, never())
      expect(record.faults).toEqual([])
      expect([...record.taken.keys()].sort(compareRefs)).toEqual(wanted)
    })

    test('waits for a slow sink and never calls it while it works', async () => {
      const { folder, refs } = await largest(source)
      const record = recordingSink({ delayMs: 3 })
      await source.read(folder, refs.slice(0, 20), record.sink, never())
      expect(record.faults).toEqual([])
      expect(record.taken.size).toBe(20)
    })

    test('skips what is not there as vanished', async () => {
      const { folder, refs } = await largest(source)
      const record = recordingSink()
      await source.read(folder, [...refs.slice(0, 2), world.absentRef], record.sink, never())
      expect(record.faults).toEqual([])
      expect([...record.taken.keys()].sort(compareRefs)).toEqual(refs.slice(0, 2))
      expect(record.skipped).toEqual([
        { ref: world.absentRef, code: 'vanished', text: expect.any(String), isLost: true },
      ])
    })

    test('reads an empty list without a call to the sink', async () => {
      const { folder } = await largest(source)
      let calls = 0
      await source.read(folder, [], recordingSink({ onCall: () => calls++ }).sink, never())
      expect(calls).toBe(0)
    })

    test('hands on what a sink throws', async () => {
      const own = await world.open(never())
      const { folder, refs } = await largest(own)
      const failure = new Error('the disk of the test is full')
      const { sink } = recordingSink()
      const failing: ItemSink = { ...sink, end: () => Promise.reject(failure) }
      await expect(own.read(folder, refs, failing, never())).rejects.toBe(failure)
      await own.close()
    })

    test('gives up in the middle with the reason of the signal', async () => {
      const own = await world.open(never())
      const { folder, refs } = await largest(own)
      const controller = new AbortController()
      const reason = new Error('enough')
      let abortedAt = 0
      const record = recordingSink({
        delayMs: 20,
        onCall: () => {
          if (abortedAt !== 0 || record.taken.size < 2) return
          abortedAt = Date.now()
          controller.abort(reason)
        },
      })
      await expect(own.read(folder, refs, record.sink, controller.signal)).rejects.toBe(reason)
      expect(Date.now() - abortedAt).toBeLessThan(5_000)
      expect(record.taken.size).toBeLessThan(refs.length)
      await own.close()
    })

    test('does nothing for a signal that is aborted already', async () => {
      const reason = new Error('before it began')
      await expect(world.open(AbortSignal.abort(reason))).rejects.toBe(reason)
      const own = await world.open(never())
      await expect(own.folders(AbortSignal.abort(reason))).rejects.toBe(reason)
      await own.close()
    })

    test('closes twice without complaint', async () => {
      const own = await world.open(never())
      await own.close()
      await own.close()
    })
  })
}
