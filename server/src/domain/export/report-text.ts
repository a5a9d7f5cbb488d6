import { exportFormats } from '@stillbox/shared/vocabulary/export-format.ts'
import type { ExportRemark, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'

const number = new Intl.NumberFormat('en')
const counted = (count: number, word: string): string => `${number.format(count)} ${word}${count === 1 ? '' : 's'}`

/** Sizes in decimal units, as disks are sold. */
export const sizeText = (bytes: number): string => {
  if (bytes < 1_000) return counted(bytes, 'byte')
  const units = ['kB', 'MB', 'GB', 'TB'] as const
  let value = bytes / 1_000
  let unit = 0
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1_000
    unit++
  }
  return `${value.toFixed(1)} ${units[unit]}`
}

const row = (label: string, text: string): string => `  ${label.padEnd(16)}${text}`

/** Titles come from strangers: nothing in them may begin a line of its own or move the cursor of a terminal. */
const oneLine = (text: string): string => text.replace(/\p{C}+/gu, ' ')

/** The report as a person reads it. */
export const reportText = (report: ExportReport, remarks: readonly ExportRemark[], remarkCount: number): string => {
  const { archive, asked, counts, reasons, files, notes } = report
  const lines = [
    `Export of a snapshot as ${exportFormats[asked.format].title} by ${report.product.name} ${report.product.version}`,
    '',
    row('of', `${oneLine(archive.userName)} (${oneLine(archive.organization)})`),
    row('taken', archive.takenAt),
    row('snapshot', archive.snapshotId),
    row('exported', `${report.startedAt} to ${report.finishedAt}`),
    row('folder', asked.folder === null ? 'all' : `${oneLine(asked.folder)} and all below it`),
    row('words', asked.words === null ? 'all items' : `${oneLine(asked.words)} (in ${report.wordsIn})`),
    ...(asked.maxGb === null ? [] : [row('files up to', `${asked.maxGb} GB`)]),
    '',
    'Items',
    row('in the archive', number.format(counts.inArchive)),
    row('written', `${number.format(counts.written)} (${sizeText(counts.writtenBytes)})`),
    row('  of these', `${number.format(counts.degraded)} not in all as they were`),
    row('skipped', number.format(counts.skipped)),
    row('other kind', `${number.format(counts.otherKind)} that the format does not take`),
    row('not asked', number.format(counts.notAsked)),
  ]
  if (!archive.isSignatureRight)
    lines.push('', 'The signature of the archive is WRONG: its list may have been changed.')
  if (!archive.isListRight) lines.push('', 'The list of items in the archive is NOT THE SIGNED ONE.')
  lines.push('', 'Files', ...files.map(({ name, sizeBytes }) => `  ${name}  ${sizeText(sizeBytes)}`))
  if (files.length === 0) lines.push('  none')
  if (notes.length > 0) lines.push('', 'About the format', ...notes.map((note) => `  ${note}`))
  if (reasons.length > 0)
    lines.push(
      '',
      'Reasons',
      ...reasons.map(({ outcome, code, count }) => `  ${outcome}  ${code}  ${number.format(count)}`),
    )
  if (remarks.length > 0) {
    lines.push(
      '',
      remarkCount > remarks.length
        ? `The first ${number.format(remarks.length)} of ${counted(remarkCount, 'remark')}; export-report.json has all`
        : 'Remarks',
    )
    lines.push(...remarks.map(({ entry, outcome, text }) => `  ${outcome}  ${oneLine(entry)}: ${oneLine(text)}`))
  }
  return `${lines.join('\n')}\n`
}
