import { setImmediate } from 'node:timers/promises'
import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import type { AuditLog } from '../../ports/audit-log.ts'
import type { Caller } from '../access/authorize.ts'
import { requireAllOrganizations } from '../access/organization-limit.ts'
import { createChainCheck } from './audit-chain.ts'

export type AuditVerification = Result<'VerifyAuditLog'>

/** Computes the chain of the log anew, as far as it went at the start, and compares it with the sealed head. */
export const verifyAuditLog = async (log: Pick<AuditLog, 'pages' | 'state'>): Promise<AuditVerification> => {
  const { head, highestNumber } = await log.state()
  const upTo = head?.number ?? highestNumber
  const check = createChainCheck()
  const broken = (number: number, text: string): AuditVerification => ({
    ok: false,
    entryCount: highestNumber,
    headHash: check.last()?.hash ?? null,
    fault: { number, text },
  })
  for await (const entries of log.pages({}, upTo)) {
    for (const entry of entries) {
      const fault = check.take(entry)
      if (fault !== null) return broken(fault.number, fault.text)
    }
    // Hashing is work for this thread, and others want to be answered meanwhile.
    await setImmediate()
  }
  const last = check.last()
  const next = (last?.number ?? 0) + 1
  if (head === null) {
    if (highestNumber === 0) return { ok: true, entryCount: 0, headHash: null, fault: null }
    return broken(
      highestNumber,
      `the seal of the last entry is gone or broken: entries after ${highestNumber} may be missing`,
    )
  }
  if (last === null || last.number < head.number)
    return broken(next, `the entries from ${next} to ${head.number} are missing at the end`)
  if (last.hash !== head.hash) return broken(last.number, `entry ${last.number} is not the one that was written`)
  if (highestNumber > head.number)
    return broken(head.number + 1, `the entries after ${head.number} were not written by this service`)
  return { ok: true, entryCount: head.number, headHash: head.hash, fault: null }
}

/** Two who ask at the same time get the same answer: the log is read once. */
export const createVerifyAuditLog = ({ log }: { readonly log: Pick<AuditLog, 'pages' | 'state'> }) => {
  let running: Promise<AuditVerification> | null = null
  return async (_: Params<'VerifyAuditLog'>, caller: Caller): Promise<AuditVerification> => {
    requireAllOrganizations(caller)
    running ??= verifyAuditLog(log).finally(() => {
      running = null
    })
    return running
  }
}
