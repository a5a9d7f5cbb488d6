import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { ExportOrder, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import { noProgress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { ArchiveWork, CaptureOutcome, CaptureRequest, DeliveryOrder } from '../../src/ports/capture.ts'
import type { Delivered } from '../../src/ports/delivery.ts'

/** A capture as a test wants it: `finish` writes the archive and answers what a real one would. */
export type CaptureScript = (tools: {
  readonly request: CaptureRequest
  readonly progress: Parameters<ArchiveWork['capture']>[1]
  readonly signal: AbortSignal
  readonly finish: () => Promise<CaptureOutcome>
}) => Promise<CaptureOutcome>

/** A delivery as a test wants it: `arrive` answers what a real one would. */
export type DeliveryScript = (tools: {
  readonly order: DeliveryOrder
  readonly progress: Parameters<ArchiveWork['deliver']>[1]
  readonly signal: AbortSignal
  readonly arrive: () => Delivered
}) => Promise<Delivered>

const scriptedReport = (asked: ExportOrder): ExportReport => ({
  product: { name: 'Stillbox', version: '0.1.0' },
  archive: {
    snapshotId: '3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2',
    organization: 'Sample',
    userName: 'anna',
    takenAt: '2026-11-17T14:00:00.000Z',
    isSignatureRight: true,
    isListRight: true,
  },
  asked,
  wordsIn: null,
  startedAt: '2026-11-17T14:00:00.000Z',
  finishedAt: '2026-11-17T14:00:01.000Z',
  counts: { inArchive: 3, notAsked: 0, otherKind: 0, written: 2, degraded: 0, skipped: 1, writtenBytes: 70 },
  reasons: [{ outcome: 'skipped', code: 'crc_differs', count: 1 }],
  files: [{ name: 'anna eml.zip', sizeBytes: 17 }],
  notes: [],
})

/** Work on archives without sources: each user name and each host of a destination follows its script, others finish at once. */
export const createScriptedArchiveWork = () => {
  const scripts = new Map<string, CaptureScript>()
  const deliveryScripts = new Map<string, DeliveryScript>()
  const deliveries: DeliveryOrder[] = []
  const brokenArchives = new Set<string>()
  const work: ArchiveWork = {
    capture: async (request, progress, signal) => {
      signal.throwIfAborted()
      const finish = async (): Promise<CaptureOutcome> => {
        const archivePath = join(request.workFolder, 'draft.zip')
        const content = `archive of ${request.userName}`
        await writeFile(archivePath, content)
        return {
          archivePath,
          sizeBytes: content.length,
          itemCount: 3,
          issueCount: 1,
          rootHash: 'ab'.repeat(32),
          folders: [
            {
              kind: 'mail',
              folder: 'INBOX',
              onServer: 4,
              taken: 3,
              excludedByRequest: 0,
              notTaken: 1,
              vanished: 0,
              arrivedMeanwhile: 0,
              takenBytes: 100,
            },
          ],
          issues: [{ kind: 'mail', folder: 'INBOX', ref: '7', code: 'not_returned', text: 'It was not sent.' }],
          remarks: ['One folder was empty.'],
          peakRssBytes: 1,
        }
      }
      const script = scripts.get(request.userName)
      return script ? script({ request, progress, signal, finish }) : finish()
    },
    deliver: async (order, progress, signal) => {
      signal.throwIfAborted()
      deliveries.push(order)
      const arrive = () => ({
        path: ['/home', order.destination.path, ...order.folders, order.name].join('/'),
        sha256: 'ef'.repeat(32),
      })
      const script = deliveryScripts.get(order.destination.host)
      return script ? script({ order, progress, signal, arrive }) : arrive()
    },
    export: async ({ order, workFolder }, progress, signal) => {
      progress({ ...noProgress, itemsDone: 1, itemsExpected: 2, bytesDone: 50, bytesExpected: 100 })
      if (order.words === 'for ever') {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        throw signal.reason
      }
      if (order.words === 'no room')
        throw new AppError('export_no_room', { details: { needed: '2.0 GB', free: '1.0 GB' } })
      const out = join(workFolder, 'out')
      await mkdir(out)
      await writeFile(join(out, 'anna eml.zip'), `export as ${order.format}`)
      await writeFile(join(out, 'export-report.json'), '{}')
      progress({ ...noProgress, itemsDone: 2, itemsExpected: 2, bytesDone: 100, bytesExpected: 100 })
      return scriptedReport(order)
    },
    verify: async (archivePath) => {
      const isBroken = brokenArchives.has(archivePath)
      return {
        ok: !isBroken,
        itemCount: 3,
        rootHash: 'ab'.repeat(32),
        faults: isBroken ? [{ entry: 'mail/INBOX/1.eml', code: 'hash_differs', text: 'It was changed.' }] : [],
      }
    },
    buildFullText: async (archivePath, indexPath) => {
      if (brokenArchives.has(archivePath)) throw new Error('not a ZIP')
      await writeFile(indexPath, 'words')
      return { itemsIndexed: 3 }
    },
  }
  return { work, scripts, deliveryScripts, deliveries, brokenArchives }
}
