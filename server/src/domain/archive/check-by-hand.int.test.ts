import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../testkit/servers/needs.ts'
import { makeSmallArchive } from './small-archive.ts'

const run = promisify(execFile)

describe.skipIf(!needs('unzip'))('what README.txt says about checking by hand', () => {
  let folder: string
  let command: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stillbox-by-hand-'))
    const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    await writeFile(join(folder, 'archive.zip'), await makeSmallArchive(pem))
    await run('unzip', ['-qq', 'archive.zip'], { cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' } })
    const readme = await readFile(join(folder, 'README.txt'), 'utf8')
    command = readme.match(/^ {2}sed [\s\S]*?--quiet$/m)![0]
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const check = () => run('bash', ['-o', 'pipefail', '-c', command], { cwd: folder })

  test('works, and finds a file that was changed', async () => {
    expect(await check()).toEqual({ stdout: '', stderr: '' })
    await appendFile(join(folder, 'mail/INBOX/000010.eml'), 'x')
    await expect(check()).rejects.toMatchObject({ stdout: 'mail/INBOX/000010.eml: FAILED\n' })
  })
})
