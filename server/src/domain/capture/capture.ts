import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { ArchiveIndexBuilder } from '../../ports/archive-index.ts'
import type { CaptureOutcome, CaptureRequest } from '../../ports/capture.ts'
import type { Clock } from '../../ports/clock.ts'
import type { WorkFiles } from '../../ports/draft-file.ts'
import type { OpenReaders, Readers } from '../../ports/readers.ts'
import type { SourceFolder } from '../../ports/source.ts'
import { compareFolders, createLayout } from '../archive/archive-layout.ts'
import { createArchiveDraft } from './archive-draft.ts'
import { finishArchive } from './finish-archive.ts'
import { createFolderLedger, type FolderLedger } from './folder-ledger.ts'
import { applyRange, planTasks, type SurveyedFolder } from './plan-capture.ts'
import { createProgressMeter } from './progress-meter.ts'
import { arrivedIssue, compareLooks, removedIssues } from './second-look.ts'

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

/** Below both of these one reader does it all: starting a second costs more than it saves. */
const smallJob = { items: 500, bytes: 8 * 1024 * 1024 } as const

/** A folder that was there and is not any more is a change at the server: to be seen anew, not the end of the source. */
const ofFolder = <T>(folder: SourceFolder, call: Promise<T>): Promise<T> =>
  call.catch((cause: unknown) => {
    if (!isAppError(cause, 'source_gone')) throw cause
    throw new AppError('source_changed', { details: { folder: folder.path.join('/') }, cause })
  })

/** Looks at everything the sources hold, and decides what is wanted. */
const survey = async (readers: Readers, { sources, start, end }: CaptureRequest): Promise<SurveyedFolder[]> => {
  const range = start !== null && end !== null ? { start, end } : null
  const perSource = await Promise.all(
    sources.map(async (_, sourceIndex) => {
      const folders = await readers.folders(sourceIndex)
      return Promise.all(
        folders.map(async (folder) => {
          const listing = folder.isSelectable
            ? await ofFolder(folder, readers.list(sourceIndex, folder))
            : {
                expectedCount: 0,
                refs: new Uint32Array(0),
                sizes: new Float64Array(0),
                receivedAtMs: new Float64Array(0),
                issues: [],
              }
          return applyRange(sourceIndex, folder, listing, range)
        }),
      )
    }),
  )
  return perSource.flat().sort((a, b) => compareFolders(a.folder, b.folder))
}

/** Lists every folder again and writes what arrived or went into its ledger; folders that came or went are remarked. */
const lookAgain = async (
  readers: Readers,
  request: CaptureRequest,
  surveyed: readonly SurveyedFolder[],
  ledgers: readonly FolderLedger[],
): Promise<string[]> => {
  const remarks: string[] = []
  const known = new Set(surveyed.map(({ sourceIndex, folder }) => `${sourceIndex}\n${folder.serverName}`))
  const folders = await Promise.all(request.sources.map((_, sourceIndex) => readers.folders(sourceIndex)))
  const present = new Set(
    folders.flatMap((list, sourceIndex) => list.map((folder) => `${sourceIndex}\n${folder.serverName}`)),
  )
  const added = [...present].filter((key) => !known.has(key)).length
  if (added > 0) remarks.push(`${added} new folder(s) appeared while the snapshot was taken; they are not part of it.`)
  await Promise.all(
    surveyed.map(async ({ sourceIndex, folder, listedRefs, wantedRefs }, index) => {
      if (!folder.isSelectable) return
      if (!present.has(`${sourceIndex}\n${folder.serverName}`)) {
        remarks.push('A folder was removed or renamed on the server while the snapshot was taken.')
        return
      }
      const { refs } = await ofFolder(folder, readers.list(sourceIndex, folder))
      const { arrived, gone } = compareLooks(listedRefs, refs)
      const ledger = ledgers[index]!
      for (const ref of arrived) ledger.issue(arrivedIssue(ref))
      ledger.arrived(arrived.length)
      for (const issue of removedIssues(gone, wantedRefs, ledger.issues)) ledger.issue(issue)
      if (gone.length > 0)
        remarks.push(`${gone.length} item(s) were removed from a folder on the server while the snapshot was taken.`)
    }),
  )
  return remarks
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
    const index = createIndex(`${request.workFolder}/index.sqlite`)
    const draft = await createArchiveDraft(files, index)
    try {
      const surveyed = await survey(readers, request)
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

      const isSmall = items <= smallJob.items && bytes <= smallJob.bytes
      const tasks = [...planTasks(surveyed)]
      const readSome = async () => {
        for (let task = tasks.shift(); task; task = tasks.shift()) {
          ended.throwIfAborted()
          const ledger = ledgers[task.folderIndex]!
          meter.folder(layout.folders[task.folderIndex]!.label)
          const reading = readers.read(task, {
            onPacked: async (packed) => {
              const entries = await draft.append(packed)
              for (const { record } of entries) ledger.taken(record.sizeBytes)
              meter.items(entries.length)
            },
            onIssue: (issue) => ledger.issue(issue),
            onBytes: meter.bytes,
          })
          await ofFolder(folders[task.folderIndex]!, reading)
        }
      }
      await Promise.all(Array.from({ length: isSmall ? 1 : readers.size }, readSome))

      const secondLookAt = clock.now().toISOString()
      const remarks = await lookAgain(readers, request, surveyed, ledgers)
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
          startedAt,
          secondLookAt,
          finishedAt: clock.now().toISOString(),
        },
        ended,
      )
      return { ...finished, remarks, peakRssBytes: peakRssBytes() }
    } catch (error) {
      failure.abort(error)
      throw signal.aborted ? signal.reason : error
    } finally {
      failure.abort(new AppError('cancelled', { details: { by: 'the end of the capture' } }))
      await readers.close()
      index.abandon()
      await draft.close()
    }
  }
