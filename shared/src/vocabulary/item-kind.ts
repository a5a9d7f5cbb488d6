import { z } from 'zod'

/** What an archived item is. The order is the canonical order of kinds in an archive. */
export const itemKinds = ['mail', 'calendar', 'contact'] as const
export const ItemKind = z.enum(itemKinds)
export type ItemKind = z.infer<typeof ItemKind>
