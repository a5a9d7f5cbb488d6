import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
