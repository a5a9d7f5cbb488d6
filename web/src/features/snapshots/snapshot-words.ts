import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'

/** The words of the create form, used everywhere else too. */
export const typeWords: Readonly<Record<SnapshotType, string>> = {
  mailbox: 'Mailbox',
  calendar: 'Calendar',
  contacts: 'Contacts',
}

export const typesText = (types: readonly SnapshotType[]): string => types.map((type) => typeWords[type]).join(', ')
