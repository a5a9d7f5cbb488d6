import { z } from 'zod'

/** RFC 1123 §2.1 labels; a last label of digits alone would be a mistyped address. */
const hostName =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const md5Pairs = /^(?:md5:)?((?:[0-9a-f]{2}:){15}[0-9a-f]{2})$/i
/** 32 bytes in base64: the last of 43 characters carries four bits, so its two lowest are zero. */
const sha256 = /^SHA256:([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048])=?$/

const isAddress = (text: string): boolean => z.ipv4().safeParse(text).success || z.ipv6().safeParse(text).success

/** A host name or an IP address, in lower case. */
export const SshHost = z
  .string()
  .trim()
  .toLowerCase()
  .refine((host) => isAddress(host) || hostName.test(host), { error: 'is neither a host name nor an IP address' })
  .describe('host name or IP address')

const wrongPort = { error: 'is a whole number from 1 to 65535' }
export const SshPort = z.int(wrongPort).min(1, wrongPort).max(65_535, wrongPort)

const line = (most: number) =>
  z
    .string()
    .max(most, { error: `has at most ${most} characters` })
    .refine((text) => !/\p{Cc}/u.test(text), { error: 'has no control characters' })
    .refine((text) => text.isWellFormed(), { error: 'is cut off within a character' })

export const SshUserName = line(255).min(1, { error: 'is empty' })

/** A folder on the server: absolute, or relative to where the sign-in lands; empty is that place itself. */
export const RemoteFolder = line(1_024)

/**
 * The fingerprint of a host key. It comes out as lower-case MD5 pairs, or as `SHA256:` with base64 without padding, the way OpenSSH
 * prints it.
 */
export const HostFingerprint = z.string().transform((given, context) => {
  const text = given.trim()
  const pairs = md5Pairs.exec(text)?.[1]
  if (pairs !== undefined) return pairs.toLowerCase()
  const hash = sha256.exec(text)?.[1]
  if (hash !== undefined) return `SHA256:${hash}`
  context.addIssue({
    code: 'custom',
    message: 'is 16 hexadecimal pairs with colons between them (MD5), or SHA256: and 43 characters of base64',
  })
  return z.NEVER
})

/** Where one snapshot is uploaded to, named in the call itself; signed in to with the service’s own key. */
export const SshTarget = z.object({
  host: SshHost,
  port: SshPort.default(22),
  username: SshUserName,
  path: RemoteFolder.min(1, { error: 'is empty' }).describe('the folder to upload into; it must exist'),
  fingerprint: HostFingerprint.describe('of the host key: MD5 in hexadecimal pairs with colons, or SHA256:<base64>'),
})
export type SshTarget = z.output<typeof SshTarget>
