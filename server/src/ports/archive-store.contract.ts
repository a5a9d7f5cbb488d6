import { createHash, randomBytes } from 'node:crypto'
import { access, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ArchiveStore, StoredArchive } from './archive-store.ts'

const newId = () => SnapshotId.parse(crypto.randomUUID())
const never = new AbortController().signal
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const readAll = async (archive: StoredArchive, range = { start: 0, end: archive.sizeBytes - 1 }): Promise<Buffer> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of archive.stream(range, never)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** What every archive store keeps to. `open` gives an empty one. */
export const archiveStoreContract = (
  name: string,
  open: () => Promise<{ readonly store: ArchiveStore; close(): Promise<void> }>,
): void => {
  describe(`${name} as ArchiveStore`, () => {
    let opened: Awaited<ReturnType<typeof open>>
    let store: ArchiveStore
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    })
    afterAll(() => opened.close())

    const publish = async (bytes: Uint8Array, id = newId()): Promise<SnapshotId> => {
      const draft = join(await store.openWorkFolder(id), 'draft.zip')
      await writeFile(draft, bytes)
      expect(await store.publish(id, draft)).toEqual({ sizeBytes: bytes.length })
      await store.discardWorkFolder(id)
      return id
    }

    it('gives an empty work folder for each attempt, and removes it with all in it', async () => {
      const id = newId()
      const first = await store.openWorkFolder(id)
      await writeFile(join(first, 'left behind'), 'x')
      expect(await store.workFolders()).toEqual([id])
      const second = await store.openWorkFolder(id)
      expect(await readdir(second)).toEqual([])
      await expect(access(join(first, 'left behind'))).rejects.toThrow()
      await store.discardWorkFolder(id)
      await store.discardWorkFolder(id)
      expect(await store.workFolders()).toEqual([])
    })

    it('publishes, lists, reads in ranges and removes', async () => {
      const bytes = randomBytes(2_500_000)
      const id = await publish(bytes)
      expect(await store.has(id)).toBe(true)
      expect(await store.list()).toEqual([id])
      expect(await store.usage()).toMatchObject({ archiveCount: 1, archiveBytes: bytes.length })
      const archive = await store.open(id)
      expect(archive.sizeBytes).toBe(bytes.length)
      expect(sha256(await readAll(archive))).toBe(sha256(bytes))
      for (const [start, end] of [
        [0, 0],
        [1_048_575, 1_048_576],
        [2_499_999, 2_499_999],
      ] as const)
        expect(await readAll(archive, { start, end })).toEqual(bytes.subarray(start, end + 1))
      await store.remove(id)
      // Whoever has it open reads on.
      expect(sha256(await readAll(archive))).toBe(sha256(bytes))
      await archive.close()
      await archive.close()
      await store.remove(id)
      expect(await store.has(id)).toBe(false)
      await expect(store.open(id)).rejects.toSatisfy((error) => isAppError(error, 'archive_missing'))
    })

    it('replaces the archive of an earlier attempt, and what was derived from it', async () => {
      const id = await publish(Buffer.from('first'))
      await writeFile(store.fullTextPath(id), 'words')
      await publish(Buffer.from('second'), id)
      const archive = await store.open(id)
      expect((await readAll(archive)).toString()).toBe('second')
      await archive.close()
      await expect(access(store.fullTextPath(id))).rejects.toThrow()
      await store.remove(id)
    })

    it('removes what work beside an archive has left half done, and nothing else', async () => {
      const id = await publish(Buffer.from('archive'))
      await writeFile(store.fullTextPath(id), 'words')
      const halves = [`${store.fullTextPath(id)}.part`, store.archivePath(id).replace(/zip$/, 'verify.x.part')]
      for (const path of halves) await writeFile(path, 'half')
      const other = store.archivePath(id).replace(/[^/]+$/, 'mine.part')
      await writeFile(other, 'not of the store')
      await store.removeDrafts()
      for (const path of halves) await expect(access(path)).rejects.toThrow()
      for (const path of [store.archivePath(id), store.fullTextPath(id), other]) await access(path)
      await store.remove(id)
    })

    it('stops reading when aborted', async () => {
      const id = await publish(randomBytes(3_000_000))
      const archive = await store.open(id)
      const stop = new AbortController()
      const reason = new Error('the client went away')
      let chunks = 0
      const reading = (async () => {
        for await (const _ of archive.stream({ start: 0, end: archive.sizeBytes - 1 }, stop.signal)) {
          chunks++
          stop.abort(reason)
        }
      })()
      await expect(reading).rejects.toBe(reason)
      expect(chunks).toBe(1)
      await archive.close()
      await store.remove(id)
    })

    it('does not publish what is not there', async () => {
      const id = newId()
      const folder = await store.openWorkFolder(id)
      await expect(store.publish(id, join(folder, 'nothing.zip'))).rejects.toSatisfy((error) =>
        isAppError(error, 'store_failed'),
      )
      expect(await store.has(id)).toBe(false)
      await store.discardWorkFolder(id)
    })
  })
}
