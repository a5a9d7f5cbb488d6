import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { trueIndex } from '../test/doubles/true-index.ts'
import { ownFolder } from '../testkit/servers/child.ts'
import { makeSmallArchive, smallItems } from './domain/archive/small-archive.ts'

const repository = join(import.meta.dirname, '../..')
const makeKey = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    public: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  }
}

type Ended = { readonly code: number; readonly stdout: string; readonly stderr: string }
const stillbox = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(repository, 'server/src/cli.ts'), ...args],
      {
        cwd: repository,
        env: { PATH: process.env.PATH, TMPDIR: temporary, STILLBOX_DATA_DIR: join(folder.path, 'data') },
      },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
let folder: Awaited<ReturnType<typeof ownFolder>>
let temporary: string

describe('stillbox verify', () => {
  const key = makeKey()
  const other = makeKey()
  let good: string
  const write = async (name: string, bytes: Uint8Array | string) => {
    const path = join(folder.path, name)
    await writeFile(path, bytes)
    return path
  }
  beforeAll(async () => {
    folder = await ownFolder('cli')
    temporary = join(folder.path, 'tmp')
    await mkdir(temporary)
    good = await write('good archive.zip', await makeSmallArchive(key.pem, { index: trueIndex(folder.path) }))
  })
  afterAll(() => folder.remove())

  it('ends with 0 for an archive that is whole, and says what it is', async () => {
    const { code, stdout, stderr } = await stillbox('verify', good)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^whole: .*good archive\.zip\n/)
    expect(stdout).toContain(`items      ${smallItems.length}\n`)
    expect(stdout).toMatch(/of +anna \(Sample\)/)
    expect(stdout).toContain('any key was accepted')
  })

  it('takes the key that must have signed it, as text or as a file', async () => {
    for (const given of [key.public, await write('key.txt', `${key.public}\n`)]) {
      const { code, stdout } = await stillbox('verify', good, '--key', given)
      expect(code).toBe(0)
      expect(stdout).not.toContain('any key')
    }
    for (const given of [other.public, 'no key at all', '']) {
      const { code, stdout } = await stillbox('verify', good, '--key', given)
      expect(code).toBe(1)
      expect(stdout).toMatch(/signature|key/i)
    }
  })

  it('ends with 1 for one that is damaged, and names the entry', async () => {
    const bytes = Buffer.from(await readFile(good))
    const at = bytes.indexOf('.eml', bytes.indexOf('000009 Re')) + 12
    bytes[at] = bytes[at]! ^ 0xff
    const { code, stdout } = await stillbox('verify', await write('damaged.zip', bytes))
    expect(code).toBe(1)
    expect(stdout).toContain('mail/INBOX/000009')
    expect(stdout).toMatch(/NOT WHOLE: \d+ faults? found/)
  })

  it('ends with 1 for one whose index disagrees with its list, whoever signed that, and leaves no copy of it', async () => {
    const index = trueIndex(folder.path, (database) => database.exec('delete from items where no = 6'))
    const { code, stdout } = await stillbox(
      'verify',
      await write('disagrees.zip', await makeSmallArchive(key.pem, { index })),
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('index.sqlite: it ends after row 5') })
    expect(await readdir(temporary)).toEqual([])
  })

  it.each([
    ['no ZIP', Buffer.from('This is a letter and not an archive.')],
    ['empty', Buffer.alloc(0)],
  ])('ends with 1 for a file that is %s', async (name, bytes) => {
    const { code, stdout, stderr } = await stillbox('verify', await write(name, bytes))
    expect(code).toBe(1)
    expect(stdout).toContain('NOT WHOLE: 1 fault found')
    expect(stdout + stderr).not.toMatch(/\n\s+at /)
  })

  it('ends with 1 for one that was cut short', async () => {
    const bytes = await readFile(good)
    const { code } = await stillbox('verify', await write('short.zip', bytes.subarray(0, bytes.length - 1_000)))
    expect(code).toBe(1)
  })

  it('ends with 2 and a sentence when it cannot begin', async () => {
    for (const [args, said] of [
      [['verify', join(folder.path, 'missing.zip')], /There is no file .*missing\.zip/],
      [['verify', folder.path], /is a folder/],
      [['verify'], /does not understand “verify”/],
      [['verify', good, good], /does not understand/],
      [['verify', good, '--kye', 'x'], /--kye/],
      [['destroy'], /does not understand “destroy”/],
      [[], /Usage/],
    ] as const) {
      const { code, stdout, stderr } = await stillbox(...args)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toMatch(said)
      expect(stderr).not.toMatch(/\n\s+at /)
    }
    expect(await stillbox('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage') })
  })
})
