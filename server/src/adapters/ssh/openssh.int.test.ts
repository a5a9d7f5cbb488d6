import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { needs } from '../../../testkit/servers/needs.ts'
import { type Openssh, startOpenssh } from '../../../testkit/servers/openssh.ts'
import { patterned } from '../../ports/delivery.contract.ts'
import type { DestinationSpec } from '../../ports/delivery.ts'
import { openKeyFiles } from '../files/key-files.ts'
import { openServiceKeys, publicKeyOf } from './service-key.ts'
import { readHostKeys } from './sign-in.ts'
import { openSshDelivery } from './ssh-delivery.ts'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0
const never = () => new AbortController().signal

const destinationAt = async (server: Openssh, more: Partial<DestinationSpec> = {}): Promise<DestinationSpec> => ({
  protocol: 'sftp',
  host: server.host,
  port: server.port,
  username: server.userName,
  path: server.folder,
  hostKeyFingerprints: await server.fingerprints('sha256'),
  auth: { method: 'private-key', privateKeyPem: server.privateKey },
  allowedAddresses: ['127.0.0.1', '::1'],
  timeoutMs: 15_000,
  ...more,
})

const send = (
  destination: DestinationSpec,
  bytes: Buffer,
  onProgress: (bytesDone: number) => void = () => {},
  folders: readonly string[] = [],
) =>
  openSshDelivery(destination).deliver({
    file: {
      sizeBytes: bytes.length,
      read: async (offset, lengthBytes) => Buffer.from(bytes.subarray(offset, offset + lengthBytes)),
    },
    folders,
    name: 'archive.zip',
    replace: false,
    onProgress,
    signal: never(),
  })

const failureOf = (promise: Promise<unknown>): Promise<AppError> =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => {
      if (error instanceof AppError) return error
      throw error
    },
  )

describe.skipIf(!needs('sshd'))('an OpenSSH server', () => {
  describe.each(['sftp', 'scp'] as const)('by %s', (protocol) => {
    let server: Openssh
    beforeAll(async () => {
      server = await startOpenssh({ sftp: protocol === 'sftp' })
    })
    afterAll(() => server?.stop())

    test('accepts its keys by any spelling of their fingerprints', async () => {
      const [ed25519, rsa] = await server.fingerprints('md5')
      const spellings = [ed25519!, rsa!.replace('MD5:', ''), rsa!.replace('MD5:', '').replaceAll(':', '').toUpperCase()]
      for (const fingerprint of spellings)
        await openSshDelivery(await destinationAt(server, { protocol, hostKeyFingerprints: [fingerprint] })).probe(
          never(),
        )
    })

    test('refuses to talk to a machine with other keys, and says which', async () => {
      const before = await destinationAt(server, { protocol })
      await openSshDelivery(before).probe(never())
      await server.swapHostKeys()
      const error = await failureOf(send(before, patterned(1_000)))
      expect(error.code).toBe('destination_host_key_changed')
      for (const fingerprint of [...before.hostKeyFingerprints, ...(await server.fingerprints('sha256'))])
        expect(error.message).toContain(fingerprint)
      expect(await readdir(server.folder)).toEqual([])
      await openSshDelivery(await destinationAt(server, { protocol })).probe(never())
    })

    test('delivers after its processes were killed in the middle', async () => {
      const bytes = patterned(40_000_000)
      const destination = await destinationAt(server, { protocol })
      let isCut: Promise<void> | null = null
      const error = await failureOf(
        send(destination, bytes, (bytesDone) => {
          if (bytesDone > 8_000_000) isCut ??= server.cutSessions()
        }),
      )
      await isCut
      expect(error.code).toBe('destination_unreachable')
      expect(error.mayPass).toBe(true)
      expect(await readdir(server.folder)).toEqual(['archive.zip.part'])
      const seen: number[] = []
      const { path } = await send(destination, bytes, (bytesDone) => seen.push(bytesDone))
      expect(seen[0]).toBeGreaterThan(1_000_000)
      expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
      // Nobody else reads it there: archives hold mail.
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      await rm(path)
    })

    test('makes folders that nobody else can look into', async () => {
      const destination = await destinationAt(server, { protocol })
      const { path } = await send(destination, patterned(1_000), () => {}, ['customer 7', '2026'])
      expect(path).toBe(join(server.folder, 'customer 7', '2026', 'archive.zip'))
      for (const made of ['customer 7', 'customer 7/2026'])
        expect((await stat(join(server.folder, made))).mode & 0o777).toBe(0o700)
      await rm(join(server.folder, 'customer 7'), { recursive: true })
    })

    test.skipIf(!isRoot)('says that its disk is full, before and during the upload', async () => {
      const disk = await server.smallDisk(8 * 1024 * 1024)
      const destination = await destinationAt(server, { protocol, path: disk })
      const before = await failureOf(send(destination, patterned(9_000_000)))
      expect(before.code).toBe('destination_full')
      expect(await readdir(disk)).toEqual([])
      // Somebody else fills it meanwhile.
      const bytes = patterned(7_000_000)
      let isFilled: Promise<void> | null = null
      const during = await failureOf(
        openSshDelivery(destination).deliver({
          file: {
            sizeBytes: bytes.length,
            read: async (offset, lengthBytes) => {
              if (offset >= 1_000_000) {
                isFilled ??= writeFile(join(disk, 'other'), Buffer.alloc(4_000_000))
                await isFilled
              }
              return bytes.subarray(offset, offset + lengthBytes)
            },
          },
          folders: [],
          name: 'archive.zip',
          replace: false,
          onProgress: () => {},
          signal: never(),
        }),
      )
      expect(during.code).toBe('destination_full')
      expect(await readdir(disk)).not.toContain('archive.zip')
      await rm(join(disk, 'other'))
      const { path } = await send(destination, bytes)
      expect(Buffer.compare(await readFile(path), bytes)).toBe(0)
    })

    test('shows all its keys to who asks, and lets nobody in for it', async () => {
      const keys = await readHostKeys(
        { host: server.host, port: server.port, allowedAddresses: ['127.0.0.1'], timeoutMs: 10_000 },
        never(),
      )
      expect(keys.map((key) => key.algorithm)).toEqual(['ssh-ed25519', 'ssh-rsa'])
      expect(keys.map((key) => key.sha256)).toEqual(await server.fingerprints('sha256'))
      expect(keys.map((key) => `MD5:${key.md5}`)).toEqual(await server.fingerprints('md5'))
    })
  })

  test('by scp needs a shell with scp, and says so to an SFTP-only account', async () => {
    const server = await startOpenssh({ settings: ['ForceCommand internal-sftp'] })
    try {
      const error = await failureOf(send(await destinationAt(server, { protocol: 'scp' }), patterned(10)))
      expect(error.code).toBe('destination_protocol')
      expect(error.message).toContain('SFTP may be possible')
      // By SFTP it can be used; nobody computes a checksum there.
      const { path, ...rest } = await send(await destinationAt(server), patterned(100_000))
      expect(rest).toEqual({})
      expect(Buffer.compare(await readFile(path), patterned(100_000))).toBe(0)
    } finally {
      await server.stop()
    }
  })

  test('by sftp needs the subsystem, and says so', async () => {
    const server = await startOpenssh({ sftp: false })
    try {
      const error = await failureOf(send(await destinationAt(server), patterned(10)))
      expect(error.code).toBe('destination_protocol')
      expect(error.message).toContain('SCP may be possible')
    } finally {
      await server.stop()
    }
  })

  test.skipIf(!isRoot)('says that there is no permission', async () => {
    for (const [protocol, options] of [
      ['sftp', { userName: 'nobody' }],
      ['scp', { sftp: false, commandsAsNobody: true }],
    ] as const) {
      const server = await startOpenssh(options)
      try {
        const closed = join(server.folder, 'closed')
        await mkdir(closed)
        await chmod(closed, 0o555)
        const destination = await destinationAt(server, { protocol, path: closed })
        for (const attempt of [
          () => send(destination, patterned(1_000)),
          () => openSshDelivery(destination).probe(never()),
        ]) {
          const error = await failureOf(attempt())
          expect(error.code).toBe('destination_no_permission')
          expect(error.message).toContain(closed)
        }
        // Neither can a folder be made there, nor a file below one that is there.
        const above = { ...destination, path: server.folder }
        for (const [at, folders] of [
          [destination, ['new']],
          [above, ['closed']],
        ] as const) {
          const error = await failureOf(send(at, patterned(1_000), () => {}, folders))
          expect(error.code).toBe('destination_no_permission')
          expect(error.message).toContain(`${closed}${at === above ? '”' : '/new”'}`)
        }
        await openSshDelivery({ ...destination, path: server.folder }).probe(never())
      } finally {
        await server.stop()
      }
    }
  })

  test('lets the keys of the service in, made at its first start and kept', async () => {
    const server = await startOpenssh()
    const folder = await mkdtemp(join(tmpdir(), 'stillbox-service-key-'))
    try {
      const keyFiles = await openKeyFiles(folder)
      const keys = await openServiceKeys({ keyFiles })
      expect(await openServiceKeys({ keyFiles })).toEqual(keys)
      for (const key of [keys.ed25519, keys.rsa]) {
        const destination = await destinationAt(server, {
          auth: { method: 'service-key', privateKeyPems: [key.privateKey] },
        })
        expect((await failureOf(openSshDelivery(destination).probe(never()))).code).toBe('destination_sign_in_refused')
        await server.authorize(key.publicKey)
        await openSshDelivery(destination).probe(never())
      }
      // ssh-keygen reads both halves as we do.
      const path = join(folder, 'keys', 'ssh-rsa.key')
      const { stdout } = await run('ssh-keygen', ['-y', '-f', path])
      expect(keys.rsa.publicKey.startsWith(stdout.trim().split(' ').slice(0, 2).join(' '))).toBe(true)
      expect((await stat(path)).mode & 0o777).toBe(0o600)
      expect((await run('ssh-keygen', ['-l', '-f', path])).stdout).toMatch(/^3072 /)
    } finally {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('takes a key with a passphrase, and not with a wrong one', async () => {
    const server = await startOpenssh()
    const folder = await mkdtemp(join(tmpdir(), 'stillbox-key-'))
    try {
      const path = join(folder, 'key')
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', path])
      await server.authorize(await readFile(`${path}.pub`, 'utf8'))
      const privateKeyPem = await readFile(path, 'utf8')
      expect(publicKeyOf(privateKeyPem)).toBeNull()
      const withPassphrase = async (passphrase: string) =>
        openSshDelivery(
          await destinationAt(server, { auth: { method: 'private-key', privateKeyPem, passphrase } }),
        ).probe(never())
      await withPassphrase('open sesame')
      expect((await failureOf(withPassphrase('open'))).code).toBe('destination_sign_in_refused')
    } finally {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
