import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { VerifyOutcome } from '../../ports/capture.ts'

export type Fault = VerifyOutcome['faults'][number]

const faultCodes = [
  'structure', // the ZIP file itself: end records, central directory, order of the entries
  'name_unsafe',
  'header_differs', // a local header is not what the central directory says
  'data_unreadable', // the data of an entry does not inflate
  'crc_differs',
  'size_differs',
  'hash_differs',
  'entry_missing', // listed and not there
  'entry_extra', // there and not listed
  'entry_repeated',
  'line_invalid', // a line of items.jsonl or issues.jsonl is not as the format has it
  'order_wrong',
  'root_differs',
  'count_differs',
  'index_differs', // index.sqlite says something else than items.jsonl, the manifest or the directory
  'manifest_missing',
  'manifest_invalid',
  'signature_wrong',
  'signature_untrusted',
] as const
export type FaultCode = (typeof faultCodes)[number]

/** More than this many are not told: one cut can make every entry wrong. */
export const mostFaults = 1000

export type FaultList = {
  readonly list: readonly Fault[]
  add(entry: string, code: FaultCode, text: string): void
  /** Runs `work`; what it finds wrong with the archive becomes a fault of `entry`, and the answer null. Other errors pass. */
  during<T>(entry: string, work: () => Promise<T>): Promise<T | null>
}

const isFaultCode = (code: unknown): code is FaultCode => faultCodes.includes(code as FaultCode)

export const createFaultList = (): FaultList => {
  const list: Fault[] = []
  const add = (entry: string, code: FaultCode, text: string): void => {
    if (list.length < mostFaults) list.push({ entry, code, text })
  }
  return {
    list,
    add,
    during: async (entry, work) => {
      try {
        return await work()
      } catch (error) {
        if (!isAppError(error, 'archive_invalid')) throw error
        const { fault, reason, entry: named } = error.details
        add(typeof named === 'string' ? named : entry, isFaultCode(fault) ? fault : 'structure', String(reason))
        return null
      }
    },
  }
}
