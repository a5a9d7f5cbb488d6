import type { DeliveryAction } from '@stillbox/shared/vocabulary/delivery-action.ts'

/** Days until the archive of a snapshot expires, by action; null: never. */
export type Retention = Readonly<Record<DeliveryAction, number | null>>

export const keptForEver: Retention = { download: null, sftp: null, scp: null }

const dayMs = 86_400_000

export const expiryOf = (retention: Retention, action: DeliveryAction, since: Date): string | null => {
  const days = retention[action]
  return days === null ? null : new Date(since.getTime() + days * dayMs).toISOString()
}
