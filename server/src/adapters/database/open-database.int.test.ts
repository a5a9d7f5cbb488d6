import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ownFolder } from '../../../testkit/servers/child.ts'
import { lockFolder } from './folder-lock.ts'
import { openDatabase } from './open-database.ts'

describe('the embedded database', () => {
  it('is made whole or not at all, kept for one process at a time, and found again', async () => {
    const folder = await ownFolder('embedded')
    // What a process leaves that dies while it makes the database.
    await mkdir(join(folder.path, 'database.new'))
    await writeFile(join(folder.path, 'database.new', 'PG_VERSION'), '17\n')

    const first = await openDatabase({ url: null, folder: folder.path })
    expect(await readdir(folder.path)).not.toContain('database.new')
    await first.db
      .insertInto('accounts')
      .values({
        name_key: 'a',
        user_name: 'A',
        full_name: '',
        email_addresses: '[]',
        role: 'auditor',
        password_hash: '',
      })
      .execute()
    await expect(openDatabase({ url: null, folder: folder.path })).rejects.toThrow(/in use.*STILLBOX_DATA_DIR/s)
    await first.close()

    const second = await openDatabase({ url: null, folder: folder.path })
    expect(await second.db.selectFrom('accounts').select('user_name').execute()).toEqual([{ user_name: 'A' }])
    await second.close()
    await folder.remove()
  })

  it('lets go of its folder when it cannot be opened', async () => {
    const folder = await ownFolder('embedded')
    await writeFile(join(folder.path, 'database'), 'no folder')
    await expect(openDatabase({ url: null, folder: folder.path })).rejects.toThrow()
    lockFolder(folder.path).release()
    await folder.remove()
  })
})
