import { HostFingerprint, SshHost, SshTarget as Target } from '@stillbox/shared/vocabulary/ssh-server.ts'
import { z } from 'zod'
import { wireText, withoutNulls } from './wire-text.ts'

/** A text field of `ssh` by the rules that hold everywhere; what is wrong with it is told by its name here. */
const field = (name: string, schema: z.ZodType<string, string>) =>
  wireText(name).transform((text, context) => {
    const { success, data, error } = schema.safeParse(text)
    if (success) return data
    for (const { message } of error.issues) context.addIssue({ code: 'custom', message: `${name} ${message}` })
    return z.NEVER
  })

const { username, path } = Target.shape
const wrongPort = { error: 'ssh.port is a whole number from 1 to 65535' }

/** The fields of `ssh`. */
export const SshFields = z.object(
  {
    host: field('ssh.host', SshHost).describe('host name or IP address'),
    port: z.int(wrongPort).min(1, wrongPort).max(65_535, wrongPort).default(22),
    username: field('ssh.username', username),
    path: field('ssh.path', path).describe('the folder to upload into'),
    fingerprint: field('ssh.fingerprint', HostFingerprint).describe(
      'of the host key: MD5 in hexadecimal pairs with colons, or SHA256:<base64>',
    ),
  },
  {
    error: ({ input }) =>
      input === undefined
        ? 'ssh is missing: sftp and scp need host, username, path and fingerprint'
        : 'ssh is an object with host, port, username, path and fingerprint',
  },
)

/** Where an archive is uploaded to, as one call names it. */
export const SshTarget = z.preprocess(withoutNulls, SshFields)
