import { cleanText, readText } from '../../../formats/ics/content-lines.ts'
import type { CalendarComponent } from '../../../formats/ics/read-components.ts'
import type { MapiAttachment } from '../../../formats/mapi/message.ts'
import { linesOf } from './calendar-values.ts'
import { bytesAttachment, linkAttachment } from './file-attachment.ts'
import type { Losses } from './losses.ts'

const maxAttachments = 200

/** The address and type of a `data:` URI (RFC 2397), or null. */
export const readDataUri = (uri: string): { readonly mimeType: string; readonly bytes: Uint8Array } | null => {
  const comma = uri.indexOf(',')
  if (!/^data:/i.test(uri) || comma < 0) return null
  const [mimeType = '', ...options] = uri.slice(5, comma).split(';')
  const text = uri.slice(comma + 1)
  if (options.at(-1)?.trim().toLowerCase() === 'base64') return { mimeType, bytes: Buffer.from(text, 'base64') }
  try {
    return { mimeType, bytes: Buffer.from(decodeURIComponent(text), 'utf8') }
  } catch {
    return null
  }
}

/** ATTACH (RFC 5545 §3.8.1.1) as files, addresses as small link files; URL and CONFERENCE as link files too. */
export const calendarAttachments = (component: CalendarComponent, losses: Losses): MapiAttachment[] => {
  const found: MapiAttachment[] = []
  for (const { parameters, value } of linesOf(component, 'ATTACH')) {
    const isInline = parameters.VALUE?.toUpperCase() === 'BINARY' || parameters.ENCODING?.toUpperCase() === 'BASE64'
    const mimeType = cleanText(parameters.FMTTYPE ?? '') || 'application/octet-stream'
    const stated =
      parameters.FILENAME ?? parameters['X-FILENAME'] ?? parameters['X-APPLE-FILENAME'] ?? parameters['X-LABEL']
    const name = cleanText(stated ?? '') || `attachment-${found.length + 1}`
    const data = isInline ? { mimeType, bytes: Buffer.from(value, 'base64') } : readDataUri(value)
    if (data !== null) found.push(bytesAttachment(name, data.mimeType || mimeType, data.bytes))
    else if (/^cid:/i.test(value)) losses.add('attachment_elsewhere')
    else {
      found.push(linkAttachment(name, cleanText(value)))
      losses.add('attachment_is_link')
    }
  }
  for (const name of ['URL', 'CONFERENCE']) {
    for (const { value, parameters } of linesOf(component, name))
      found.push(linkAttachment(cleanText(parameters.LABEL ?? '') || name.toLowerCase(), readText(value)))
  }
  if (found.length > maxAttachments) losses.add('attachments_cut_off', `${found.length - maxAttachments}`)
  return found.slice(0, maxAttachments)
}
