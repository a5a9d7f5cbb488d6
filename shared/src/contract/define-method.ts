import type { z } from 'zod'
import type { Access } from '../vocabulary/access.ts'
import type { AuditAction } from '../vocabulary/audit-action.ts'

/** `sync` answers with its result; `async` answers at once with a status token and delivers the result through it. */
export type MethodKind = 'sync' | 'async'

export type MethodDefinition<
  Kind extends MethodKind = MethodKind,
  Params extends z.ZodObject = z.ZodObject,
  Result extends z.ZodType = z.ZodType,
  Accepted extends z.ZodObject = z.ZodObject,
> = {
  readonly name: string
  readonly kind: Kind
  readonly access: Access
  /** What it needs in place of `access` when `userName` names an account that is not the caller’s own. */
  readonly othersAccess?: Access
  /**
   * What a caller who is limited to some organizations gets: lists of what is theirs (`filtered`), everything else as if it
   * did not exist (`hidden`), nothing at all (`refused`), or nothing to do with organizations (left out).
   */
  readonly limit?: 'filtered' | 'hidden' | 'refused'
  /**
   * What a call is in the audit log, and which parameter, or else field of the answer, says what it was done to; left
   * out: it only reads.
   */
  readonly audit?: { readonly action: AuditAction; readonly target?: string }
  /** One sentence for the method page: what it does, in the reader's terms. */
  readonly summary: string
  readonly params: Params
  /** For an async method: what the status answer carries once it has succeeded. */
  readonly result: Result
  /** Only async: what the first answer carries beside `statusToken` and `statusUrl`. */
  readonly accepted?: Accepted
}

/** Writes a method down once; routes, documentation and client all follow from it. */
export const defineMethod = <
  const Kind extends MethodKind,
  Params extends z.ZodObject,
  Result extends z.ZodType,
  Accepted extends z.ZodObject = z.ZodObject<Record<never, never>>,
>(
  definition: MethodDefinition<Kind, Params, Result, Accepted>,
): MethodDefinition<Kind, Params, Result, Accepted> => definition
