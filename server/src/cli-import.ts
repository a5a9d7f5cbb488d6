import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, open, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { IssueLine } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import { OrganizationId, SnapshotId, UserName } from '@stillbox/shared/vocabulary/ids.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import { type ImportPlan, planImport } from './cli-import-plan.ts'
import { composeImport, type Import } from './compose-import.ts'
import type { Config } from './config/read-config.ts'
import { openArchive } from './domain/archive/read-archive.ts'
import { sizeText } from './domain/export/report-text.ts'
import type { CaptureOutcome } from './ports/capture.ts'

export type ImportOptions = {
  readonly format?: string | undefined
  readonly user?: string | undefined
  readonly organization?: string | undefined
  readonly out?: string | undefined
  readonly quoting?: string | undefined
}

const count = new Intl.NumberFormat('en')
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const userOf = ({ user }: ImportOptions): UserName => {
  if (user === undefined) throw new Error('Say whose mail it is with --user <name>.')
  const name = UserName.safeParse(user)
  if (!name.success) throw new Error(`--user: ${name.error.issues[0]!.message}.`)
  return name.data
}

const organizationOf = ({ organizations }: Import, wanted: string | undefined) => {
  const known = organizations.map(({ organization }) => organization).join(', ')
  const chosen = organizations.filter(({ organization }) => wanted === undefined || organization === wanted)
  if (chosen.length === 1) return chosen[0]!
  if (organizations.length === 0) throw new Error('No organization is configured, so there is none to import into.')
  if (wanted === undefined) throw new Error(`Say for which organization with --organization: ${known}.`)
  throw new Error(`There is no organization “${wanted}” in the configuration: ${known}.`)
}

const showProgress = ({ itemsDone, itemsExpected, bytesDone, bytesExpected }: Progress): void => {
  const share = bytesExpected ? ` · ${Math.floor((bytesDone * 100) / bytesExpected)} %` : ''
  process.stderr.write(
    `\r\x1b[K${count.format(itemsDone)} of ${count.format(itemsExpected ?? 0)} items · ${sizeText(bytesDone)}${share}`,
  )
}

const plural = (number: number, word: string): string => `${count.format(number)} ${word}${number === 1 ? '' : 's'}`

/** Folders of which nothing could be read; nobody knows what they hold, so they count nowhere. */
const unreadIn = async (archivePath: string): Promise<readonly IssueLine[]> => {
  const file = await createWorkFiles(dirname(archivePath)).open(archivePath)
  try {
    const unread: IssueLine[] = []
    for await (const issue of (await openArchive(file)).issues())
      if (issue.code === 'folder_unreadable') unread.push(issue)
    return unread
  } finally {
    await file.close()
  }
}

const summary = (
  { itemCount, issueCount, folders, sizeBytes, remarks }: CaptureOutcome,
  unread: readonly IssueLine[],
  { otherFiles, otherFilesAre }: ImportPlan,
  path: string,
  archives: string,
): string => {
  const held = folders.reduce((sum, { onServer }) => sum + onServer, 0)
  const missing = folders.filter(({ notTaken, vanished }) => notTaken + vanished > 0)
  return [
    `${count.format(itemCount)} of ${plural(held, 'item')} in ${plural(folders.length, 'folder')} imported to ${path} (${sizeText(sizeBytes)})`,
    ...missing.map(
      ({ folder, notTaken, vanished }) => `  NOT TAKEN: ${count.format(notTaken + vanished)} of ${folder}`,
    ),
    ...unread.map(({ folder, text }) => `  NOT READ: ${folder}: ${text}`),
    ...(issueCount > 0 ? [`${plural(issueCount, 'remark')}, see issues.jsonl in the archive`] : []),
    ...(otherFiles > 0 ? [`${plural(otherFiles, 'other file')} passed over: ${otherFilesAre}`] : []),
    ...remarks,
    dirname(path) === archives
      ? 'Stop the service and run “stillbox rebuild”: then it is listed.'
      : `Put the file into ${archives}, stop the service, and run “stillbox rebuild”: then it is listed.`,
  ].join('\n')
}

/** A rename is on disk for certain only when its folder is. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/** Removes folders from the inner one out to the outer one, as far as they are empty: another import may have put its archive there. */
const removeEmpty = async (inner: string, outer: string): Promise<void> => {
  for (let at = inner; ; at = dirname(at)) {
    const isGone = await rmdir(at).then(
      () => true,
      () => false,
    )
    if (!isGone || at === resolve(outer)) return
  }
}

/** `stillbox import`. Answers the exit code: 0 all that is there was taken, 1 something was not. */
export const importFiles = async (path: string, options: ImportOptions, config: Config): Promise<number> => {
  // What it makes is somebody's mail.
  process.umask(0o077)
  const userName = userOf(options)
  if (options.out === undefined) throw new Error('Say where to with --out <folder>.')
  const folder = resolve(options.out)
  const stop = new AbortController()
  const onSignal = () => stop.abort(new AppError('cancelled', { details: { by: 'you; nothing was written' } }))
  for (const signal of signals) process.once(signal, onSignal)
  /** The first folder that had to be made for it; undefined when it was there. */
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  let workFolder: string | null = null
  let isDone = false
  try {
    workFolder = await mkdtemp(join(folder, '.stillbox-import-'))
    const plan = await planImport(resolve(path), options, workFolder, stop.signal)
    const composed = await composeImport(config)
    const { organization, name } = organizationOf(composed, options.organization)
    const snapshotId = SnapshotId.parse(randomUUID())
    const outcome = await composed.capture(
      {
        snapshotId,
        organization: OrganizationId.parse(organization),
        organizationName: name,
        userName,
        types: plan.types,
        start: null,
        end: null,
        requestedAt: new Date().toISOString(),
        requestedBy: 'stillbox import',
        sources: plan.sources,
        workFolder,
      },
      process.stderr.isTTY ? showProgress : () => {},
      stop.signal,
    )
    const target = join(folder, `${snapshotId}.zip`)
    await rename(outcome.archivePath, target)
    await syncFolder(folder)
    isDone = true
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    const unread = await unreadIn(target)
    console.log(summary(outcome, unread, plan, target, join(config.dataFolder, 'archives')))
    const isWhole = outcome.folders.every(({ onServer, taken }) => onServer === taken)
    return isWhole && unread.length === 0 && outcome.remarks.length === 0 ? 0 : 1
  } catch (error) {
    if (isAppError(error, 'source_changed', 'source_gone'))
      throw new Error(`${path} was changed while it was read. End the program that writes to it, then try again.`, {
        cause: error,
      })
    throw error
  } finally {
    if (workFolder) await rm(workFolder, { recursive: true, force: true, maxRetries: 3 })
    if (made !== undefined && !isDone) await removeEmpty(folder, made)
    for (const signal of signals) process.removeListener(signal, onSignal)
  }
}

/** @throws Error with a sentence for the person at the terminal when nothing is there. */
export const requirePath = async (path: string): Promise<void> => {
  try {
    await stat(path)
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? cause.code : 'unknown'
    throw new Error(
      reason === 'ENOENT' || reason === 'ENOTDIR'
        ? `There is nothing at ${path}. Give the path of what is to be imported.`
        : `${path} cannot be looked at (${reason}).`,
      { cause },
    )
  }
}
