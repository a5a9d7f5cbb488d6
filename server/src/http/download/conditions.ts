import type { IncomingHttpHeaders } from 'node:http'

export type Validators = { readonly etag: string; readonly modifiedAtMs: number }
export type Condition = 'go-on' | 'not-modified' | 'failed'

const tagsIn = (header: string): readonly string[] => header.match(/\*|(?:W\/)?"[^"]*"/g) ?? []
const weakly = (tag: string): string => tag.replace(/^W\//, '')
const dateOf = (header: string | undefined): number => Date.parse(header ?? '')
const inSeconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000

/** Preconditions of a GET or HEAD in the order of RFC 9110 §13.2.2. */
export const checkConditions = (headers: IncomingHttpHeaders, { etag, modifiedAtMs }: Validators): Condition => {
  const ifMatch = headers['if-match']
  if (ifMatch !== undefined) {
    // Strong comparison: a weak tag never matches.
    if (!tagsIn(ifMatch).some((tag) => tag === '*' || tag === etag)) return 'failed'
  } else if (inSeconds(modifiedAtMs) > dateOf(headers['if-unmodified-since'])) return 'failed'

  const ifNoneMatch = headers['if-none-match']
  if (ifNoneMatch !== undefined)
    return tagsIn(ifNoneMatch).some((tag) => tag === '*' || weakly(tag) === etag) ? 'not-modified' : 'go-on'
  return inSeconds(modifiedAtMs) <= dateOf(headers['if-modified-since']) ? 'not-modified' : 'go-on'
}

/** Whether If-Range lets a Range count (RFC 9110 §13.1.5): the same strong tag, or exactly the same date. */
export const rangeCounts = (headers: IncomingHttpHeaders, { etag, modifiedAtMs }: Validators): boolean => {
  const header = headers['if-range']
  if (header === undefined) return true
  const given = String(header).trim()
  return given.startsWith('"') || given.startsWith('W/') ? given === etag : dateOf(given) === inSeconds(modifiedAtMs)
}
