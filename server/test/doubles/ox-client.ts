import { basic, jsonType } from './http-service.ts'

export type OxAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The text as JSON, whatever the type says; null where it is none. */
  readonly body: unknown
}

/** A program that calls the snapshot API, as an operator unless its headers say otherwise. */
export const createOxClient = (url: () => string) => {
  const call = async (
    verb: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<OxAnswer> => {
    const response = await fetch(`${url()}${path}`, {
      method: verb,
      headers: { ...basic('olga'), ...headers },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: /^[[{]/.test(text) ? JSON.parse(text) : null,
    }
  }
  return {
    call,
    get: (path: string, headers: Readonly<Record<string, string>> = {}) => call('GET', path, headers),
    create: (body: unknown, path = '/intercept/snapshots') => call('POST', path, jsonType, JSON.stringify(body)),
  }
}
