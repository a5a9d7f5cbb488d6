import type { z } from 'zod'
import { accountMethods } from './account-methods.ts'
import { auditMethods } from './audit-methods.ts'
import { destinationMethods } from './destination-methods.ts'
import { exportMethods } from './export-methods.ts'
import { snapshotMethods } from './snapshot-methods.ts'
import type { AsyncAnswer } from './status.ts'
import { systemMethods } from './system-methods.ts'

/** Everything that can be called. Adding a method is its definition, its name here, its use case and its handler. */
export const methods = {
  ...snapshotMethods,
  ...exportMethods,
  ...destinationMethods,
  ...systemMethods,
  ...accountMethods,
  ...auditMethods,
} as const

export type Methods = typeof methods
export type MethodName = keyof Methods
export const methodNames = Object.keys(methods) as MethodName[]
export const isMethodName = (name: string): name is MethodName => Object.hasOwn(methods, name)

export type Params<N extends MethodName> = z.output<Methods[N]['params']>
export type ParamsInput<N extends MethodName> = z.input<Methods[N]['params']>
export type Result<N extends MethodName> = z.output<Methods[N]['result']>
/** What an async method answers at once beside the status token; `unknown`, which adds nothing, where that is nothing. */
export type Accepted<N extends MethodName> = Methods[N] extends { accepted?: infer A extends z.ZodType }
  ? string extends keyof z.output<A>
    ? unknown
    : z.output<A>
  : unknown
/** What the caller gets back from the call itself. */
export type Answer<N extends MethodName> = Methods[N]['kind'] extends 'async' ? Accepted<N> & AsyncAnswer : Result<N>
