import type { FolderAccount, IssueLine, Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { Instant } from '@stillbox/shared/vocabulary/date-range.ts'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { z } from 'zod'
import type { RandomAccessFile } from '../../formats/zip/random-access-file.ts'
import { archiveName } from '../snapshot/archive-name.ts'
import { issuesShown } from '../snapshot/get-snapshot-info.ts'
import type { Manifest, ManifestFolder } from './manifest.ts'
import { openArchive } from './read-archive.ts'

const toAccount = (folder: ManifestFolder): FolderAccount => ({
  kind: folder.kind,
  folder: folder.label,
  onServer: folder.onServer,
  taken: folder.taken,
  excludedByRequest: folder.excludedByRequest,
  notTaken: folder.notTaken,
  vanished: folder.vanished,
  arrivedMeanwhile: folder.arrivedMeanwhile,
  takenBytes: folder.takenBytes,
})

/** What the database must be able to keep, and every caller to read. The format itself is less strict. */
const Kept = z.object({
  organization: OrganizationId,
  start: Instant.nullable(),
  end: Instant.nullable(),
  requestedAt: Instant,
  startedAt: Instant,
  finishedAt: Instant,
})

const kept = ({ subject, request, capture }: Manifest): z.infer<typeof Kept> => {
  const { success, data, error } = Kept.safeParse({ ...subject, ...request, ...capture })
  if (success) return data
  const reason = `its manifest has a wrong ${error.issues[0]?.path.join('.')}`
  throw new AppError('archive_invalid', { details: { reason } })
}

/**
 * What an archive says of the snapshot it is: enough to point at it again without the database it was made with.
 * @throws AppError `archive_invalid`
 */
export const snapshotOfArchive = async (
  file: RandomAccessFile,
): Promise<{ snapshot: Snapshot; folders: readonly FolderAccount[]; issues: readonly IssueLine[] }> => {
  const archive = await openArchive(file)
  const { snapshotId, subject, request, items, issues, folders } = archive.manifest
  const { organization, start, end, requestedAt, startedAt, finishedAt } = kept(archive.manifest)
  const shown: IssueLine[] = []
  for await (const issue of archive.issues()) {
    shown.push(issue)
    if (shown.length === issuesShown) break
  }
  const bytes = { bytesDone: items.bytes, bytesExpected: items.bytes, bytesPerSecond: null }
  const snapshot: Snapshot = {
    snapshotId: SnapshotId.parse(snapshotId),
    organization,
    userName: subject.userName,
    type: [...request.types],
    action: 'download',
    start,
    end,
    state: 'available',
    createdAt: requestedAt,
    createdBy: request.requestedBy,
    startedAt,
    dumpedAt: finishedAt,
    finishedAt,
    lastChangedAt: finishedAt,
    attempt: 1,
    nextAttemptAt: null,
    progress: { itemsDone: items.count, itemsExpected: items.count, currentFolder: null, ...bytes },
    progressPercentage: 100,
    itemCount: items.count,
    issueCount: issues.count,
    archiveName: archiveName({ userName: subject.userName, createdAt: requestedAt, type: [...request.types] }),
    archiveSizeBytes: file.sizeBytes,
    isStored: true,
    // How long archives are kept is told to those that are made, not to what somebody has found again.
    expiresAt: null,
    delivery: null,
    rootHash: items.treeRoot,
    lastVerifiedAt: null,
    lastVerifiedOk: null,
    fullTextState: 'none',
    error: null,
  }
  return { snapshot, folders: folders.map(toAccount), issues: shown }
}
