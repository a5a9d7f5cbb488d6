import type { Answer } from '@stillbox/shared/contract/registry.ts'

/** A snapshot with its account, issues and log, as its page shows it. */
export type SnapshotDetails = Answer<'GetSnapshotInfo'>
