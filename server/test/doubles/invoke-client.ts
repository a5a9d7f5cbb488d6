import { jsonType } from './http-service.ts'

/** A program that calls methods by `/JSON/Invoke`, with whatever its headers sign it in by. */
export const createInvokeClient =
  (url: () => string) => async (method: string, params: object, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(`${url()}/JSON/Invoke/${method}`, {
      method: 'POST',
      headers: { ...headers, ...jsonType },
      body: JSON.stringify(params),
    })
    const text = await response.text()
    return { status: response.status, text, answer: response.ok ? JSON.parse(text) : null }
  }
