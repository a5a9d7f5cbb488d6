import { isCut, protocolError, statusError } from './dav-errors.ts'
import type { DavHttp } from './dav-http.ts'
import { type DavResponse, MultistatusFault, readMultistatus } from './multistatus.ts'

export type DavQuery = {
  readonly method: 'PROPFIND' | 'REPORT'
  readonly url: URL
  readonly depth: '0' | '1'
  readonly body: string
  /** What is asked for, in the words of an error: `the ${what}`. */
  readonly what: string
}

export type DavResult<T> = {
  readonly picked: readonly T[]
  readonly syncToken: string | null
  /** After redirects: hrefs are relative to it. */
  readonly url: URL
}

const attempts = 3

/**
 * Sends a PROPFIND or REPORT and keeps of each response what `pick` makes of it. A connection that is cut in the middle is
 * tried again from the start.
 * @throws AppError for any answer but 207 (RFC 4918 §11.1), and for one that cannot be read.
 */
export const queryMultistatus = async <T>(
  http: DavHttp,
  query: DavQuery,
  pick: (response: DavResponse, url: URL) => T | null,
  signal: AbortSignal,
): Promise<DavResult<T>> => {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await http.send(
      {
        method: query.method,
        url: query.url,
        headers: { depth: query.depth, 'content-type': 'application/xml; charset=utf-8' },
        body: query.body,
      },
      signal,
    )
    if (answer.status !== 207) {
      answer.discard()
      throw statusError(answer.status, query.what, http.peer)
    }
    const picked: T[] = []
    try {
      const { syncToken } = await readMultistatus(answer.chunks(), (response) => {
        const value = pick(response, answer.url)
        if (value !== null) picked.push(value)
      })
      return { picked, syncToken, url: answer.url }
    } catch (error) {
      if (error instanceof MultistatusFault) throw protocolError(error.message, http.peer, error)
      if (!isCut(error) || attempt === attempts) throw error
    }
  }
}
