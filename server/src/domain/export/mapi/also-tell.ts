import type { Projected } from '../../../formats/mapi/message.ts'
import type { KeepOriginal } from './keep-original.ts'
import type { Losses } from './losses.ts'
import { createItem } from './mapi-item.ts'

/** Tells of an object as a whole with its first item, and attaches the original there if it is not yet. */
export const alsoTell = (
  projected: readonly Projected[],
  losses: Losses,
  keepOriginal: KeepOriginal,
): readonly Projected[] => {
  const [first, ...others] = projected
  if (first === undefined || !losses.any) return projected
  const { properties, recipients, attachments } = first.message
  const message =
    first.degraded.length > 0 ? first.message : createItem(properties, recipients, keepOriginal(attachments))
  return [{ message, degraded: [...first.degraded, ...losses.list()] }, ...others]
}
