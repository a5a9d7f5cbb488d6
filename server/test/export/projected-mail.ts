import { projectMail } from '../../src/domain/export/mapi/project-mail.ts'
import { rawItemOf } from '../../src/domain/export/raw-item.ts'
import type { MapiAttachment, MapiMessage } from '../../src/formats/mapi/message.ts'
import { PidTagAttachLongFilename } from '../../src/formats/mapi/properties-attachment.ts'
import { PidTagDisplayName } from '../../src/formats/mapi/properties-recipient.ts'
import type { Property, PropertyType, PropertyValues } from '../../src/formats/mapi/property.ts'

export const receivedAtMs = Date.UTC(2026, 2, 4, 5, 6, 7)
const never = new AbortController().signal

export const contentOf = async ({ content }: MapiAttachment): Promise<Buffer> => {
  if (content.kind === 'message') throw new Error('a message has no bytes')
  const chunks: Buffer[] = []
  for await (const chunk of content.open(never)) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

export const innerOf = ({ content }: MapiAttachment): MapiMessage => {
  if (content.kind === 'bytes') throw new Error('a file is no message')
  return content.message
}

/** Projects a message given as latin1 text or bytes. */
export const project = async (raw: string | Buffer, flags: readonly string[] = []) => {
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw
  const { message, degraded } = await projectMail(rawItemOf(bytes), { flags, receivedAtMs }, never)
  return {
    message,
    codes: degraded.map(({ code }) => code),
    get: <T extends PropertyType>(property: Property<T>): PropertyValues[T] | undefined =>
      message.properties.get(property),
    names: message.attachments.map(
      ({ properties }) => properties.get(PidTagAttachLongFilename) ?? properties.get(PidTagDisplayName),
    ),
    file: (name: string): MapiAttachment => {
      const found = message.attachments.find(({ properties }) => properties.get(PidTagDisplayName) === name)
      if (found === undefined) throw new Error(`no attachment of this name: ${name}`)
      return found
    },
  }
}

/** Lines as they stand in mail. */
export const mail = (...lines: string[]): string => lines.join('\r\n')

/** A multipart whose boundary is `b`; its parts are given with their delimiters. */
export const multi = (subtype: string, ...lines: string[]): string =>
  mail(`Content-Type: multipart/${subtype}; boundary=b`, '', ...lines, '--b--', '')
