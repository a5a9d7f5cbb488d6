import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Request, Response } from 'express'
import type { Caller } from '../../domain/access/authorize.ts'
import type { CallAudit, CallEnd } from '../../domain/audit/audit-calls.ts'
import { originOf } from '../auth/authenticate.ts'
import type { Handlers } from '../handlers.ts'
import { invalidParams } from '../invalid-params.ts'
import { isJson, parseJson, readBody } from '../read-body.ts'
import { contextOf } from '../request-context.ts'
import { readCreateRequest } from './create-request.ts'
import { toCreated, toMetadata } from './metadata.ts'
import { sendList } from './send-list.ts'
import { ListRequest, PublicKeys } from './wire-schemas.ts'

export type OxNeeds = {
  readonly handlers: Pick<Handlers, 'CreateSnapshot' | 'GetSnapshots' | 'GetSnapshotInfo' | 'DeleteSnapshot'>
  readonly audit: Pick<CallAudit, 'ended'>
  /** Sends the archive of `:snapshotId`. */
  readonly download: (request: Request, response: Response) => Promise<void>
  /** The public halves of the keys the service signs in with where it uploads to. */
  readonly publicKeys: () => Promise<PublicKeys>
}

const callerOf = (request: Request): Caller => {
  const { caller } = contextOf(request)
  if (caller === null) throw new AppError('not_signed_in')
  return caller
}

const idOf = (request: Request): SnapshotId => {
  const id = SnapshotId.safeParse(request.params.snapshotId)
  if (!id.success) throw new AppError('not_found', { details: { what: 'snapshot' } })
  return id.data
}

const archiveTypes = ['application/zip', 'application/octet-stream', 'application/x-zip-compressed']

/** Whether a request for a snapshot means its archive: only if it asks for one by name, and for nothing else more. */
const wantsArchive = (request: Request): boolean => {
  const best = request.accepts(['application/json', ...archiveTypes])
  return best !== false && archiveTypes.includes(best)
}

type NotedCall = {
  readonly request: Request
  readonly method: 'CreateSnapshot' | 'DeleteSnapshot' | 'GetSnapshotInfo'
  readonly params: object
}

/** The same use case as of the method, and the same entry in the audit log. */
const noted = async <T>(
  audit: Pick<CallAudit, 'ended'>,
  { request, method, params }: NotedCall,
  carryOut: (caller: Caller) => Promise<T>,
): Promise<T> => {
  const caller = callerOf(request)
  const note = (end: CallEnd) => audit.ended({ method, caller, params, isReadable: true }, end, originOf(request))
  const answer = await carryOut(caller).catch(async (error: unknown) => {
    await note({ error })
    throw error
  })
  await note({ answer })
  return answer
}

/** The snapshot API: the same use cases as everywhere, in its words. */
export const createOxEndpoints = ({ handlers, audit, download, publicKeys }: OxNeeds) => ({
  oxCreate: async (request: Request, response: Response): Promise<void> => {
    const { mediaType, text } = await readBody(request)
    if (!isJson(mediaType))
      throw new AppError('invalid_request', { details: { reason: 'send it as application/json.' } })
    const params = readCreateRequest(parseJson(text))
    const { snapshotId } = await noted(audit, { request, method: 'CreateSnapshot', params }, (caller) =>
      handlers.CreateSnapshot(params, caller),
    )
    const snapshot = await handlers.GetSnapshotInfo({ snapshotId }, callerOf(request))
    response.setHeader('Location', `${request.path.replace(/\/$/, '')}/${snapshotId}`)
    response.json(toCreated(snapshot))
  },

  oxList: async (request: Request, response: Response): Promise<void> => {
    const query = ListRequest.safeParse(request.query)
    if (!query.success) throw invalidParams(query.error)
    const { status, organization } = query.data
    const caller = callerOf(request)
    await sendList(response, (before) =>
      handlers.GetSnapshots({ state: status, organization, limit: 500, before }, caller),
    )
  },

  oxRead: async (request: Request, response: Response): Promise<void> => {
    response.vary('Accept')
    if (wantsArchive(request)) return download(request, response)
    const params = { snapshotId: idOf(request) }
    const snapshot = await noted(audit, { request, method: 'GetSnapshotInfo', params }, (caller) =>
      handlers.GetSnapshotInfo(params, caller),
    )
    response.json(toMetadata(snapshot))
  },

  oxDownload: download,

  oxDelete: async (request: Request, response: Response): Promise<void> => {
    const params = { snapshotId: idOf(request) }
    const snapshot = await noted(audit, { request, method: 'DeleteSnapshot', params }, (caller) =>
      handlers.DeleteSnapshot(params, caller),
    )
    response.json(toMetadata(snapshot))
  },

  /** JSON under the name of plain text: that is how it is documented. */
  oxPublicKey: async (_request: Request, response: Response): Promise<void> => {
    response.type('text/plain').send(JSON.stringify(PublicKeys.parse(await publicKeys())))
  },
})
