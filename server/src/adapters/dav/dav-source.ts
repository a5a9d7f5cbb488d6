import type { DavSourceSpec, Source } from '../../ports/source.ts'
import { createAuthorization } from './authorization.ts'
import { findCardTypes } from './card-types.ts'
import { createDavHttp } from './dav-http.ts'
import { davKinds } from './dav-kinds.ts'
import { discoverHomes } from './discover-homes.ts'
import { findFolders } from './find-folders.ts'
import { asCollection } from './hrefs.ts'
import { folderUrl, listFolder } from './list-folder.ts'
import { lanes, readObjects } from './read-objects.ts'

/**
 * Opens the calendars (CalDAV, RFC 4791) or address books (CardDAV, RFC 6352) of one user.
 * @throws AppError as listed at `Source`; `signal.reason` when aborted.
 */
export const openDavSource = async (spec: DavSourceSpec, signal: AbortSignal): Promise<Source> => {
  const kind = davKinds[spec.kind]
  const authorization = createAuthorization(spec.auth, new URL(spec.url).host, spec.timeoutMs)
  const http = createDavHttp({ ...spec, maxSockets: lanes }, spec.auth.userName, authorization)
  const closeOnFailure = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      http.close()
      throw error
    }
  }
  const cardTypes = new Map<string, Promise<(ref: string) => string>>()
  const homes = await closeOnFailure(discoverHomes(http, kind, signal))
  return {
    folders: (callSignal) => closeOnFailure(findFolders(http, kind, homes, callSignal)),
    list: (folder, callSignal) => closeOnFailure(listFolder(http, kind, folder, callSignal)),
    read: async (folder, refs, sink, callSignal) => {
      const collection = asCollection(folderUrl(http, folder))
      const reading = async () => {
        if (refs.length === 0) return
        let cardType = cardTypes.get(folder.serverName)
        if (!cardType) {
          cardType = findCardTypes(http, folder, collection, callSignal)
          cardTypes.set(folder.serverName, cardType)
        }
        await readObjects(http, collection, refs, await cardType, sink, callSignal)
      }
      await closeOnFailure(reading())
    },
    close: async () => http.close(),
  }
}
