import { createPublicKey, sign, verify } from 'node:crypto'
import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownFolder } from '../../../testkit/servers/child.ts'
import { openFileSecrets } from './file-secrets.ts'
import { openKeyFiles } from './key-files.ts'

describe('the keys of the service', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  beforeEach(async () => {
    folder = await ownFolder('keys')
  })
  afterEach(() => folder.remove())
  const open = async () => openFileSecrets({ keyFiles: await openKeyFiles(folder.path) })

  it('are made once, readable by their owner alone, by however many processes at once', async () => {
    const all = await Promise.all([open(), open(), open(), open()])
    expect(new Set(all.map((secrets) => secrets.signingKeyPem)).size).toBe(1)
    expect((await open()).signingKeyPem).toBe(all[0]!.signingKeyPem)
    expect(all[3]!.open(all[0]!.seal('pass wörd', 'a'), 'a')).toBe('pass wörd')
    const keys = join(folder.path, 'keys')
    expect((await stat(keys)).mode & 0o777).toBe(0o700)
    expect((await readdir(keys)).sort()).toEqual(['sealing.key', 'signing.pem'])
    for (const name of await readdir(keys)) expect((await stat(join(keys, name))).mode & 0o777).toBe(0o600)
  })

  it('sign what the public half verifies', async () => {
    const { signingKeyPem, signingPublicKey } = await open()
    const signature = sign(null, Buffer.from('root'), signingKeyPem)
    const key = createPublicKey({ key: Buffer.from(signingPublicKey, 'base64'), format: 'der', type: 'spki' })
    expect(verify(null, Buffer.from('root'), key, signature)).toBe(true)
  })

  it('open nothing that was changed, moved to another context, or never sealed', async () => {
    const { seal, open: unseal } = await open()
    const sealed = seal('secret', 'snapshot 1')
    expect(sealed).not.toContain('secret')
    expect(seal('secret', 'snapshot 1')).not.toBe(sealed)
    expect(() => unseal(sealed, 'snapshot 2')).toThrow()
    expect(() => unseal(`${sealed.slice(0, -6)}AAAA==`, 'snapshot 1')).toThrow()
    for (const wrong of ['', 'v1:', 'v1:AAAA', sealed.slice(3)]) expect(() => unseal(wrong, 'snapshot 1')).toThrow()
  })

  it('are never replaced when they are damaged', async () => {
    await open()
    const path = join(folder.path, 'keys', 'signing.pem')
    await writeFile(path, 'not a key')
    await expect(open()).rejects.toThrow(path)
    expect(await readFile(path, 'utf8')).toBe('not a key')
    await truncate(path)
    await expect(open()).rejects.toThrow('damaged')
  })

  it('stop the start when they cannot be read', async () => {
    await mkdir(join(folder.path, 'keys', 'signing.pem'), { recursive: true })
    await expect(open()).rejects.toThrow('cannot be read (EISDIR)')
  })
})
