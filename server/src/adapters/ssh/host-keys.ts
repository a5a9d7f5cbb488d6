import { createHash } from 'node:crypto'
import type { HostKey } from '../../ports/delivery.ts'

/** A fingerprint as somebody typed or saved it, brought into one form to compare. */
type Fingerprint = { readonly hash: 'sha256' | 'md5'; readonly value: string }

/** The fingerprints of a public key in SSH wire form (RFC 4253 §6.6); md5 is there because the older half of the world still saves it (RFC 4716 §4). */
export const hostKeyOf = (blob: Uint8Array): HostKey => {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.length)
  const nameBytes = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0
  const digest = createHash('md5').update(bytes).digest('hex')
  return {
    algorithm: bytes.toString('latin1', 4, 4 + Math.min(nameBytes, 64)),
    sha256: `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`,
    md5: digest.match(/../g)!.join(':'),
  }
}

/**
 * Reads `SHA256:…` (padding allowed), hex pairs with or without `MD5:` and colons, and lines of `ssh-keygen -l`, whose
 * second word is the fingerprint. Null for anything else.
 */
const parse = (text: string): Fingerprint | null => {
  for (const word of text.trim().split(/\s+/)) {
    const sha256 = /^sha256:([A-Za-z0-9+/]{43})=?$/i.exec(word)
    if (sha256) return { hash: 'sha256', value: `SHA256:${sha256[1]}` }
    const md5 = /^(?:md5:)?([0-9a-f]{2}(?::[0-9a-f]{2}){15}|[0-9a-f]{32})$/i.exec(word)
    if (md5) return { hash: 'md5', value: md5[1]!.replaceAll(':', '').match(/../g)!.join(':').toLowerCase() }
  }
  return null
}

/** The one spelling of a fingerprint: `SHA256:…` as OpenSSH prints it, or sixteen lower-case hex pairs. Null when it is none. */
export const normalFingerprint = (text: string): string | null => parse(text)?.value ?? null

/** Whether the key is the one this fingerprint speaks of. Something that is no fingerprint matches nothing. */
export const matchesFingerprint = (key: HostKey, text: string): boolean => {
  const fingerprint = parse(text)
  return fingerprint !== null && key[fingerprint.hash] === fingerprint.value
}

/** For a person, who may have saved either form: `ssh-ed25519 SHA256:… (MD5 …)`. */
export const wordedHostKey = ({ algorithm, sha256, md5 }: HostKey): string => `${algorithm} ${sha256} (MD5 ${md5})`
