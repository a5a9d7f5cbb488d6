import { generateKeyPairSync } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { createArchiveIndexBuilder, openArchiveIndex } from '../../src/adapters/sqlite/archive-index.ts'
import { createFullTextBuilder } from '../../src/adapters/sqlite/full-text-index.ts'
import { createWorkFiles } from '../../src/adapters/work/work-files.ts'
import { buildFullText } from '../../src/domain/archive/build-full-text.ts'
import { createCapture } from '../../src/domain/capture/capture.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { createScriptedReaders, type ScriptedFolder } from './scripted-readers.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const signingKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const spec = { technology: 'directory', kind: 'mail', path: '/nowhere' } as const

/** A true archive of these folders, made by a capture; with its full-text index beside it when asked for. */
export const captureArchive = async (
  parent: string,
  name: string,
  folders: ScriptedFolder[],
  { withTexts = false }: { readonly withTexts?: boolean } = {},
): Promise<{ readonly archivePath: string; readonly fullTextPath: string }> => {
  const workFolder = join(parent, name)
  await mkdir(workFolder)
  const capture = createCapture({
    openReaders: createScriptedReaders({
      sources: [folders],
      createSpool: (name) => createWorkFiles(workFolder).create(name),
    }).openReaders,
    workFiles: createWorkFiles,
    createIndex: createArchiveIndexBuilder,
    signingKeyPem,
    clock: systemClock,
    productVersion: 'test',
    readerCount: 2,
    peakRssBytes: () => 1,
  })
  const request = {
    snapshotId: SnapshotId.parse('3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2'),
    organization: OrganizationId.parse('example'),
    organizationName: 'Example',
    userName: 'anna',
    types: ['mailbox', 'calendar', 'contacts'] as const,
    start: null,
    end: null,
    requestedAt: '2026-01-01T00:00:00.000Z',
    requestedBy: 'admin',
    sources: [spec],
    workFolder,
  }
  const signal = new AbortController().signal
  const { archivePath } = await capture(request, () => {}, signal)
  const files = createWorkFiles(workFolder)
  const texts = 'texts.sqlite'
  if (withTexts) {
    const file = await files.open(archivePath)
    const needs = { files, openIndex: openArchiveIndex, createFullText: createFullTextBuilder, nowMs: Date.now }
    await buildFullText(file, texts, { ...needs, onProgress: () => {} }, signal).finally(() => file.close())
  }
  return { archivePath, fullTextPath: join(workFolder, texts) }
}
