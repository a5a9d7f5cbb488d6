import { cleanText } from '../../../formats/eml/clean-text.ts'

const maxNameLength = 200
const maxExtensionLength = 20

/** Names of parts that have none, by media type. */
const usualNames: Readonly<Record<string, string>> = {
  'text/calendar': 'invite.ics',
  'text/plain': 'text.txt',
  'text/html': 'text.html',
  'text/vcard': 'contact.vcf',
  'text/x-vcard': 'contact.vcf',
  'text/x-amp-html': 'amp.html',
  'text/csv': 'text.csv',
  'text/rfc822-headers': 'headers.txt',
  'text/rtf': 'text.rtf',
  'message/rfc822': 'message.eml',
  'message/global': 'message.eml',
  'message/partial': 'message.eml',
  'message/delivery-status': 'delivery-status.txt',
  'message/disposition-notification': 'disposition.txt',
  'message/external-body': 'external-body.txt',
  'message/feedback-report': 'feedback-report.txt',
  'application/pgp-encrypted': 'version.asc',
  'application/pgp-signature': 'signature.asc',
  'application/pgp-keys': 'keys.asc',
  'application/pkcs7-signature': 'smime.p7s',
  'application/x-pkcs7-signature': 'smime.p7s',
  'application/pkcs7-mime': 'smime.p7m',
  'application/x-pkcs7-mime': 'smime.p7m',
  'application/ms-tnef': 'winmail.dat',
  'application/pdf': 'document.pdf',
  'application/zip': 'archive.zip',
  'application/json': 'data.json',
  'application/ics': 'invite.ics',
  'image/jpeg': 'image.jpg',
  'image/svg+xml': 'image.svg',
}

/** Characters that no file system takes, or that turn the reading direction of what follows. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
const unsafe = /[\x00-\x1f\x7f-\x9f"*/:<>?\\|\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

const nameOfType = (mediaType: string): string => {
  const usual = usualNames[mediaType]
  if (usual !== undefined) return usual
  const [main, sub = ''] = mediaType.split('/')
  if (main === 'multipart') return 'multipart.eml'
  if (main === 'message') return 'message.txt'
  if (main === 'text') return 'text.txt'
  const known = ['image', 'audio', 'video'].includes(main!) && /^[a-z0-9]{2,5}$/.test(sub)
  return known ? `${main}.${sub}` : 'attachment.bin'
}

/** A name that can be shown and saved under: what the part says, made harmless, or what its type suggests. */
export const attachmentFileName = (given: string, mediaType: string): string => {
  const name = cleanText(given.replace(unsafe, '_')).replace(/^[. ]+$/, '')
  if (name === '') return nameOfType(mediaType)
  if (name.length <= maxNameLength) return name
  const extension = extensionOf(name)
  return `${name
    .slice(0, maxNameLength - extension.length)
    .toWellFormed()
    .replace(/\ufffd$/, '')}${extension}`
}

/** With its dot; empty when there is none. */
export const extensionOf = (name: string): string => {
  const dot = name.lastIndexOf('.')
  return dot <= 0 || name.length - dot > maxExtensionLength || dot === name.length - 1 ? '' : name.slice(dot)
}

/** Eight characters, a dot and three, for programs that know no longer names. */
export const shortFileName = (name: string): string => {
  if (/^[\w-]{1,8}(?:\.[\w-]{1,3})?$/.test(name)) return name
  const letters = (text: string) => text.replace(/[^A-Za-z0-9_-]/g, '').toUpperCase()
  const extension = extensionOf(name)
  const base = letters(extension === '' ? name : name.slice(0, -extension.length)).slice(0, 6) || 'FILE'
  const short = letters(extension).slice(0, 3)
  return `${base}~1${short === '' ? '' : `.${short}`}`
}
