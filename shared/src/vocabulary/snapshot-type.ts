import { z } from 'zod'
import type { ItemKind } from './item-kind.ts'

/** What a snapshot takes of a user. The spelling is that of the snapshot web interface it is modelled on. */
export const snapshotTypes = ['mailbox', 'calendar', 'contacts'] as const
export const SnapshotType = z.enum(snapshotTypes, { error: 'type is one or several of mailbox, calendar, contacts' })
export type SnapshotType = z.infer<typeof SnapshotType>

/** One or several types without repetition, always in the order of `snapshotTypes`. */
export const SnapshotTypes = z
  .array(SnapshotType)
  .min(1, { error: 'choose at least one type: mailbox, calendar, contacts' })
  .max(10, { error: 'type is one or several of mailbox, calendar, contacts' })
  .transform((types) => snapshotTypes.filter((type) => types.includes(type)))
export type SnapshotTypes = z.output<typeof SnapshotTypes>

export const itemKindOf: Readonly<Record<SnapshotType, ItemKind>> = {
  mailbox: 'mail',
  calendar: 'calendar',
  contacts: 'contact',
}
