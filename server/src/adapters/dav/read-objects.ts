import { setTimeout as sleep } from 'node:timers/promises'
import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { IssueCode, ItemFacts, ItemRef, ItemSink } from '../../ports/source.ts'
import { isCut, isRefusal } from './dav-errors.ts'
import type { DavAnswer, DavHttp } from './dav-http.ts'
import { names, propfindBody } from './dav-kinds.ts'
import { asReached } from './hrefs.ts'
import { createLock } from './lock.ts'
import { queryMultistatus } from './query-multistatus.ts'

/** Requests under way at a time: enough to hide the way to the server, few enough for any server. */
export const lanes = 4
const attempts = 3
/** Objects up to this size are held by every lane at once, larger ones by one lane at a time. */
const smallBytes = 2 ** 20
const maxObjectBytes = 64 * 2 ** 20

type Taken = {
  readonly facts: ItemFacts
  readonly announcedSizeBytes: number | null
  readonly chunks: readonly Buffer[]
}
type Missed = { readonly code: IssueCode; readonly text: string }

/**
 * Reads objects one by one with GET. A multiget would carry them inside XML, where every CRLF becomes LF (XML 1.0 §2.11) and
 * servers cap the number of objects without a word; over kept connections GETs cost little more and keep every byte.
 * @param accept the media type to ask for, by ref.
 * An object is complete before the sink hears of it, so that a cut connection is asked again instead of leaving half an item.
 */
export const readObjects = async (
  http: DavHttp,
  collection: URL,
  refs: readonly ItemRef[],
  accept: (ref: string) => string,
  sink: ItemSink,
  signal: AbortSignal,
): Promise<void> => {
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const large = createLock()
  const sinkLock = createLock()
  const pending = refs.values()

  const lane = async (): Promise<void> => {
    for (const ref of pending) {
      both.throwIfAborted()
      const release: (() => void)[] = []
      try {
        const onLarge = async () => {
          if (release.length === 0) release.push(await large())
        }
        const result = await fetchObject(http, collection, ref, accept, onLarge, both)
        release.push(await sinkLock())
        both.throwIfAborted()
        if ('code' in result) sink.skip({ ref, isLost: true, ...result })
        else await pour(result, sink, both)
      } finally {
        for (const letGo of release.reverse()) letGo()
      }
    }
  }

  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(lanes, refs.length) }, () =>
      lane().catch((error: unknown) => {
        // The first failure is the one that counts; the other lanes only hear that it is over.
        if (!stop.signal.aborted) stop.abort(error)
        throw error
      }),
    ),
  )
  signal.throwIfAborted()
  if (ends.some(({ status }) => status === 'rejected')) throw stop.signal.reason
}

const pour = async (
  { facts, announcedSizeBytes, chunks }: Taken,
  sink: ItemSink,
  signal: AbortSignal,
): Promise<void> => {
  sink.begin(facts, announcedSizeBytes)
  for (const chunk of chunks) {
    await sink.write(chunk)
    signal.throwIfAborted()
  }
  await sink.end()
}

const missed = (code: IssueCode, text: string): Missed => ({ code, text })

const fetchObject = async (
  http: DavHttp,
  collection: URL,
  ref: ItemRef,
  accept: (ref: string) => string,
  onLarge: () => Promise<void>,
  signal: AbortSignal,
): Promise<Taken | Missed> => {
  if (typeof ref !== 'string' || !URL.canParse(ref, collection.href)) {
    return missed('fetch_refused', 'The server named this object by what is no address.')
  }
  const url = asReached(new URL(ref, collection), collection)
  // Credentials go to the configured server only, wherever a listing points.
  if (url.origin !== collection.origin) {
    return missed('fetch_refused', 'The server named this object by an address on another server.')
  }
  for (let attempt = 1; ; attempt += 1) {
    const isLast = attempt === attempts
    try {
      const answer = await http.send({ method: 'GET', url, headers: { accept: accept(ref) }, retries: 1 }, signal)
      const result = await take(answer, ref, onLarge)
      if (result) return result
      if (isLast) return missed('fetch_refused', `The server answered ${answer.status} for this object, three times.`)
    } catch (error) {
      signal.throwIfAborted()
      if (isAppError(error, 'source_protocol')) {
        return missed('fetch_refused', 'The answer for this object led elsewhere or was encoded.')
      }
      // Some servers say 401 for what only its owner may see.
      if (isAppError(error, 'source_sign_in_refused')) {
        await assertAnswers(http, collection, signal)
        return missed('fetch_refused', 'The server refused this object to the one who signed in.')
      }
      const isTimeout = isAppError(error, 'source_timeout')
      if (!isCut(error) && !isTimeout) throw error
      // One wait less for a timeout: it is long already.
      if (isLast || (isTimeout && attempt === attempts - 1)) {
        await assertAnswers(http, collection, signal)
        return missed('not_returned', 'The server broke off at this object, each time it was asked for.')
      }
    }
    await sleep(200 * attempt, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}

/** Reads the answer to one GET; null when asking again may help. */
const take = async (answer: DavAnswer, ref: string, onLarge: () => Promise<void>): Promise<Taken | Missed | null> => {
  const { status, headers } = answer
  if (status !== 200) answer.discard()
  if (status === 404 || status === 410)
    return missed('vanished', 'The object was listed, and was gone when it was read.')
  if (status >= 500) return null
  if (status >= 400) return missed('fetch_refused', `The server answered ${status} for this object.`)
  if (status !== 200) return missed('not_returned', `The server answered ${status} for this object.`)

  const tooLarge = () => missed('fetch_refused', 'The object is larger than 64 MB.')
  const length = headers['content-length']
  const announcedSizeBytes = length === undefined ? null : Number(length)
  if (announcedSizeBytes !== null && announcedSizeBytes > maxObjectBytes) {
    answer.discard()
    return tooLarge()
  }
  const chunks: Buffer[] = []
  let bytes = 0
  if (announcedSizeBytes !== null && announcedSizeBytes > smallBytes) await onLarge()
  for await (const chunk of answer.chunks()) {
    bytes += chunk.byteLength
    if (bytes > maxObjectBytes) return tooLarge()
    if (bytes > smallBytes) await onLarge()
    chunks.push(chunk)
  }
  if (bytes === 0) return missed('empty_body', 'The server sent nothing for this object.')
  if (/^text\/html\b/i.test(headers['content-type'] ?? '') && !chunks[0]?.subarray(0, 64).includes('BEGIN:')) {
    return missed('fetch_refused', 'The server sent a web page in place of this object.')
  }
  const { etag } = headers
  return { facts: { ref, receivedAtMs: null, ...(etag === undefined ? {} : { etag }) }, announcedSizeBytes, chunks }
}

/** Tells an object at which the server breaks off, or that it refuses, from a server that is gone or refuses all. @throws AppError then */
const assertAnswers = async (http: DavHttp, collection: URL, signal: AbortSignal): Promise<void> => {
  const body = propfindBody([names.resourceType])
  const query = { method: 'PROPFIND', url: collection, depth: '0', body, what: 'collection' } as const
  await queryMultistatus(http, query, () => null, signal).catch((error: unknown) => {
    if (!isRefusal(error)) throw error
  })
}
