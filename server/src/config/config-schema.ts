import { availableParallelism } from 'node:os'
import { roles } from '@stillbox/shared/vocabulary/access.ts'
import { z } from 'zod'
import { organizationConfigsIn } from './organization-schema.ts'
import { secret } from './secret.ts'
import { settings } from './settings-group.ts'
import { clientCertificatesConfigIn, tlsConfigIn } from './tls-schema.ts'

export const isLoopbackHost = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)

/** A whole number as an environment variable writes it. */
const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,9}$/, { error: `is not a whole number from ${min} to ${max}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `is not a whole number from ${min} to ${max}` })

/** The environment. A variable that is set to nothing counts as not set. */
export const EnvironmentSettings = z.object({
  STILLBOX_HOST: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9._:%-]+$/, { error: 'is not a host name or an address: write for example 127.0.0.1' })
    .default('127.0.0.1')
    .describe(
      'the address to listen on; beyond this machine only with tls, or behind a proxy that is named by publicUrl',
    ),
  STILLBOX_PORT: wholeNumber(0, 65_535).prefault('8462').describe('the port to listen on; 0 takes any that is free'),
  STILLBOX_DATA_DIR: z
    .string()
    .default('./data')
    .describe('the folder of the embedded database, the archives and the keys'),
  STILLBOX_CONFIG: z
    .string()
    .optional()
    .describe('the configuration file; ./stillbox.config.yaml where there is one. A file named here has to exist'),
  STILLBOX_ADMIN_PASSWORD: z
    .string()
    .min(8, { error: 'is shorter than 8 characters' })
    .max(1_024, { error: 'is longer than 1024 characters' })
    .transform(secret)
    .optional()
    .describe('the password of the account admin; else one is generated at the first start and printed once'),
  DATABASE_URL: z
    .string()
    .trim()
    .refine((url) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url), {
      error: 'is not the address of a PostgreSQL database: write postgres://user:password@host:5432/name',
    })
    .transform(secret)
    .optional()
    .describe('a PostgreSQL server in place of the embedded database'),
})
export const environmentNames = Object.keys(EnvironmentSettings.shape)

const count = (min: number, max: number) =>
  z
    .int({ error: `is not a whole number from ${min} to ${max}` })
    .min(min, { error: `is at least ${min}` })
    .max(max, {
      error: `is at most ${max}`,
    })

const Limits = settings({
  capturesAtOnce: count(1, 64)
    .default(2)
    .describe('captures this process runs at a time, over all organizations; more wait in the queue'),
  deliveriesAtOnce: count(1, 64)
    .default(2)
    .describe('uploads this process runs at a time; of those to one host 4 over all processes'),
  captureThreads: count(1, 64)
    .default(() => Math.min(8, availableParallelism()))
    .describe('connections to the source, and threads, of one capture; one for each core, at most 8'),
  // Not more: pg-boss takes a job for dead after a day.
  captureMaxHours: count(1, 22).default(12).describe('a capture that takes longer is ended and counts as failed'),
  captureMemoryMb: count(128, 65_536)
    .default(512)
    .describe('resident memory one capture may take before it is ended and tried again'),
  exportsKeptHours: count(1, 720).default(24).describe('how long the files of an export can be downloaded'),
})

const days = (text: string) => count(1, 36_500).nullable().default(null).describe(text)
const Retention = settings({
  download: days('days until an archive for download expires; without, it is kept until somebody deletes it'),
  sftp: days('the same for the archive that stays here after it was delivered by SFTP, or its delivery failed'),
  scp: days('the same for SCP'),
  warnDays: count(0, 365).default(7).describe('how many days ahead archives that are going to expire are marked'),
})

const PublicUrl = z
  .string({ error: 'is not an address: write for example https://stillbox.example.org' })
  .trim()
  .superRefine((value, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message })
    if (!URL.canParse(value)) return refuse('is not an address: write for example https://stillbox.example.org')
    const url = new URL(value)
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname)))
      return refuse('does not start with https://; passwords would cross the network readable')
    if (url.username || url.password || url.search || url.hash || url.pathname !== '/')
      return refuse('has more than a host in it: write for example https://stillbox.example.org')
  })
  .transform((value) => (URL.canParse(value) ? new URL(value).origin : value))

/** The configuration file; relative file names in it count from `folder`, where it lies. */
export const fileSettingsIn = (folder: string) =>
  settings({
    organizations: organizationConfigsIn(folder)
      .default([])
      .describe('whose users can be captured, and where their data lies'),
    sample: z
      .boolean({ error: 'is neither true nor false' })
      .optional()
      .describe('an organization with made-up users to try things out; on while no organization is configured'),
    publicUrl: PublicUrl.nullable()
      .default(null)
      .describe(
        'where people reach the service: needed when a proxy that speaks https stands before it, and for passkeys under another name than localhost',
      ),
    trustedProxies: z
      .array(
        z.string().regex(/^(loopback|linklocal|uniquelocal|[0-9a-f.:]+(\/\d{1,3})?)$/i, {
          error: 'is not an address, a network such as 10.0.0.0/8, or loopback, linklocal, uniquelocal',
        }),
        { error: 'is not a list of addresses' },
      )
      .optional()
      .describe(
        'proxies whose X-Forwarded-For is believed, only used with publicUrl; loopback if left out, and none where tls is set',
      ),
    tls: tlsConfigIn(folder).optional(),
    clientCertificates: clientCertificatesConfigIn(folder).optional(),
    scriptAccess: z
      .boolean({ error: 'is neither true nor false' })
      .optional()
      .describe(
        'whether programs may sign in by HTTP Basic and with access tokens; off as soon as the service is reached from other machines, unless it is set here',
      ),
    requireSecondFactor: z
      .array(z.enum(roles, { error: `is not a role: write ${roles.join(', ')}` }), { error: 'is not a list of roles' })
      .default([])
      .describe('roles whose accounts need a second factor; until one is set up they can do nothing else'),
    retention: Retention.prefault({}),
    allowedAddresses: z
      .array(
        z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
          error: 'is not an IP address or a network: write for example 127.0.0.1 or 192.168.1.0/24',
        }),
        { error: 'is not a list of addresses' },
      )
      .default([])
      .describe(
        'addresses of this machine or its local link that archives may be delivered to all the same; others of that kind are refused',
      ),
    passwordMinLength: count(8, 128).default(12).describe('characters a new password has at least'),
    limits: Limits.prefault({}),
    logLevel: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        error: 'is unknown: write fatal, error, warn, info, debug, trace or silent',
      })
      .default('info')
      .describe('how much is logged'),
  })

export type LimitsConfig = z.output<typeof Limits>
export type RetentionConfig = z.output<typeof Retention>
