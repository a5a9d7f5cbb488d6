import { mkdir, open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { itemKinds } from '@stillbox/shared/vocabulary/item-kind.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { openDirectorySource } from './adapters/directory/directory-source.ts'
import { openEmlSource } from './adapters/directory/eml/eml-source.ts'
import { kindOf } from './adapters/directory/eml/file-tree.ts'
import { openMboxSource } from './adapters/directory/mbox/mbox-source.ts'
import { unpackMboxes } from './adapters/directory/mbox/unpack-mboxes.ts'
import { mboxQuotings } from './formats/mbox/from-unquoter.ts'
import type { EmlSourceSpec, MboxSourceSpec, SourceFolder, SourceSpec } from './ports/source.ts'

/** What is to be read, once it has been looked at. */
export type ImportPlan = {
  readonly sources: readonly SourceSpec[]
  readonly types: readonly SnapshotType[]
  /** Files that lie there and are none of what is asked for. */
  readonly otherFiles: number
  readonly otherFilesAre: string
}

export const importFormats = ['mbox', 'maildir', 'eml'] as const
export type ImportFormat = (typeof importFormats)[number]

type Wanted = { readonly format?: string | undefined; readonly quoting?: string | undefined }
type Plan = (path: string, wanted: Wanted, workFolder: string, signal: AbortSignal) => Promise<ImportPlan>

const quotings = ['auto', ...mboxQuotings] as const
const typeOf = { mail: 'mailbox', calendar: 'calendar', contact: 'contacts' } as const

const otherFilesOf = (folders: readonly SourceFolder[]): number =>
  folders.reduce((sum, { properties }) => sum + Number(properties.otherFilesInSource ?? 0), 0)

const isFolder = async (path: string): Promise<boolean> => (await stat(path)).isDirectory()

/** A device or a pipe would never come to an end. */
const refuseDevice = async (path: string): Promise<void> => {
  const facts = await stat(path)
  if (!facts.isFile() && !facts.isDirectory()) throw new Error(`${path} is neither a file nor a folder.`)
}

const beginsAsZip = async (path: string): Promise<boolean> => {
  const handle = await open(path, 'r')
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.toString('latin1', 0, 2) === 'PK'
  } finally {
    await handle.close()
  }
}

const planMbox: Plan = async (path, { quoting = 'auto' }, workFolder, signal) => {
  const known = quotings.find((name) => name === quoting)
  if (known === undefined) throw new Error(`--quoting takes ${quotings.join(', ')}, not “${quoting}”.`)
  const isZip = !(await isFolder(path)) && (await beginsAsZip(path))
  const unpacked = join(workFolder, 'unpacked')
  if (isZip) await mkdir(unpacked, { mode: 0o700 })
  const passedOver = isZip ? await unpackMboxes(path, unpacked, signal) : 0
  const spec: MboxSourceSpec = {
    ...{ technology: 'mbox', kind: 'mail', quoting: known, scratchFolder: workFolder },
    path: isZip ? unpacked : path,
  }
  const source = await openMboxSource(spec, signal)
  const folders = await source.folders(signal)
  await source.close()
  if (folders.length === 0)
    throw new Error(
      isZip || (await isFolder(path))
        ? `There is no mbox in ${path}: no file ${isZip ? 'in' : 'below'} it begins with “From ”.`
        : `${path} is no mbox: it does not begin with “From ”.`,
    )
  return {
    sources: [spec],
    types: ['mailbox'],
    otherFiles: otherFilesOf(folders) + passedOver,
    otherFilesAre: 'they are no mbox',
  }
}

/** Other programs put Maildirs into folders; a Maildir++ has none but `.Name`. */
const maildirsIn = async (path: string): Promise<readonly string[]> => {
  const names = await readdir(path)
  const found = await Promise.all(names.map((name) => isFolder(join(path, name, 'cur')).catch(() => false)))
  return names.filter((_, at) => found[at])
}

const planMaildir: Plan = async (path, _, __, signal) => {
  if (!(await isFolder(path))) throw new Error(`${path} is a file; a Maildir is a folder.`)
  const spec = { technology: 'directory', kind: 'mail', path } as const
  const source = await openDirectorySource(spec, signal)
  const folders = await source.folders(signal)
  await source.close()
  if (!folders.some(({ isSelectable }) => isSelectable)) {
    const inside = await maildirsIn(path)
    throw new Error(
      inside.length > 0
        ? `${path} is no Maildir++, but ${inside[0]} in it is a Maildir: give the path of that, or name such folders “.Name” within one Maildir.`
        : `${path} is no Maildir: there is no folder “cur” in it, nor in a folder “.Name” of it.`,
    )
  }
  return { sources: [spec], types: ['mailbox'], otherFiles: 0, otherFilesAre: '' }
}

const planEml: Plan = async (path, _, __, signal) => {
  if (!(await isFolder(path)) && kindOf(path) === null && !(await beginsAsZip(path)))
    throw new Error(`${path} is neither a folder, nor a ZIP file, nor an .eml, .ics or .vcf file.`)
  const sources: EmlSourceSpec[] = []
  let otherFiles = 0
  for (const kind of itemKinds) {
    const spec: EmlSourceSpec = { technology: 'eml', kind, path }
    const source = await openEmlSource(spec, signal)
    const folders = await source.folders(signal)
    await source.close()
    if (folders.length > 0) sources.push(spec)
    otherFiles = Math.max(otherFiles, otherFilesOf(folders))
  }
  if (sources.length === 0) throw new Error(`There is no .eml, .ics or .vcf file in ${path}.`)
  const types = sources.map(({ kind }) => typeOf[kind])
  return { sources, types, otherFiles, otherFilesAre: 'they are neither .eml nor .ics nor .vcf files' }
}

const plans: Readonly<Record<ImportFormat, Plan>> = { mbox: planMbox, maildir: planMaildir, eml: planEml }

const refused = (path: string, cause: unknown): unknown => {
  if (isAppError(cause, 'archive_invalid'))
    return new Error(`${path} cannot be imported: ${cause.details.reason}.`, { cause })
  const reason =
    cause instanceof Error && 'code' in cause ? cause.code : isAppError(cause) ? cause.details.reason : null
  return reason === 'EACCES' || reason === 'EPERM'
    ? new Error(`${path} may not be read (${reason}).`, { cause })
    : cause
}

/**
 * Looks at what is there before anything is made.
 * @throws Error with a sentence for the person at the terminal; AppError of the source
 */
export const planImport: Plan = async (path, wanted, workFolder, signal) => {
  const format = importFormats.find((name) => name === wanted.format)
  if (format === undefined)
    throw new Error(
      `${wanted.format === undefined ? 'Say which format with --format' : `There is no format “${wanted.format}” to import`}: ${importFormats.join(', ')}.`,
    )
  if (wanted.quoting !== undefined && format !== 'mbox') throw new Error('--quoting is for mbox only.')
  await refuseDevice(path)
  try {
    return await plans[format](path, wanted, workFolder, signal)
  } catch (cause) {
    signal.throwIfAborted()
    throw refused(path, cause)
  }
}
