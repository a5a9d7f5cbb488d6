import { stat } from 'node:fs/promises'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { openMboxSource } from './adapters/directory/mbox/mbox-source.ts'
import { mboxQuotings } from './formats/mbox/from-unquoter.ts'
import type { MboxSourceSpec, SourceSpec } from './ports/source.ts'

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

const quotingOf = ({ quoting = 'mboxrd' }: Wanted): MboxSourceSpec['quoting'] => {
  const known = mboxQuotings.find((name) => name === quoting)
  if (known === undefined) throw new Error(`--quoting takes ${mboxQuotings.join(', ')}, not “${quoting}”.`)
  return known
}

const planMbox: Plan = async (path, wanted, workFolder, signal) => {
  const spec = {
    technology: 'mbox',
    kind: 'mail',
    path,
    quoting: quotingOf(wanted),
    scratchFolder: workFolder,
  } as const
  const source = await openMboxSource(spec, signal)
  const folders = await source.folders(signal)
  await source.close()
  if (folders.length === 0)
    throw new Error(
      (await stat(path)).isDirectory()
        ? `There is no mbox in ${path}: no file below it begins with “From ”.`
        : `${path} is no mbox: it does not begin with “From ”.`,
    )
  const otherFiles = folders.reduce((sum, { properties }) => sum + Number(properties.otherFilesInSource ?? 0), 0)
  return { sources: [spec], types: ['mailbox'], otherFiles, otherFilesAre: 'they are no mbox' }
}

const plans: Readonly<Partial<Record<ImportFormat, Plan>>> = { mbox: planMbox }

/**
 * Looks at what is there before anything is made.
 * @throws Error with a sentence for the person at the terminal; AppError of the source
 */
export const planImport: Plan = async (path, wanted, workFolder, signal) => {
  const format = importFormats.find((name) => name === wanted.format)
  const plan = format === undefined ? undefined : plans[format]
  if (!plan)
    throw new Error(
      `${wanted.format === undefined ? 'Say which format with --format' : `There is no format “${wanted.format}” to import`}: ${importFormats.join(', ')}.`,
    )
  return plan(path, wanted, workFolder, signal)
}
