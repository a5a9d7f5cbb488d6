import { Buffer } from 'node:buffer'
import type {
  ExportCounts,
  ExportReason,
  ExportRemark,
  ExportReport,
} from '@stillbox/shared/vocabulary/export-report.ts'
import type { ItemRecord } from '../../ports/archive-index.ts'
import type { WorkFiles } from '../../ports/draft-file.ts'
import { readAll } from '../capture/archive-draft.ts'
import type { ItemOutcome } from './export-writer.ts'
import { gathered } from './gathered-file.ts'
import { reportText } from './report-text.ts'

/** Remarks that the readable report lists; export-report.json has them all. */
export const remarksShown = 1_000

export const reportNames = { json: 'export-report.json', text: 'export-report.txt' } as const

export type ExportLedger = {
  notAsked(): void
  otherKind(): void
  note(record: ItemRecord, outcome: ItemOutcome): Promise<void>
  counts(): ExportCounts
  reasons(): readonly ExportReason[]
  /** Writes both reports. */
  write(report: ExportReport, out: WorkFiles): Promise<void>
  close(): Promise<void>
}

/** Keeps what became of each item: counts and reasons in memory, every remark in a work file. */
export const createExportLedger = async (work: WorkFiles): Promise<ExportLedger> => {
  const lines = await work.create('remarks.part')
  const data = gathered(lines)
  const counts = { inArchive: 0, notAsked: 0, otherKind: 0, written: 0, degraded: 0, skipped: 0, writtenBytes: 0 }
  const reasons = new Map<string, { outcome: ExportReason['outcome']; code: string; count: number }>()
  const shown: ExportRemark[] = []
  let remarkCount = 0

  const remark = async (line: ExportRemark) => {
    const key = `${line.outcome} ${line.code}`
    const reason = reasons.get(key) ?? { outcome: line.outcome, code: line.code, count: 0 }
    reason.count++
    reasons.set(key, reason)
    if (shown.length < remarksShown) shown.push(line)
    await data.append(Buffer.from(`${remarkCount++ === 0 ? '' : ',\n'}    ${JSON.stringify(line)}`))
  }

  return {
    notAsked: () => {
      counts.inArchive++
      counts.notAsked++
    },
    otherKind: () => {
      counts.inArchive++
      counts.otherKind++
    },
    note: async ({ entry, sizeBytes }, outcome) => {
      counts.inArchive++
      if (outcome.outcome === 'skipped') {
        counts.skipped++
        return remark({ entry, outcome: 'skipped', code: outcome.code, text: outcome.text })
      }
      counts.written++
      counts.writtenBytes += sizeBytes
      if (outcome.degraded.length > 0) counts.degraded++
      for (const { code, text } of outcome.degraded) await remark({ entry, outcome: 'degraded', code, text })
    },
    counts: () => ({ ...counts }),
    reasons: () => [...reasons.values()].sort((a, b) => b.count - a.count),
    write: async (report, out) => {
      await data.flush()
      const json = await out.create(reportNames.json)
      try {
        // The report with one more key at its end, whose value comes from the work file.
        const head = JSON.stringify(report, null, 2).slice(0, -2)
        await json.append(Buffer.from(`${head},\n  "items": [`))
        if (remarkCount > 0) {
          await json.append(Buffer.from('\n'))
          for await (const chunk of readAll(lines)) await json.append(chunk)
          await json.append(Buffer.from('\n  '))
        }
        await json.append(Buffer.from(']\n}\n'))
        await json.finish()
      } finally {
        await json.close()
      }
      const text = await out.create(reportNames.text)
      try {
        await text.append(Buffer.from(reportText(report, shown, remarkCount)))
        await text.finish()
      } finally {
        await text.close()
      }
    },
    close: () => lines.close(),
  }
}
