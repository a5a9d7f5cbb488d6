import type { AuditEntry } from '@stillbox/shared/contract/audit-methods.ts'
import type { MethodDefinition } from '@stillbox/shared/contract/define-method.ts'
import {
  type Accepted,
  type MethodName,
  methods,
  type Params,
  type Result,
} from '@stillbox/shared/contract/registry.ts'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { AuditAction } from '@stillbox/shared/vocabulary/audit-action.ts'
import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { SnapshotStore } from '../../ports/snapshot-store.ts'
import type { Caller } from '../access/authorize.ts'
import { seesOrganization } from '../access/organization-limit.ts'
import { isToDeleteTokens } from '../account/set-user-password.ts'
import type { AuditNote, CallOrigin, NoteAudit } from './audit-trail.ts'
import type { NoteRepeated } from './note-repeated.ts'

/** How a call ended. */
export type CallEnd = { readonly answer: unknown } | { readonly error: unknown }

export type AuditedCall = {
  readonly method: MethodName
  readonly caller: Caller
  readonly params: unknown
  /** Whether they were what the method takes. What was only written wrongly is not told, unless by somebody who may not call it at all. */
  readonly isReadable: boolean
}

export type CallAudit = {
  /** To be called before the answer goes out, with whatever became of a call. @throws when it cannot be noted */
  ended(call: AuditedCall, end: CallEnd, origin: CallOrigin): Promise<void>
  /** Somebody who may not was at an address that is no method. */
  refused(
    attempt: {
      readonly caller: Caller
      readonly route: string
      readonly action: AuditAction
      readonly target: string | null
    },
    error: unknown,
    origin: CallOrigin,
  ): Promise<void>
}

type Told = {
  readonly [N in MethodName]?: {
    readonly params?: readonly (keyof Params<N> & string)[]
    readonly answer?: readonly string[] & readonly (keyof (Result<N> & Accepted<N>))[]
  }
}

/** What is told of a call beside its target. Whatever is not named here stays out of the log. */
const told: Told = {
  CreateSnapshot: {
    params: ['userName', 'type', 'action', 'start', 'end', 'destinationId', 'deletesLocal'],
  },
  SetSnapshotExpiry: { params: ['expiresAt'] },
  // Neither folder nor words: they are content.
  ExportSnapshot: { params: ['format', 'maxGb'], answer: ['exportId'] },
  CancelExport: { params: ['exportId'] },
  DeleteExport: { params: ['exportId'] },
  CreateDestination: {
    params: ['name', 'protocol', 'host', 'port', 'username', 'path', 'authMethod', 'deletesLocal', 'organizations'],
  },
  EditDestination: {
    params: ['protocol', 'host', 'port', 'username', 'path', 'authMethod', 'deletesLocal', 'organizations'],
    answer: ['name', 'host'],
  },
  TestDestination: { answer: ['name', 'host'] },
  ReadHostKeys: { params: ['port'] },
  CreateUser: { params: ['privileges', 'organizations'] },
  RenameUser: { params: ['newUserName'] },
  SetUserPrivileges: { params: ['privileges'] },
  SetUserOrganizations: { params: ['organizations'] },
  EndSession: { params: ['sessionId'], answer: ['ended'] },
  CreateAccessToken: { params: ['scope', 'expires'], answer: ['tokenId', 'expiresAt'] },
  DeleteAccessToken: { params: ['userName'] },
  ConfirmPasskey: { params: ['name'], answer: ['deviceId'] },
  RemovePasskey: { params: ['deviceId'] },
  VerifyAuditLog: { answer: ['ok', 'entryCount', 'headHash'] },
}

type Details = AuditEntry['details']
type Values = Readonly<Record<string, unknown>>

const valuesOf = (value: unknown): Values => (typeof value === 'object' && value !== null ? (value as Values) : {})
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

const picked = (values: Values, names: readonly string[]): Details => {
  const found: [string, string | number | boolean][] = []
  for (const name of names) {
    const value = values[name]
    if (Array.isArray(value)) found.push([name, value.map(String).join(', ')])
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      found.push([name, value])
  }
  return Object.fromEntries(found)
}

/** Secrets among the changes of a destination: that there is a new one is worth knowing. */
const secretFields = ['password', 'privateKey', 'passphrase']

const detailsOf = (method: MethodName, params: Values, answer: Values): Details => {
  const names = told[method]
  const isEdit = method === 'EditDestination'
  const changed = Object.keys(params).filter((name) => name !== 'destinationId')
  return {
    method,
    ...picked(params, names?.params ?? []),
    ...picked(answer, names?.answer ?? []),
    ...(method === 'CreateSnapshot' ? picked(valuesOf(params.ssh), ['host', 'port']) : {}),
    ...(isEdit ? { changed: changed.filter((name) => !secretFields.includes(name)).join(', ') } : {}),
    ...(isEdit && changed.some((name) => secretFields.includes(name)) ? { newSecret: true } : {}),
  }
}

/** What a call that was carried out had left to the service. */
const decidedOf = (method: MethodName, params: Values, caller: Caller): Details =>
  method === 'SetUserPassword' ? { deletesTokens: isToDeleteTokens(params as Params<'SetUserPassword'>, caller) } : {}

/** For want of these the caller was turned away. */
const isRefusal = (error: unknown): boolean => isAppError(error, 'forbidden', 'token_scope', 'second_factor_missing')

const targetOf = (
  { audit, access }: MethodDefinition,
  params: Values,
  answer: Values,
  caller: Caller,
): string | null => {
  const field = audit?.target ?? ''
  const named = audit
    ? (params[field] ?? answer[field])
    : (params.snapshotId ?? params.destinationId ?? params.userName)
  return textOf(named) ?? (access === 'own' ? caller.userName : null)
}

export type CallAuditNeeds = {
  readonly note: NoteAudit
  /** For what is only read and refused: a page that asks again and again is one entry. */
  readonly repeated: NoteRepeated
  readonly snapshots: Pick<SnapshotStore, 'get'>
}

export const createCallAudit = ({ note, repeated, snapshots }: CallAuditNeeds): CallAudit => {
  const organizationOfSnapshot = async (id: unknown): Promise<OrganizationId | null> => {
    const parsed = SnapshotId.safeParse(id)
    if (!parsed.success) return null
    try {
      return (await snapshots.get(parsed.data)).organization
    } catch (error) {
      if (isAppError(error, 'not_found')) return null
      throw error
    }
  }

  const organizationOf = async (
    isDestination: boolean,
    params: Values,
    answer: Values,
  ): Promise<OrganizationId | null> => {
    const several = [answer.organizations, params.organizations].find(Array.isArray)
    const only = isDestination && several?.length === 1 ? several[0] : null
    const named = OrganizationId.safeParse(answer.organization ?? params.organization ?? only)
    if (named.success) return named.data
    return organizationOfSnapshot(answer.snapshotId ?? params.snapshotId)
  }

  return {
    ended: async ({ method, caller, params: given, isReadable }, end, { address, requestId }) => {
      const definition: MethodDefinition = methods[method]
      const { audit } = definition
      const isDone = 'answer' in end
      const error = isDone ? null : end.error
      if (isDone ? audit === undefined : !isReadable && !isRefusal(error)) return
      const isUnknownId = isAppError(error, 'not_found')
      if (audit === undefined && !isRefusal(error) && !isUnknownId) return

      const [params, answer] = [valuesOf(given), valuesOf(isDone ? end.answer : null)]
      const organization = await organizationOf(audit?.action.startsWith('destination.') ?? false, params, answer)
      // What is of other organizations does not exist for the caller, and yet somebody asked for it.
      const isHidden = isUnknownId && organization !== null && !seesOrganization(caller, organization)
      const isRefused = isRefusal(error) || isHidden
      if (audit === undefined && !isRefused) return
      const made: AuditNote = {
        action: audit?.action ?? 'read',
        outcome: isDone ? 'done' : isRefused ? 'refused' : 'failed',
        code: isDone ? null : isAppError(error) ? error.code : 'internal',
        actor: caller.userName,
        client: caller.client ?? null,
        address,
        requestId,
        target: targetOf(definition, params, answer, caller),
        organization,
        details: { ...detailsOf(method, params, answer), ...(isDone ? decidedOf(method, params, caller) : {}) },
      }
      if (audit === undefined) await repeated.note(`${caller.userName} ${method} ${made.code}`, made)
      else await note(made)
    },

    refused: async ({ caller, route, action, target }, error, { address, requestId }) => {
      if (!isRefusal(error) || !isAppError(error)) return
      const made: AuditNote = {
        action,
        outcome: 'refused',
        code: error.code,
        actor: caller.userName,
        client: caller.client ?? null,
        address,
        requestId,
        target,
        organization: await organizationOfSnapshot(target),
        details: { route },
      }
      if (action === 'read') await repeated.note(`${caller.userName} ${route} ${error.code}`, made)
      else await note(made)
    },
  }
}
