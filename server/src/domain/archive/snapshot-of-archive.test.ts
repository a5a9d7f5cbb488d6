import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { memoryFile } from '../../formats/zip/random-access-file.ts'
import type { ManifestContent } from './manifest.ts'
import { makeSmallArchive } from './small-archive.ts'
import { snapshotOfArchive } from './snapshot-of-archive.ts'

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

const read = async (change: (content: ManifestContent) => ManifestContent) =>
  snapshotOfArchive(memoryFile(await makeSmallArchive(pem, { content: change })))

test('an archive tells the snapshot that it is', async () => {
  const { snapshot, folders, issues } = await read((content) => content)
  expect(snapshot).toMatchObject({
    snapshotId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2',
    organization: 'sample',
    userName: 'anna',
    state: 'available',
    itemCount: 6,
    issueCount: 1,
  })
  expect([folders.length, issues.length]).toEqual([4, 1])
})

// Whoever restores a store must get past one archive that somebody put there.
test.each<[string, (content: ManifestContent) => ManifestContent]>([
  [
    'an organization that can be none',
    (content) => ({ ...content, subject: { ...content.subject, organization: 'No/Id' } }),
  ],
  [
    'a time that no database keeps',
    (content) => ({ ...content, request: { ...content.request, requestedAt: '0000-01-01T00:00:00Z' } }),
  ],
  [
    'a range that no database keeps',
    (content) => ({ ...content, request: { ...content.request, start: '0000-01-01T00:00:00Z' } }),
  ],
])('one with %s is no archive of ours', async (_, change) => {
  await expect(read(change)).rejects.toMatchObject({ code: 'archive_invalid' })
})
