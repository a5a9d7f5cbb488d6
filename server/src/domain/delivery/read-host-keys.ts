import type { Params, Result } from '@stillbox/shared/contract/registry.ts'
import type { ReadHostKeys } from '../../ports/delivery.ts'
import { withinSeconds } from './within-seconds.ts'

export type ReadHostKeysNeeds = {
  readonly readHostKeys: ReadHostKeys
  readonly allowedAddresses: readonly string[]
  /** Longest look in all. */
  readonly seconds?: number
}

/** What a server shows to everybody, for a person to compare. @throws AppError as the port does */
export const createReadHostKeys =
  ({ readHostKeys, allowedAddresses, seconds = 15 }: ReadHostKeysNeeds) =>
  async ({ host, port }: Params<'ReadHostKeys'>): Promise<Result<'ReadHostKeys'>> => {
    const server = { host, port, allowedAddresses, timeoutMs: seconds * 1_000 }
    const found = await withinSeconds(seconds, host, (signal) => readHostKeys(server, signal))
    return { hostKeys: found.map(({ algorithm, sha256, md5 }) => ({ algorithm, sha256, md5 })) }
  }
