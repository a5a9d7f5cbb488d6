import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExportFormat } from '@stillbox/shared/vocabulary/export-format.ts'
import type { ArchiveWork } from '../src/ports/capture.ts'

/** Medians of all runs; peak memory is the largest of them. */
export type ExportRow = {
  readonly name: `export-${ExportFormat}`
  readonly mailbox: string
  readonly messages: number
  readonly seconds: number
  readonly messagesPerSecond: number
  /** Of the bytes of the items as they came from the server. */
  readonly megabytesPerSecond: number
  /** Of the process that exports, its threads included; null where the system does not tell. */
  readonly peakRssBytes: number | null
}

const { signal } = new AbortController()
const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

/** The kernel keeps the highest resident size (proc(5), VmHWM); it is asked for until the process is gone. */
const watchPeak = (pid: number) => {
  let peakBytes: number | null = null
  const timer = setInterval(async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(status)
    if (found) peakBytes = Number(found[1]) * 1024
  }, 50)
  return () => {
    clearInterval(timer)
    return peakBytes
  }
}

/** Whole exports as the service does them: start of the process, reading, comparing with the hashes, projecting, writing, report, fsync. */
export const exportRow = async (
  { archivePath, mailbox, format, runs }: { archivePath: string; mailbox: string; format: ExportFormat; runs: number },
  work: ArchiveWork,
  pidOfExport: () => number,
): Promise<ExportRow> => {
  const all: { readonly seconds: number; readonly items: number; readonly bytes: number; readonly peak: number }[] = []
  for (let run = 0; run < runs; run++) {
    const workFolder = await mkdtemp(join(dirname(archivePath), 'export-'))
    try {
      const order = { format, folder: null, words: null, maxGb: null }
      const startedAt = performance.now()
      const done = work.export({ order, archivePath, fullTextPath: null, workFolder }, () => {}, signal)
      const peakBytes = watchPeak(pidOfExport())
      const { counts } = await done.finally(peakBytes)
      const seconds = (performance.now() - startedAt) / 1000
      if (counts.skipped > 0 || counts.written === 0)
        throw new Error(`${counts.skipped} items skipped: this run proves nothing`)
      all.push({ seconds, items: counts.written, bytes: counts.writtenBytes, peak: peakBytes() ?? 0 })
    } finally {
      await rm(workFolder, { recursive: true, force: true })
    }
  }
  const seconds = median(all.map((run) => run.seconds))
  const peak = Math.max(...all.map((run) => run.peak))
  const { items, bytes } = all[0]!
  return {
    name: `export-${format}`,
    mailbox,
    messages: items,
    seconds,
    messagesPerSecond: Math.round(items / seconds),
    megabytesPerSecond: Math.round(bytes / 1e6 / seconds),
    peakRssBytes: peak === 0 ? null : peak,
  }
}

export const describeExport = (row: ExportRow): string =>
  `${row.name} of ${row.mailbox}: ${row.messages} messages in ${row.seconds.toFixed(1)} s, ${row.messagesPerSecond} messages/s, ${row.megabytesPerSecond} MB/s${row.peakRssBytes === null ? '' : `, peak memory ${Math.round(row.peakRssBytes / 1e6)} MB`}`
