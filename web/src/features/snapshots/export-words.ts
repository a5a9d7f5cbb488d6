import type { SnapshotExport } from '@stillbox/shared/contract/export-methods.ts'
import { exportFormats } from '@stillbox/shared/vocabulary/export-format.ts'
import type { ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import { countText } from '../../ui/format.ts'

/** What was asked for: the format, and what it was narrowed down to. */
export const orderText = ({ format, folder, words, maxGb }: SnapshotExport): string =>
  [
    exportFormats[format].title,
    ...(folder === null ? [] : [`folder ${folder}`]),
    ...(words === null ? [] : [`words “${words}”`]),
    ...(maxGb === null ? [] : [`files up to ${maxGb} GB`]),
  ].join(', ')

/** What became of the items, in one line; the numbers add up to those of the archive. */
export const countsText = ({ counts }: ExportReport): string =>
  [
    `${countText(counts.written)} of ${countText(counts.inArchive)} items written`,
    ...(counts.degraded > 0 ? [`${countText(counts.degraded)} of them not in all as they were`] : []),
    ...(counts.skipped > 0 ? [`${countText(counts.skipped)} skipped`] : []),
    ...(counts.otherKind > 0 ? [`${countText(counts.otherKind)} of other kinds`] : []),
    ...(counts.notAsked > 0 ? [`${countText(counts.notAsked)} not asked for`] : []),
  ].join(', ')

export const fileAddress = (exportId: string, name: string): string =>
  `/exports/${exportId}/${encodeURIComponent(name)}`
