import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startCuttingProxy } from '../../../testkit/servers/cutting-proxy.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { startOpenssh } from '../../../testkit/servers/openssh.ts'
import { type SshDouble, startSshDouble } from '../../../testkit/servers/ssh-double.ts'
import { deliveryContract } from '../../ports/delivery.contract.ts'
import type { DestinationSpec } from '../../ports/delivery.ts'
import { hostKeyOf } from './host-keys.ts'
import { makeServiceKeys } from './service-key.ts'
import { openSshDelivery } from './ssh-delivery.ts'

const never = () => new AbortController().signal

const passwordDestination = (server: SshDouble, path: string): DestinationSpec => ({
  protocol: 'sftp',
  host: server.host,
  port: server.port,
  username: 'anna',
  path,
  hostKeyFingerprints: [hostKeyOf(Buffer.from(server.hostKeyBlob, 'base64')).sha256],
  auth: { method: 'password', password: 'secret' },
  allowedAddresses: ['127.0.0.1', '::1'],
  timeoutMs: 15_000,
})

/** A look into a folder on disk. */
const folderView = (folder: string) => ({
  names: async () => (await readdir(folder)).sort(),
  read: (name: string) => readFile(join(folder, name)),
  write: (name: string, bytes: Uint8Array) => writeFile(join(folder, name), bytes),
  clear: async () => {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    await mkdir(folder)
  },
})

describe.skipIf(!needs('sshd'))('against OpenSSH', () => {
  for (const protocol of ['sftp', 'scp'] as const)
    deliveryContract(`delivery by ${protocol}`, async () => {
      const server = await startOpenssh({ sftp: protocol === 'sftp' })
      const fragile = await startCuttingProxy(server.port)
      const serviceKeys = await makeServiceKeys()
      await server.authorize(serviceKeys.rsa.publicKey)
      return {
        openDelivery: openSshDelivery,
        destination: {
          protocol,
          host: server.host,
          port: server.port,
          username: server.userName,
          path: server.folder,
          // Of its RSA key, while it would show the Ed25519 key first.
          hostKeyFingerprints: [(await server.fingerprints('sha256'))[1]!],
          auth: {
            method: 'service-key',
            privateKeyPems: [serviceKeys.ed25519.privateKey, serviceKeys.rsa.privateKey],
          },
          allowedAddresses: ['127.0.0.1', '::1'],
          timeoutMs: 15_000,
        },
        refusedAuth: { method: 'private-key', privateKeyPem: serviceKeys.ed25519.privateKey },
        hasChecksums: true,
        interruptedBytes: 64 * 1024 * 1024,
        fragile,
        ...folderView(server.folder),
        stop: async () => {
          await fragile.stop()
          await server.stop()
        },
      }
    })
})

deliveryContract('delivery by SFTP with a password, without extensions', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillbox-delivery-'))
  const server = await startSshDouble({ userName: 'anna', password: 'secret' })
  const fragile = await startCuttingProxy(server.port)
  return {
    openDelivery: openSshDelivery,
    destination: passwordDestination(server, folder),
    refusedAuth: { method: 'password', password: 'Secret' },
    hasChecksums: false,
    interruptedBytes: 16 * 1024 * 1024,
    fragile,
    ...folderView(folder),
    stop: async () => {
      await fragile.stop()
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
})

test('answers a server that asks for the password', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillbox-delivery-'))
  const server = await startSshDouble({ userName: 'anna', password: 'secret', asksInteractively: true })
  try {
    const destination = passwordDestination(server, folder)
    await openSshDelivery(destination).probe(never())
    const wrong = openSshDelivery({ ...destination, auth: { method: 'password', password: 'Secret' } })
    await expect(wrong.probe(never())).rejects.toMatchObject({ code: 'destination_sign_in_refused' })
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
})

test('has the answer of a command that ended before anybody could listen', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stillbox-delivery-'))
  const bytes = Buffer.from('an archive')
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const server = await startSshDouble({ userName: 'anna', password: 'secret', commandsPrint: `${sha256}  -\n` })
  try {
    const delivered = await openSshDelivery(passwordDestination(server, folder)).deliver({
      file: { sizeBytes: bytes.length, read: async (at, lengthBytes) => bytes.subarray(at, at + lengthBytes) },
      folders: [],
      name: 'archive.zip',
      replace: false,
      onProgress: () => {},
      signal: never(),
    })
    expect(delivered).toEqual({ path: join(folder, 'archive.zip'), sha256 })
  } finally {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
})
