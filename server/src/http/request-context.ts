import { randomBytes } from 'node:crypto'
import type { Request } from 'express'
import type { Caller } from '../domain/access/authorize.ts'
import type { Account } from '../ports/account-store.ts'
import type { ClientCertificate } from '../ports/client-certificates.ts'

/** What is known of a request beside its bytes. */
export type RequestContext = {
  readonly requestId: string
  readonly startedAtMs: number
  /** Who has signed in; null for nobody. */
  caller: Caller | null
  /** The certificate the connection was opened with and the account it stands for; null when there is none. */
  byCertificate: { readonly certificate: ClientCertificate; readonly account: Account } | null
}

const contexts = new WeakMap<Request, RequestContext>()

export const contextOf = (request: Request): RequestContext => {
  const known = contexts.get(request)
  if (known) return known
  const made: RequestContext = {
    requestId: randomBytes(8).toString('hex'),
    startedAtMs: performance.now(),
    caller: null,
    byCertificate: null,
  }
  contexts.set(request, made)
  return made
}
