import type { Destination } from '@stillbox/shared/contract/destination-methods.ts'
import type { ParamsInput } from '@stillbox/shared/contract/registry.ts'
import { CreateSnapshotParams } from '@stillbox/shared/contract/snapshot-methods.ts'
import type { DeliveryAction } from '@stillbox/shared/vocabulary/delivery-action.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { type DayRange, toInstants } from './day-range.ts'

/** The create form as it is typed. */
export type CreateDraft = DayRange & {
  readonly userName: string
  readonly organization: string
  readonly types: readonly SnapshotType[]
  readonly action: DeliveryAction
  /** Of the saved destination, for sftp and scp; empty while none is chosen. */
  readonly destinationId: string
  /** Null: as the destination says. */
  readonly deletesLocal: boolean | null
  readonly password: string
}

export type Circumstances = {
  /** Whether there is more than one organization, so that one has to be chosen. */
  readonly several: boolean
  readonly destinations: readonly Destination[]
}

export const draftFields = [
  'userName',
  'organization',
  'type',
  'action',
  'destinationId',
  'deletesLocal',
  'start',
  'end',
  'password',
] as const
type DraftField = (typeof draftFields)[number]
export type FieldErrors = Readonly<Partial<Record<DraftField, string>>>

export const needsDates = ({ types }: Pick<CreateDraft, 'types'>): boolean => types.includes('mailbox')

/** The destinations a snapshot may go to: those of its protocol, and open to its organization once that is known. */
export const usableDestinations = (
  destinations: readonly Destination[],
  action: DeliveryAction,
  organization: string | undefined,
): readonly Destination[] =>
  destinations.filter(
    (one) =>
      one.protocol === action &&
      (organization === undefined || one.organizations === null || one.organizations.some((id) => id === organization)),
  )

/** Whether the local archive is deleted after delivery: as chosen, or else as the destination says. */
export const deletesLocalOf = (draft: CreateDraft, destinations: readonly Destination[]): boolean =>
  draft.deletesLocal ??
  destinations.find(({ destinationId }) => destinationId === draft.destinationId)?.deletesLocal ??
  false

/** What the form asks for in the reader's words, before the contract's own check. */
const missing = (draft: CreateDraft, { several }: Circumstances): FieldErrors => ({
  ...(several && !draft.organization ? { organization: 'Choose the organization the user belongs to.' } : {}),
  ...(draft.userName.trim() === '' ? { userName: 'Enter the user name whose data is to be captured.' } : {}),
  ...(draft.types.length === 0 ? { type: 'Choose at least one: Mailbox, Calendar or Contacts.' } : {}),
  ...(needsDates(draft) && !draft.firstDay ? { start: 'Enter the first day: a mailbox needs a range.' } : {}),
  ...(needsDates(draft) && !draft.lastDay ? { end: 'Enter the last day: a mailbox needs a range.' } : {}),
  ...(needsDates(draft) && draft.firstDay && draft.lastDay && draft.lastDay < draft.firstDay
    ? { end: 'The last day is before the first.' }
    : {}),
  ...(draft.action !== 'download' && draft.destinationId === ''
    ? { destinationId: 'Choose where the archive is to be delivered to.' }
    : {}),
})

export type CheckedDraft =
  | { readonly params: ParamsInput<'CreateSnapshot'>; readonly errors: null }
  | { readonly params: null; readonly errors: FieldErrors }

/** The call's parameters, or what is wrong with which field. */
export const checkDraft = (draft: CreateDraft, circumstances: Circumstances): CheckedDraft => {
  const errors = missing(draft, circumstances)
  if (Object.keys(errors).length > 0) return { params: null, errors }
  const params: ParamsInput<'CreateSnapshot'> = {
    userName: draft.userName.trim(),
    type: [...draft.types],
    action: draft.action,
    ...(draft.organization ? { organization: draft.organization } : {}),
    ...(needsDates(draft) ? toInstants(draft) : {}),
    ...(draft.password ? { password: draft.password } : {}),
    ...(draft.action === 'download'
      ? {}
      : {
          destinationId: draft.destinationId,
          // What the form showed is what is done, whatever becomes of the destination meanwhile.
          deletesLocal: deletesLocalOf(draft, circumstances.destinations),
        }),
  }
  const checked = CreateSnapshotParams.safeParse(params)
  if (checked.success) return { params, errors: null }
  return {
    params: null,
    errors: Object.fromEntries(checked.error.issues.map(({ path, message }) => [String(path[0]), message])),
  }
}

/** What each field of the form is made of. */
const inputsOf: Readonly<Record<DraftField, readonly (keyof CreateDraft)[]>> = {
  userName: ['userName'],
  organization: ['organization'],
  type: ['types'],
  action: ['action'],
  destinationId: ['destinationId', 'action', 'organization'],
  deletesLocal: ['deletesLocal', 'destinationId', 'action'],
  start: ['firstDay', 'types'],
  end: ['lastDay', 'firstDay', 'types'],
  password: ['password'],
}

/**
 * The errors that still hold after a change: those of the fields it touched are looked at again, the others stay. A
 * field without an error gets none while it is being filled in.
 */
export const errorsAfter = (
  errors: FieldErrors,
  before: CreateDraft,
  after: CreateDraft,
  circumstances: Circumstances,
): FieldErrors => {
  const found = checkDraft(after, circumstances).errors ?? {}
  const kept = draftFields.flatMap((field): [DraftField, string][] => {
    const isTouched = inputsOf[field].some((input) => before[input] !== after[input])
    const error = errors[field] && isTouched ? found[field] : errors[field]
    return error ? [[field, error]] : []
  })
  return Object.fromEntries(kept)
}
