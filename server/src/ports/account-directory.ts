import type { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import type { SourceSpec } from './source.ts'

/** The organizations of the configuration, and how the name of one of their users becomes sources that can be opened. */
export type AccountDirectory = {
  organizations(): readonly Organization[]

  /**
   * Resolves a user name to the sources of the wanted types, in their order.
   * @param password the user's own, where the call gave one; it takes the place of the service's sign-in.
   * @throws AppError `user_unknown`, `directory_unreachable`, `source_missing`, `not_found` (organization),
   * `invalid_params` where only the user's own password opens a source and none was given; `signal.reason` when aborted.
   */
  resolve(
    request: {
      readonly organization: OrganizationId
      readonly userName: string
      readonly types: readonly SnapshotType[]
      readonly password: string | null
    },
    signal: AbortSignal,
  ): Promise<readonly SourceSpec[]>
}

export type Organization = {
  readonly organization: OrganizationId
  readonly name: string
  readonly types: readonly SnapshotType[]
  readonly userNameHint: string | null
  readonly isSample: boolean
  /** What counts as one host for the limit of captures at a time: `host:port` of the mail source, or the organization's id. */
  readonly limitGroup: string
  readonly maxCapturesAtOnce: number
}
