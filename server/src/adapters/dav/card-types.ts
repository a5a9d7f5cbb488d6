import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { SourceFolder } from '../../ports/source.ts'
import type { DavHttp } from './dav-http.ts'
import { cardVersionBody } from './dav-kinds.ts'
import { sameHref } from './hrefs.ts'
import { queryMultistatus } from './query-multistatus.ts'

const anyType = '*/*'

/**
 * Which media type to ask for, so that a card comes as it is stored. A server of several vCard versions converts on the way
 * out: Cyrus turns every 4.0 card into 3.0 unless asked for 4.0, and every 3.0 card into 4.0 when asked for that. Nothing in a
 * listing tells the stored version, but a search for the VERSION property does.
 */
export const findCardTypes = async (
  http: DavHttp,
  folder: SourceFolder,
  collection: URL,
  signal: AbortSignal,
): Promise<(ref: string) => string> => {
  const versions = folder.properties.cardVersions?.split(',') ?? []
  if (folder.kind !== 'contact' || versions.length < 2) return () => anyType
  const types = new Map<string, string>()
  for (const version of versions.filter((one) => /^\d+\.\d+$/.test(one))) {
    const query = {
      method: 'REPORT',
      url: collection,
      depth: '1',
      body: cardVersionBody(version),
      what: 'cards',
    } as const
    const type = `text/vcard; version=${version}`
    const note = ({ href }: { readonly href: string }, at: URL) => {
      types.set(sameHref(href, at), type)
      return null
    }
    await queryMultistatus(http, query, note, signal).catch((error: unknown) => {
      // A server that cannot search gives its cards as it likes; they are taken so.
      if (!isAppError(error, 'source_protocol', 'source_gone')) throw error
    })
  }
  return (ref) => types.get(sameHref(ref, collection)) ?? anyType
}
