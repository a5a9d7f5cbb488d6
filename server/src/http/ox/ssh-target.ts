import { isIP } from 'node:net'
import { z } from 'zod'
import { wireText, withoutNulls } from './wire-text.ts'

/** RFC 1123 §2.1 labels; a last label of digits alone would be a mistyped address. */
const hostName =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const md5Pairs = /^(?:md5:)?((?:[0-9a-f]{2}:){15}[0-9a-f]{2})$/i
/** 32 bytes in base64: the last of 43 characters carries four bits, so its two lowest are zero. */
const sha256 = /^SHA256:([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048])=?$/

const limited = (name: string, most: number) =>
  wireText(name)
    .min(1, { error: `${name} is empty` })
    .max(most, { error: `${name} has at most ${most} characters` })
    .refine((text) => !/\p{Cc}/u.test(text), { error: `${name} has no control characters` })

const HostFingerprint = wireText('ssh.fingerprint').transform((text, context) => {
  const pairs = md5Pairs.exec(text)?.[1]
  if (pairs !== undefined) return pairs.toLowerCase()
  const hash = sha256.exec(text)?.[1]
  if (hash !== undefined) return `SHA256:${hash}`
  context.addIssue({
    code: 'custom',
    message:
      'ssh.fingerprint is 16 hexadecimal pairs with colons between them (MD5), or SHA256: and 43 characters of base64',
  })
  return z.NEVER
})

const port = { error: 'ssh.port is a whole number from 1 to 65535' }

/** The fields of `ssh`. */
export const SshFields = z.object(
  {
    host: wireText('ssh.host')
      .toLowerCase()
      .refine((host) => isIP(host) !== 0 || hostName.test(host), {
        error: 'ssh.host is neither a host name nor an IP address',
      })
      .describe('host name or IP address'),
    port: z.int(port).min(1, port).max(65_535, port).default(22),
    username: limited('ssh.username', 255),
    path: limited('ssh.path', 1_024).describe('the folder to upload into'),
    fingerprint: HostFingerprint.describe('of the host key: MD5 in hexadecimal pairs with colons, or SHA256:<base64>'),
  },
  {
    error: ({ input }) =>
      input === undefined
        ? 'ssh is missing: sftp and scp need host, username, path and fingerprint'
        : 'ssh is an object with host, port, username, path and fingerprint',
  },
)

/**
 * Where an archive is uploaded to, as one call names it. `fingerprint` comes out as lower-case MD5 pairs or as `SHA256:` with
 * base64 without padding, the way OpenSSH prints it.
 */
export const SshTarget = z.preprocess(withoutNulls, SshFields)
export type SshTarget = z.output<typeof SshTarget>
