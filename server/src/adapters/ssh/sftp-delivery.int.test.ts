import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startOpenssh } from '../../../testkit/servers/openssh.ts'
import { createSftpDelivery } from './sftp-delivery.ts'

test('uploads', async () => {
  const server = await startOpenssh()
  try {
    const bytes = randomBytes(5_000_001)
    const delivery = createSftpDelivery({
      protocol: 'sftp',
      host: server.host,
      port: server.port,
      username: server.userName,
      path: server.folder,
      hostKeyFingerprints: [(await server.fingerprints('md5'))[1]!],
      auth: { method: 'private-key', privateKeyPem: server.privateKey },
      timeoutMs: 10_000,
    })
    const out = await delivery.deliver({
      file: { sizeBytes: bytes.length, read: async (o, l) => bytes.subarray(o, o + l) },
      name: 'a b.zip',
      replace: false,
      onProgress: () => {},
      signal: new AbortController().signal,
    })
    expect(out).toEqual({
      path: join(server.folder, 'a b.zip'),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    expect(Buffer.compare(await readFile(out.path), bytes)).toBe(0)
  } finally {
    await server.stop()
  }
})
