import { type SaxesAttributeNS, SaxesParser } from 'saxes'
import { names } from './dav-kinds.ts'

/** An element of an answer; `name` and the keys of `attributes` as `{namespace}local` and plain local name. */
export type DavElement = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly DavElement[]
  /** Its own character data, CDATA included, exactly as it stands. */
  readonly text: string
}

/** One `response` of a multistatus (RFC 4918 §14.24). */
export type DavResponse = {
  readonly href: string
  /** Of the response as a whole; null when it has propstats instead. */
  readonly status: number | null
  /** The properties that came with a 2xx. */
  readonly properties: ReadonlyMap<string, DavElement>
}

export type MultistatusLimits = { readonly bytes: number; readonly responseBytes: number; readonly responses: number }
const defaultLimits: MultistatusLimits = {
  bytes: 512 * 2 ** 20,
  responseBytes: 4 * 2 ** 20,
  responses: 500_000,
}

/** Why an answer cannot be read: it becomes the reason of a `source_protocol`. */
export class MultistatusFault extends Error {}

type Open = { name: string; attributes: Record<string, string>; children: DavElement[]; text: string }
const maxDepth = 32

/**
 * Reads a multistatus as it streams in and hands over one response at a time, so that a listing of any length needs the
 * memory of one response. Document types and entities other than XML's own five are refused.
 * @returns the sync-token of the answer (RFC 6578 §6.4), null when there is none.
 * @throws MultistatusFault; whatever `chunks` or `onResponse` throws.
 */
export const readMultistatus = async (
  chunks: AsyncIterable<Uint8Array>,
  onResponse: (response: DavResponse) => void,
  limits: MultistatusLimits = defaultLimits,
): Promise<{ readonly syncToken: string | null }> => {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const stack: Open[] = []
  let syncToken: string | null = null
  let sawRoot = false
  let responseCount = 0
  let bytes = 0
  let bytesSinceResponse = 0

  parser.on('error', () => {
    throw new MultistatusFault('its XML is not well-formed')
  })
  parser.on('doctype', () => {
    throw new MultistatusFault('its XML has a document type')
  })
  parser.on('opentag', (tag) => {
    const name = `{${tag.uri}}${tag.local}`
    if (stack.length === 0 && name !== names.multistatus) throw new MultistatusFault('its answer is no multistatus')
    if (stack.length >= maxDepth) throw new MultistatusFault('its XML is nested too deeply')
    sawRoot = true
    stack.push({ name, attributes: localAttributes(tag.attributes), children: [], text: '' })
  })
  const addText = (text: string) => {
    const open = stack.at(-1)
    // Between the responses stands nothing but white space.
    if (open && stack.length > 1) open.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const element = stack.pop()
    const parent = stack.at(-1)
    if (!element || !parent) return
    if (stack.length > 1) {
      parent.children.push(element)
      return
    }
    if (element.name === names.syncToken) syncToken = element.text.trim()
    if (element.name !== names.response) return
    responseCount += 1
    if (responseCount > limits.responses) throw new MultistatusFault('its listing has no end')
    bytesSinceResponse = 0
    for (const response of toResponses(element)) onResponse(response)
  })

  const decoder = new TextDecoder('utf-8')
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    bytesSinceResponse += chunk.byteLength
    if (bytes > limits.bytes) throw new MultistatusFault('its listing has no end')
    if (bytesSinceResponse > limits.responseBytes || (!sawRoot && bytes > 65_536 + chunk.byteLength)) {
      throw new MultistatusFault('a part of its answer is too large')
    }
    parser.write(decoder.decode(chunk, { stream: true }))
  }
  parser.write(decoder.decode()).close()
  if (!sawRoot) throw new MultistatusFault('its answer is empty')
  return { syncToken }
}

const localAttributes = (attributes: Readonly<Record<string, SaxesAttributeNS>>): Record<string, string> =>
  Object.fromEntries(Object.values(attributes).map(({ local, value }) => [local, value]))

const childrenNamed = (element: DavElement, name: string): readonly DavElement[] =>
  element.children.filter((child) => child.name === name)

/** RFC 2616 §6.1: `HTTP/1.1 404 Not Found`. */
const statusOf = (element: DavElement): number | null => {
  const [line] = childrenNamed(element, names.status)
  const match = line && /^\s*HTTP\/\S+\s+(\d{3})/.exec(line.text)
  return match ? Number(match[1]) : null
}

/** A response with a status of its own may name several hrefs (RFC 4918 §14.24). */
const toResponses = (element: DavElement): DavResponse[] => {
  const properties = new Map<string, DavElement>()
  for (const propstat of childrenNamed(element, names.propstat)) {
    const status = statusOf(propstat) ?? 200
    if (status < 200 || status > 299) continue
    for (const prop of childrenNamed(propstat, names.prop)) {
      for (const property of prop.children) properties.set(property.name, property)
    }
  }
  const status = statusOf(element)
  return childrenNamed(element, names.href).map(({ text }) => ({ href: text.trim(), status, properties }))
}

/** The hrefs inside a property such as a home set or an owner. */
export const hrefsOf = (element: DavElement | undefined): readonly string[] =>
  element
    ? childrenNamed(element, names.href)
        .map(({ text }) => text.trim())
        .filter((href) => href !== '')
    : []
