import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownFolder } from '../../../testkit/servers/child.ts'
import { archiveStoreContract } from '../../ports/archive-store.contract.ts'
import { createFileArchiveStore } from './file-archive-store.ts'
import { toStoreError } from './file-errors.ts'

archiveStoreContract('a folder', async () => {
  const folder = await ownFolder('archives')
  return { store: await createFileArchiveStore({ folder: folder.path }), close: folder.remove }
})

describe('the folder of archives', () => {
  it('leaves alone what is not its own', async () => {
    const folder = await ownFolder('archives')
    const store = await createFileArchiveStore({ folder: folder.path })
    await writeFile(join(folder.path, 'archives', 'notes.zip'), 'x')
    await writeFile(join(folder.path, 'archives', `${crypto.randomUUID().toUpperCase()}.zip`), 'x')
    await mkdir(join(folder.path, 'work', 'lost+found'))
    expect(await store.list()).toEqual([])
    expect(await store.workFolders()).toEqual([])
    await folder.remove()
  })

  it('removes with an archive what a full-text build that was killed has left', async () => {
    const folder = await ownFolder('archives')
    const store = await createFileArchiveStore({ folder: folder.path })
    const id = crypto.randomUUID() as Parameters<typeof store.remove>[0]
    const other = crypto.randomUUID()
    for (const name of [`${id}.zip`, `${id}.fulltext.sqlite.part`, `${id}.fulltext.sqlite.rows.part`, `${other}.zip`])
      await writeFile(join(folder.path, 'archives', name), 'x')
    await store.remove(id)
    expect(await readdir(join(folder.path, 'archives'))).toEqual([`${other}.zip`])
    await folder.remove()
  })

  it('tells a full disk from other failures, without naming paths', async () => {
    const failure = (code: string) => toStoreError(Object.assign(new Error(`${code}: write '/secret/path'`), { code }))
    const full = await writeFile('/dev/full', 'x').catch(toStoreError)
    expect(full).toMatchObject({ code: 'disk_full', details: { reason: 'no space left' } })
    expect(failure('EDQUOT').code).toBe('disk_full')
    expect(failure('EIO').code).toBe('store_failed')
    expect(failure('EIO').message).not.toContain('/secret')
  })
})
