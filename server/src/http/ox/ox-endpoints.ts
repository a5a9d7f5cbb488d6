import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import type { Request, Response } from 'express'
import type { Caller } from '../../domain/access/authorize.ts'
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

/** The snapshot API: the same use cases as everywhere, in its words. */
export const createOxEndpoints = ({ handlers, download, publicKeys }: OxNeeds) => ({
  oxCreate: async (request: Request, response: Response): Promise<void> => {
    const { mediaType, text } = await readBody(request)
    if (!isJson(mediaType))
      throw new AppError('invalid_request', { details: { reason: 'send it as application/json.' } })
    const params = readCreateRequest(parseJson(text))
    const caller = callerOf(request)
    const { snapshotId } = await handlers.CreateSnapshot(params, caller)
    const snapshot = await handlers.GetSnapshotInfo({ snapshotId }, caller)
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
    response.json(toMetadata(await handlers.GetSnapshotInfo({ snapshotId: idOf(request) }, callerOf(request))))
  },

  oxDownload: download,

  oxDelete: async (request: Request, response: Response): Promise<void> => {
    response.json(toMetadata(await handlers.DeleteSnapshot({ snapshotId: idOf(request) }, callerOf(request))))
  },

  /** JSON under the name of plain text: that is how it is documented. */
  oxPublicKey: async (_request: Request, response: Response): Promise<void> => {
    response.type('text/plain').send(JSON.stringify(PublicKeys.parse(await publicKeys())))
  },
})
