import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { ArchiveIndexBuilder } from '../../ports/archive-index.ts'
import type { CaptureOutcome, CaptureRequest } from '../../ports/capture.ts'
import type { Clock } from '../../ports/clock.ts'
import type { WorkFiles } from '../../ports/draft-file.ts'
import type { CompactListing, OpenReaders, Readers, ReadTask } from '../../ports/readers.ts'
import type { ItemRef, SourceFolder } from '../../ports/source.ts'
import { compareFolders, createLayout } from '../archive/archive-layout.ts'
import { refOf } from '../archive/item-line.ts'
import { type ArchiveDraft, createArchiveDraft } from './archive-draft.ts'
import { finishArchive } from './finish-archive.ts'
import { createFolderLedger } from './folder-ledger.ts'
import { applyRange, planTasks, type SurveyedFolder } from './plan-capture.ts'
import { createProgressMeter } from './progress-meter.ts'
import { arrivedIssue, goneWithFolderIssue, lookAgainOrRemark, removedIssue } from './second-look.ts'
import { sideBySide } from './side-by-side.ts'

export type CaptureNeeds = {
  readonly openReaders: OpenReaders
  readonly workFiles: (folder: string) => WorkFiles
  readonly createIndex: (path: string) => ArchiveIndexBuilder
  readonly signingKeyPem: string
  readonly clock: Clock
  readonly productVersion: string
  /** Readers side by side; more than cores gains nothing. */
  readonly readerCount: number
  readonly peakRssBytes: () => number
}

const nothingListed: CompactListing = {
  expectedCount: 0,
  refs: new Uint32Array(0),
  sizes: new Float64Array(0),
  receivedAtMs: new Float64Array(0),
  issues: [],
}

/** Below both of these one reader does it all: starting a second costs more than it saves. */
const smallJob = { items: 500, bytes: 8 * 1024 * 1024 } as const

const isListed = async (readers: Readers, sourceIndex: number, { serverName, generation }: SourceFolder) =>
  (await readers.folders(sourceIndex)).some(
    (folder) => folder.serverName === serverName && folder.generation === generation,
  )

/** Looks at everything the sources hold, and decides what is wanted. A folder that goes between the two questions is left out. */
const survey = async (
  readers: Readers,
  { sources, start, end }: CaptureRequest,
): Promise<{ readonly surveyed: SurveyedFolder[]; readonly goneFolders: number }> => {
  const range = start !== null && end !== null ? { start, end } : null
  const folders = await sideBySide(sources, readers.size, (_, sourceIndex) => readers.folders(sourceIndex))
  const found = folders.flatMap((list, sourceIndex) => list.map((folder) => ({ sourceIndex, folder })))
  const surveyed = await sideBySide(found, readers.size, async ({ sourceIndex, folder }) => {
    try {
      const listing = folder.isSelectable ? await readers.list(sourceIndex, folder) : nothingListed
      return applyRange(sourceIndex, folder, listing, range)
    } catch (error) {
      if (!isAppError(error, 'source_gone') || (await isListed(readers, sourceIndex, folder))) throw error
      return null
    }
  })
  const present = surveyed.filter((folder) => folder !== null)
  return {
    surveyed: present.sort((a, b) => compareFolders(a.folder, b.folder)),
    goneFolders: surveyed.length - present.length,
  }
}

/**
 * Captures the sources of one user into one archive in the work folder.
 * @throws AppError of the sources, `disk_full`, `store_failed`; `signal.reason` once aborted.
 */
export const createCapture =
  ({
    openReaders,
    workFiles,
    createIndex,
    signingKeyPem,
    clock,
    productVersion,
    readerCount,
    peakRssBytes,
  }: CaptureNeeds) =>
  async (
    request: CaptureRequest,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<CaptureOutcome> => {
    const startedAt = clock.now().toISOString()
    const files = workFiles(request.workFolder)
    // Whatever fails first ends everything else: readers in the middle of a message, lists not yet asked for.
    const failure = new AbortController()
    const ended = AbortSignal.any([signal, failure.signal])
    const readers = openReaders({ sources: request.sources, size: readerCount, workFolder: request.workFolder }, ended)
    let index: ArchiveIndexBuilder | null = null
    let draft: ArchiveDraft | null = null
    try {
      index = createIndex(`${request.workFolder}/index.sqlite`)
      draft = await createArchiveDraft(files, index)
      const archive = draft
      const { surveyed, goneFolders } = await survey(readers, request)
      const folders = surveyed.map(({ folder }) => folder)
      const layout = createLayout(folders)
      const ledgers = surveyed.map(createFolderLedger)
      readers.layOut(folders)
      index.addFolders(layout.folders.map(({ folderNo, label }, at) => ({ folderNo, kind: folders[at]!.kind, label })))

      const items = surveyed.reduce((sum, { wantedRefs }) => sum + wantedRefs.length, 0)
      const bytes = surveyed.reduce((sum, { wantedBytes }) => sum + wantedBytes, 0)
      const meter = createProgressMeter({ items, bytes: bytes > 0 ? bytes : null }, onProgress, () =>
        clock.now().getTime(),
      )
      meter.emit()

      const readTask = async (task: ReadTask) => {
        const ledger = ledgers[task.folderIndex]!
        const left = new Set<ItemRef>(task.refs)
        meter.folder(layout.folders[task.folderIndex]!.label)
        try {
          await readers.read(task, {
            onPacked: async (packed) => {
              const entries = await archive.append(packed)
              for (const { record } of entries) {
                ledger.taken(record.sizeBytes)
                left.delete(refOf(record))
              }
              meter.items(entries.length)
            },
            onIssue: (issue) => {
              if (issue.isLost && issue.ref !== null) left.delete(issue.ref)
              ledger.issue(issue)
            },
            onBytes: meter.bytes,
          })
        } catch (error) {
          // Whoever empties out their mailbox meanwhile does not lose the snapshot of the rest.
          if (
            !isAppError(error, 'source_gone') ||
            (await isListed(readers, task.sourceIndex, folders[task.folderIndex]!))
          )
            throw error
          for (const ref of left) ledger.issue(goneWithFolderIssue(ref))
        }
      }
      const isSmall = items <= smallJob.items && bytes <= smallJob.bytes
      await sideBySide(planTasks(surveyed), isSmall ? 1 : readers.size, async (task) => {
        ended.throwIfAborted()
        try {
          await readTask(task)
        } catch (error) {
          // At once, and not when the other readers are through with what they have.
          failure.abort(error)
          throw error
        }
      })

      const look = await lookAgainOrRemark(readers, request, surveyed, clock, ended)
      for (const [at, { arrived, gone }] of look.changes) {
        const ledger = ledgers[at]!
        const lost = new Set(ledger.issues.flatMap(({ ref, isLost }) => (isLost && ref !== null ? [ref] : [])))
        for (const ref of arrived) ledger.issue(arrivedIssue(ref))
        for (const ref of gone) if (!lost.has(ref)) ledger.issue(removedIssue(ref))
        ledger.arrived(arrived.length)
      }
      for (const [at, issue] of look.folderIssues) ledgers[at]!.issue(issue)
      await readers.close()
      ended.throwIfAborted()
      meter.emit()

      const finished = await finishArchive(
        { files, draft, index, layout, signingKeyPem, productVersion },
        {
          request,
          surveyed,
          accounts: surveyed.map((_, at) => ledgers[at]!.account(layout.folders[at]!.label)),
          issuesOf: (at) => ledgers[at]!.issues,
          arrivedFolders: look.arrivedFolders,
          startedAt,
          secondLookAt: look.at,
          finishedAt: clock.now().toISOString(),
        },
        ended,
      )
      const remarks = [
        ...(goneFolders > 0 ? [`${goneFolders} folder(s) were removed on the server before they could be read.`] : []),
        ...look.remarks,
      ]
      return { ...finished, remarks, peakRssBytes: peakRssBytes() }
    } catch (error) {
      failure.abort(error)
      throw signal.aborted ? signal.reason : error
    } finally {
      failure.abort(new AppError('cancelled', { details: { by: 'the end of the capture' } }))
      await readers.close()
      await draft?.close()
      index?.abandon()
    }
  }
