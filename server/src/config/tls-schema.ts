import { resolve } from 'node:path'
import { z } from 'zod'
import { settings } from './settings-group.ts'

const text = (example: string) => {
  const error = `is missing or not text: write for example ${example}`
  return z.string({ error }).trim().min(1, { error })
}

const port = z
  .int({ error: 'is not a whole number from 0 to 65535' })
  .min(0, { error: 'is not a whole number from 0 to 65535' })
  .max(65_535, { error: 'is not a whole number from 0 to 65535' })

/** Certificate and key of the service itself; relative file names count from `folder`. */
export const tlsConfigIn = (folder: string) => {
  const file = (example: string) => text(example).transform((path) => resolve(folder, path))
  return settings({
    certFile: file('server.crt').describe(
      'the service’s certificate and those between it and its authority, PEM; with it the service speaks https itself',
    ),
    keyFile: file('server.key').describe('the private key of that certificate, PEM'),
    keyPassphraseFile: file('server.key.pass').optional().describe('a file whose first line opens the key'),
    minVersion: z
      .enum(['TLSv1.2', 'TLSv1.3'], { error: 'is unknown: write TLSv1.2 or TLSv1.3' })
      .default('TLSv1.2')
      .describe('the oldest protocol that is spoken'),
  })
}
export type TlsConfig = z.output<ReturnType<typeof tlsConfigIn>>

const certificateMappings = ['fingerprint', 'subject', 'email'] as const

const MappedAccount = settings({
  certificate: text('its SHA-256 fingerprint, subject or e-mail address'),
  userName: text('admin').pipe(z.string().max(320, { error: 'has more than 320 characters' })),
})

/** Who may reach the service by a certificate in the browser; relative file names count from `folder`. */
export const clientCertificatesConfigIn = (folder: string) => {
  const file = (example: string) => text(example).transform((path) => resolve(folder, path))
  return settings({
    caFile: file('ca.crt').describe(
      'the authorities that issue the certificates of people, PEM; those between them and the root too',
    ),
    crlFile: file('ca.crl').optional().describe('their lists of revoked certificates, PEM or DER'),
    required: z
      .boolean({ error: 'is neither true nor false' })
      .default(true)
      .describe('whether nothing is reachable without one; otherwise it is one way to sign in beside the password'),
    mapping: z
      .enum(certificateMappings, { error: 'is unknown: write fingerprint, subject or email' })
      .default('fingerprint')
      .describe('what of a certificate names the account: its SHA-256 fingerprint, its subject or its e-mail address'),
    accounts: z
      .array(MappedAccount, { error: 'is not a list: write - certificate: … and userName: … for each' })
      .default([])
      .describe('certificate and userName, one for each; by e-mail an account named like the address needs no entry'),
    contact: z
      .string({ error: 'is not text: write for example Ask the help desk, extension 100' })
      .trim()
      .max(2_000, { error: 'has more than 2000 characters' })
      .default('')
      .describe('whom to ask for a certificate, shown to those who come without one'),
    helpPort: port.optional().describe('a second https port that asks for no certificate and shows how to get one'),
    helpHost: text('0.0.0.0').optional().describe('the address to listen on with helpPort; STILLBOX_HOST if left out'),
  }).superRefine(({ mapping, accounts }, context) => {
    const taken = new Map<string, string>()
    for (const [index, { certificate, userName }] of accounts.entries()) {
      const refuse = (message: string) =>
        context.addIssue({ code: 'custom', path: ['accounts', index, 'certificate'], message })
      const key = certificate.toLowerCase().replace(mapping === 'fingerprint' ? /[:\s]/g : /\s/g, '')
      if (mapping === 'fingerprint' && !/^[0-9a-f]{64}$/.test(key))
        refuse('is not a SHA-256 fingerprint: write its 64 hexadecimal digits, with or without colons')
      if (mapping === 'email' && !key.includes('@')) refuse('is not an e-mail address')
      const other = taken.get(key)
      if (other !== undefined && other !== userName.toLowerCase()) refuse('is there twice, with two user names')
      taken.set(key, userName.toLowerCase())
    }
  })
}
export type ClientCertificatesConfig = z.output<ReturnType<typeof clientCertificatesConfigIn>>
