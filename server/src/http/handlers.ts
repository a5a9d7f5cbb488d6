import type { Accepted, MethodName, Methods, Params, Result } from '@stillbox/shared/contract/registry.ts'
import type { StatusToken } from '@stillbox/shared/contract/status.ts'
import type { Caller } from '../domain/access/authorize.ts'

/** What carries a method out. An async one answers with the token of its job and what it accepted; `dispatch` makes the URL of it. */
export type Handler<N extends MethodName> = (
  params: Params<N>,
  caller: Caller,
) => Promise<Methods[N]['kind'] extends 'async' ? { readonly statusToken: StatusToken } & Accepted<N> : Result<N>>

/** One handler for each method of the registry; the compiler asks for the missing one. */
export type Handlers = { readonly [N in MethodName]: Handler<N> }
