import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Result } from '@stillbox/shared/contract/registry.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownFolder } from '../../testkit/servers/child.ts'
import type { Product } from '../../testkit/servers/product.ts'
import { checkFile } from '../pst/check-file.ts'
import { createSnapshot, ended, gone, isAlive, startFaultProduct, workProcesses } from './fault-bench.ts'

type Found = Result<'GetExports'>['exports'][number]

const stateOf = async (pid: number): Promise<string | undefined> =>
  /^State:\s+(\w)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1]

describe('an export whose process is killed', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let product: Product
  let snapshotId: string
  let itemCount: number
  const stopped: number[] = []

  beforeAll(async () => {
    folder = await ownFolder('killed-export')
    product = await startFaultProduct({ dataFolder: folder.path })
    const created = await createSnapshot(product, {
      organization: 'sample',
      userName: 'anna@sample.example',
      password: '',
    })
    snapshotId = created.snapshotId
    const done = await ended(product, snapshotId)
    expect(done).toMatchObject({ state: 'available', error: null })
    itemCount = done.itemCount!
  }, 120_000)
  afterAll(async () => {
    for (const pid of stopped.filter(isAlive)) process.kill(pid, 'SIGCONT')
    await product?.stop()
    await folder?.remove()
  })

  const exportsFolder = () => join(folder.path, 'exports')
  const begin = async (): Promise<string> => {
    const { exportId } = await product.invoke<{ exportId: string }>('ExportSnapshot', { snapshotId, format: 'pst' })
    return exportId
  }
  const infoOf = async (exportId: string): Promise<Found> => {
    const { exports } = await product.invoke<Result<'GetExports'>>('GetExports', { snapshotId })
    return exports.find((each) => each.exportId === exportId)!
  }
  const ends = async (exportId: string): Promise<Found> => {
    await expect
      .poll(async () => (await infoOf(exportId)).state, { timeout: 40_000, interval: 100 })
      .toMatch(/^(done|failed)$/)
    return infoOf(exportId)
  }
  /** Files that an attempt has begun. */
  const begun = async (exportId: string): Promise<readonly string[]> => {
    const root = join(exportsFolder(), `${exportId}.part`)
    const files = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
    return files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name))
  }
  const isWriting = async (exportId: string): Promise<boolean> => {
    const [path] = (await begun(exportId)).filter((name) => name.endsWith('.pst'))
    return path !== undefined && ((await stat(path).catch(() => null))?.size ?? 0) > 0
  }
  /** The work process of an export in the middle of its PST, where it stays. */
  const stopInTheMiddle = async (exportId: string, before: readonly number[]): Promise<number> => {
    const started = () => workProcesses(product, 'export').filter((one) => !before.includes(one))
    await expect.poll(started, { timeout: 15_000, interval: 5 }).toHaveLength(1)
    const pid = started()[0]!
    stopped.push(pid)
    // It runs in slices, so that it cannot be done before it is looked at.
    for (let slice = 0; slice < 500; slice++) {
      process.kill(pid, 'SIGSTOP')
      if (await isWriting(exportId)) break
      process.kill(pid, 'SIGCONT')
      await sleep(20)
    }
    await expect.poll(() => stateOf(pid)).toBe('T')
    const found = await infoOf(exportId)
    expect(found).toMatchObject({ state: 'running', files: [], report: null })
    // Neither under the name it is going to have, nor under the one it has.
    const names = (await begun(exportId)).map((path) => path.split('/').at(-1)!)
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/\.pst$/)]))
    for (const name of [...names, ...names.map((one) => one.replace(' part 1', '')), 'export-report.json'])
      expect((await product.fetch(`/exports/${exportId}/${encodeURIComponent(name)}`)).status).toBe(404)
    return pid
  }
  const download = async (found: Found): Promise<string> => {
    const [file] = found.files.filter(({ name }) => name.endsWith('.pst'))
    const answer = await product.fetch(`/exports/${found.exportId}/${encodeURIComponent(file!.name)}`)
    expect(answer.status).toBe(200)
    const path = join(folder.path, `${found.exportId}.pst`)
    await writeFile(path, Buffer.from(await answer.arrayBuffer()))
    expect((await stat(path)).size).toBe(file!.sizeBytes)
    return path
  }
  const expectWhole = async (exportId: string): Promise<void> => {
    const found = await ends(exportId)
    expect(found).toMatchObject({
      ...{ state: 'done', error: null },
      report: { counts: { inArchive: itemCount, written: itemCount, skipped: 0 } },
    })
    expect(await checkFile(await download(found))).toMatchObject({ faults: [], warnings: [] })
  }
  const nothingLeftOf = (exportId: string, isDone: boolean) =>
    expect
      .poll(async () => (await readdir(exportsFolder())).filter((name) => name.startsWith(exportId)), {
        timeout: 10_000,
        interval: 50,
      })
      .toEqual(isDone ? [exportId] : [])

  test('with the whole service, starts again with it and is complete', async () => {
    const exportId = await begin()
    const pid = await stopInTheMiddle(exportId, [])
    await product.kill()
    process.kill(pid, 'SIGCONT')
    await gone([pid], 10_000)
    expect(await readdir(exportsFolder())).toEqual([`${exportId}.part`])
    product = await startFaultProduct({ dataFolder: folder.path })
    await expectWhole(exportId)
    await nothingLeftOf(exportId, true)
  }, 90_000)

  test('alone, is tried again and is complete', async () => {
    const before = workProcesses(product, 'export')
    const exportId = await begin()
    const pid = await stopInTheMiddle(exportId, before)
    process.kill(pid, 'SIGKILL')
    await expectWhole(exportId)
    await nothingLeftOf(exportId, true)
  }, 60_000)

  test('each time, fails with what happened and leaves nothing', async () => {
    const exportId = await begin()
    const killed: number[] = workProcesses(product, 'export')
    for (let attempt = 1; attempt <= 3; attempt++) {
      const pid = await stopInTheMiddle(exportId, killed)
      process.kill(pid, 'SIGKILL')
      killed.push(pid)
      await gone([pid])
      await expect.poll(() => begun(exportId), { timeout: 5_000, interval: 5 }).toEqual([])
    }
    expect(await ends(exportId)).toMatchObject({
      ...{ state: 'failed', files: [], report: null },
      error:
        'The process that did the work ended unexpectedly (SIGKILL). If it fails each time, ask the administrator to look into the log.',
    })
    await nothingLeftOf(exportId, false)
  }, 60_000)

  test('by its user, ends within seconds and leaves nothing', async () => {
    const before = workProcesses(product, 'export')
    const exportId = await begin()
    const pid = await stopInTheMiddle(exportId, before)
    const cancelledAtMs = performance.now()
    await product.invoke('CancelExport', { snapshotId, exportId })
    // Stopped as it is, it cannot listen; whoever started it does not wait for long.
    await gone([pid], 10_000)
    expect(performance.now() - cancelledAtMs).toBeLessThan(10_000)
    await nothingLeftOf(exportId, false)
    expect(await ends(exportId)).toMatchObject({
      state: 'failed',
      error: 'Cancelled by admin.',
      files: [],
      report: null,
    })
  }, 30_000)
})
