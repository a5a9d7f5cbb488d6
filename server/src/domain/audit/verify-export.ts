import { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { z } from 'zod'
import { lineText, readLines } from '../archive/read-lines.ts'
import { type AuditFault, createChainCheck } from './audit-chain.ts'

export type ExportVerification = {
  /** Those that fitted. */
  readonly entryCount: number
  readonly firstAt: string | null
  readonly lastAt: string | null
  /** Of the last entry that fitted. */
  readonly headHash: string | null
  /** Whether an entry has the hash that was asked for; true where none was. */
  readonly hasHead: boolean
  readonly fault: AuditFault | null
}

/**
 * Checks an exported audit log (`/audit-log.jsonl` without filter) by itself alone: no service, no database, no key.
 * @param wantedHash of an entry that must be among them, known from elsewhere
 */
export const verifyExport = async (
  chunks: AsyncIterable<Uint8Array>,
  wantedHash: string | null = null,
): Promise<ExportVerification> => {
  const check = createChainCheck()
  let first: AuditEntry | null = null
  let last: AuditEntry | null = null
  let hasHead = wantedHash === null

  const readAll = async (): Promise<AuditFault | null> => {
    for await (const lines of readLines(chunks))
      for (const line of lines) {
        const number = (last?.number ?? 0) + 1
        const entry = readEntry(lineText(line))
        if (entry === null) return { number, text: `line ${number} is no entry of an audit log` }
        const fault = check.take(entry)
        if (fault !== null) return fault
        first ??= entry
        last = entry
        hasHead ||= entry.hash === wantedHash
      }
    return null
  }
  const result = (fault: AuditFault | null): ExportVerification => ({
    entryCount: last?.number ?? 0,
    firstAt: first?.at ?? null,
    lastAt: last?.at ?? null,
    headHash: last?.hash ?? null,
    hasHead,
    fault,
  })
  try {
    return result(await readAll())
  } catch (error) {
    if (!isAppError(error, 'archive_invalid')) throw error
    const number = result(null).entryCount + 1
    return result({ number, text: `line ${number} cannot be read: ${String(error.details.reason)}` })
  }
}

/** Its keys are exactly these: another would lie outside what is hashed. Words that a later version has are as good as those of today. */
const ExportedEntry = z.strictObject({
  ...AuditEntry.shape,
  action: z.string(),
  outcome: z.string(),
  client: z.string().nullable(),
})

const readEntry = (text: string): AuditEntry | null => {
  try {
    const parsed = ExportedEntry.safeParse(JSON.parse(text))
    return parsed.success ? (parsed.data as AuditEntry) : null
  } catch {
    return null
  }
}
