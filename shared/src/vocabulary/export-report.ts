import { z } from 'zod'
import { ExportFormat } from './export-format.ts'

const Count = z.int().nonnegative()

/** What was to be exported. */
export const ExportOrder = z.object({
  format: ExportFormat,
  /** This folder (as `folder` in items.jsonl) with all below it; null: all. */
  folder: z.string().nullable(),
  /** Only items in which all of these words occur; null: all. */
  words: z.string().nullable(),
  /** Largest size of one file in GB (10^9 bytes); null: as the format has it. */
  maxGb: z.number().nullable(),
})
export type ExportOrder = z.infer<typeof ExportOrder>

/** Every item of the archive is in exactly one of `notAsked`, `otherKind`, `written` and `skipped`. */
export const ExportCounts = z.object({
  inArchive: Count,
  /** In other folders, or without the words. */
  notAsked: Count,
  /** Of a kind that the format does not take. */
  otherKind: Count,
  written: Count,
  /** Of those written: some of it could not be expressed as it was. */
  degraded: Count,
  skipped: Count,
  /** Sum of the sizes of those written, as they are in the archive. */
  writtenBytes: Count,
})
export type ExportCounts = z.infer<typeof ExportCounts>

export const ExportedFile = z.object({ name: z.string().min(1), sizeBytes: Count })
export type ExportedFile = z.infer<typeof ExportedFile>

/** How many items were skipped or degraded for one reason. */
export const ExportReason = z.object({ outcome: z.enum(['skipped', 'degraded']), code: z.string(), count: Count })
export type ExportReason = z.infer<typeof ExportReason>

/** One item that is not, or not in all, in the export. */
export const ExportRemark = z.object({
  entry: z.string(),
  outcome: z.enum(['skipped', 'degraded']),
  code: z.string(),
  text: z.string(),
})
export type ExportRemark = z.infer<typeof ExportRemark>

/** What became of an export. `export-report.json` is this, with every remark as `items` behind it. */
export const ExportReport = z.object({
  product: z.object({ name: z.string(), version: z.string() }),
  archive: z.object({
    snapshotId: z.string(),
    organization: z.string(),
    userName: z.string(),
    /** When the snapshot was taken. */
    takenAt: z.string(),
    /** Whether the signature of the archive is that of the key it names. */
    isSignatureRight: z.boolean(),
    /** Whether its list of items is the signed one. */
    isListRight: z.boolean(),
  }),
  asked: ExportOrder,
  /** Where the words were looked for; null when there were none. */
  wordsIn: z.enum(['header', 'header and text']).nullable(),
  startedAt: z.string(),
  finishedAt: z.string(),
  counts: ExportCounts,
  reasons: z.array(ExportReason),
  files: z.array(ExportedFile),
  /** What the format cannot hold of any item. */
  notes: z.array(z.string()),
})
export type ExportReport = z.infer<typeof ExportReport>
