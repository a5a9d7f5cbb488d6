import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ExportFormat, exportFormats, splitGb } from '@stillbox/shared/vocabulary/export-format.ts'
import type { ExportOrder, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import { composeExport } from './compose-export.ts'
import { sizeText } from './domain/export/report-text.ts'

export type ExportOptions = {
  readonly format?: string | undefined
  readonly out?: string | undefined
  readonly folder?: string | undefined
  readonly words?: string | undefined
  readonly 'max-gb'?: string | undefined
}

const count = new Intl.NumberFormat('en')

/** @throws Error with a sentence for the person at the terminal */
const orderOf = ({ format, folder, words, 'max-gb': maxGb }: ExportOptions): ExportOrder => {
  const known = ExportFormat.safeParse(format)
  if (!known.success)
    throw new Error(
      `${format === undefined ? 'Say which format with --format' : `There is no format “${format}”`}: ${Object.keys(exportFormats).join(', ')}.`,
    )
  if (maxGb !== undefined && !/^\d+(\.\d+)?$/.test(maxGb))
    throw new Error(`--max-gb takes a number of ${splitGb.least} to ${splitGb.most}, not “${maxGb}”.`)
  return {
    format: known.data,
    folder: folder ?? null,
    words: words ?? null,
    maxGb: maxGb === undefined ? null : Number(maxGb),
  }
}

/** Nothing is overwritten, so the folder is new or empty. Answers whether it was made here. */
const prepareFolder = async (folder: string): Promise<boolean> => {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (made !== undefined) return true
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty. Give a new folder with --out.`)
  return false
}

const showProgress = ({ itemsDone, itemsExpected, bytesDone, bytesExpected }: Progress): void => {
  const share = bytesExpected ? ` · ${Math.floor((bytesDone * 100) / bytesExpected)} %` : ''
  process.stderr.write(
    `\r\x1b[K${count.format(itemsDone)} of ${count.format(itemsExpected ?? 0)} items · ${sizeText(bytesDone)}${share}`,
  )
}

const summary = ({ counts, files, reasons, archive }: ExportReport, folder: string): string => {
  const lines = [
    `${count.format(counts.written)} of ${count.format(counts.inArchive)} items written to ${folder}`,
    ...files.map(({ name, sizeBytes }) => `  ${name}  ${sizeText(sizeBytes)}`),
    ...(counts.otherKind > 0 ? [`${count.format(counts.otherKind)} of kinds that this format does not take`] : []),
    ...(counts.notAsked > 0 ? [`${count.format(counts.notAsked)} not asked for`] : []),
    ...(counts.degraded > 0 ? [`${count.format(counts.degraded)} written with something missing`] : []),
    ...(counts.skipped > 0 ? [`${count.format(counts.skipped)} SKIPPED`] : []),
    ...reasons.map(({ outcome, code, count: many }) => `  ${outcome}: ${code}, ${count.format(many)}`),
    ...(archive.isSignatureRight && archive.isListRight
      ? []
      : ['THE ARCHIVE IS NOT WHOLE: run “stillbox verify” on it.']),
    'What became of each item is told in export-report.txt and export-report.json.',
  ]
  return lines.join('\n')
}

/** `stillbox export`. Answers the exit code: 0 all that was asked is written, 1 something was skipped or the archive is not whole. */
export const exportArchive = async (archivePath: string, options: ExportOptions): Promise<number> => {
  const order = orderOf(options)
  if (options.out === undefined) throw new Error('Say where to with --out <folder>.')
  const folder = resolve(options.out)
  const isMade = await prepareFolder(folder)
  const stop = new AbortController()
  const onSignal = () => stop.abort(new Error('Stopped. Nothing was written.'))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal)
  const workFolder = await mkdtemp(join(folder, '.stillbox-export-'))
  const texts = archivePath.replace(/(?:\.zip)?$/i, '.fulltext.sqlite')
  let isDone = false
  try {
    const report = await composeExport(
      { order, archivePath, fullTextPath: existsSync(texts) ? texts : null, workFolder },
      process.stderr.isTTY ? showProgress : () => {},
      stop.signal,
    )
    for (const name of await readdir(join(workFolder, 'out')))
      await rename(join(workFolder, 'out', name), join(folder, name))
    isDone = true
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    console.log(summary(report, folder))
    const { counts, archive } = report
    return counts.skipped === 0 && archive.isSignatureRight && archive.isListRight ? 0 : 1
  } finally {
    await rm(isMade && !isDone ? folder : workFolder, { recursive: true, force: true })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeListener(signal, onSignal)
  }
}
