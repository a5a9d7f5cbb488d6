import type { ReadableFile } from './bytes.ts'
import { checkMessage } from './check-message.ts'
import { checkNames } from './check-names.ts'
import { openCompoundFile } from './compound-file.ts'
import { createFindings, type MsgFinding } from './findings.ts'

export type VerifyMsgOptions = {
  readonly signal: AbortSignal
  /** So many faults, and as many warnings, are listed; all are counted. */
  readonly maxFaults?: number
}

export type MsgReport = {
  readonly ok: boolean
  readonly faults: readonly MsgFinding[]
  /** What no reader is known to mind. */
  readonly warnings: readonly MsgFinding[]
  readonly faultCount: number
  readonly warningCount: number
  /** The message and those in it. */
  readonly messages: number
  readonly recipients: number
  readonly attachments: number
  readonly streams: number
}

/**
 * Checks a MSG file: the compound file (C1 to C5), and the message in it with all messages in that (C6 to C10). It knows
 * nothing of how the file was written. Contents are not read, so that a file of 2 GB needs some 60 MB of memory. Throws
 * what `file` throws, and when the signal aborts; whatever is wrong with the file is in the answer.
 */
export const verifyMsg = async (
  file: ReadableFile,
  { signal, maxFaults = 1000 }: VerifyMsgOptions,
): Promise<MsgReport> => {
  const findings = createFindings(maxFaults)
  const counts = { messages: 0, recipients: 0, attachments: 0 }
  const container = await openCompoundFile(file, findings, signal)
  if (container !== null) {
    const nameCount = await checkNames(container, findings)
    await checkMessage({ file: container, findings, signal, nameCount, counts }, container.root)
  }
  return {
    ok: findings.faultCount === 0,
    faults: findings.faults,
    warnings: findings.warnings,
    faultCount: findings.faultCount,
    warningCount: findings.warningCount,
    ...counts,
    streams: container?.streamCount ?? 0,
  }
}
