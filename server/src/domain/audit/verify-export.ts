import { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import { lineText, readLines } from '../archive/read-lines.ts'
import { type AuditFault, createChainCheck } from './audit-chain.ts'

export type ExportVerification = {
  readonly entryCount: number
  readonly firstAt: string | null
  readonly lastAt: string | null
  /** Of the last entry that fitted. */
  readonly headHash: string | null
  readonly fault: AuditFault | null
}

/** Checks an exported audit log (`/audit-log.jsonl` without filter) by itself alone: no service, no database, no key. */
export const verifyExport = async (chunks: AsyncIterable<Uint8Array>): Promise<ExportVerification> => {
  const check = createChainCheck()
  let [firstAt, lastAt]: (string | null)[] = [null, null]
  const found = (fault: AuditFault | null): ExportVerification => {
    const last = check.last()
    return { entryCount: last?.number ?? 0, firstAt: firstAt!, lastAt: lastAt!, headHash: last?.hash ?? null, fault }
  }
  const next = () => (check.last()?.number ?? 0) + 1
  try {
    for await (const lines of readLines(chunks))
      for (const line of lines) {
        const entry = readEntry(lineText(line))
        if (entry === null) return found({ number: next(), text: `line ${next()} is no entry of an audit log` })
        const fault = check.take(entry)
        if (fault !== null) return found(fault)
        firstAt ??= entry.at
        lastAt = entry.at
      }
  } catch (error) {
    if (!isAppError(error, 'archive_invalid')) throw error
    return found({ number: next(), text: `line ${next()} cannot be read: ${String(error.details.reason)}` })
  }
  return found(null)
}

const Strict = AuditEntry.strict()

/** A key that is not in the contract would be outside the hash that the contract describes. */
const readEntry = (text: string): AuditEntry | null => {
  try {
    const parsed = Strict.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
