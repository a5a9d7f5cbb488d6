import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Role } from '@stillbox/shared/vocabulary/access.ts'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import {
  EnvironmentSettings,
  environmentNames,
  fileSettingsIn,
  isLoopbackHost,
  type LimitsConfig,
  type RetentionConfig,
} from './config-schema.ts'
import type { OrganizationConfig } from './organization-schema.ts'
import type { Secret } from './secret.ts'
import type { ClientCertificatesConfig, TlsConfig } from './tls-schema.ts'

/** Everything the service was told, checked, with defaults filled in; frozen. */
export type Config = {
  readonly host: string
  readonly port: number
  /** Absolute. */
  readonly dataFolder: string
  /** Absolute; null when there is none. */
  readonly configFile: string | null
  readonly adminPassword: Secret | null
  /** Null: the embedded database. */
  readonly databaseUrl: Secret | null
  readonly organizations: readonly OrganizationConfig[]
  /** Whether the sample organization is offered. */
  readonly sample: boolean
  /** An origin without a slash at its end; null when people use the address it listens on. */
  readonly publicUrl: string | null
  readonly trustedProxies: readonly string[]
  /** Null: the service speaks plain http. File names are absolute. */
  readonly tls: Readonly<TlsConfig> | null
  /** Null: nobody is asked for a certificate. */
  readonly clientCertificates: Readonly<ClientCertificatesConfig> | null
  /** Whether programs may sign in by Basic and by access tokens. */
  readonly scriptAccess: boolean
  readonly requireSecondFactor: readonly Role[]
  /** Addresses and networks of this machine or its local link that may be delivered to all the same. */
  readonly allowedAddresses: readonly string[]
  /** Days until archives expire, by action, null for never; and how many days ahead they are marked. */
  readonly retention: Readonly<RetentionConfig>
  readonly passwordMinLength: number
  readonly limits: Readonly<LimitsConfig>
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
}

/** All that is wrong with the settings, in one message that says what to change. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`Stillbox cannot start with these settings:\n${problems.map((problem) => `- ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

const defaultFile = 'stillbox.config.yaml'

/** `organizations[0].mail.host`, as somebody would say where it stands. */
const placeOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (place, part) =>
      typeof part === 'number' ? `${place}[${part}]` : place ? `${place}.${String(part)}` : String(part),
    '',
  )

const problemsOf = (error: z.ZodError, origin: string): readonly string[] =>
  error.issues.map((issue) => {
    const place = placeOf(issue.path)
    return place === '' ? `${origin} ${issue.message}.` : `${place} ${issue.message} (in ${origin}).`
  })

type Outcome<T> = { readonly value: T | null; readonly problems: readonly string[] }

const readEnvironment = (env: NodeJS.ProcessEnv): Outcome<z.output<typeof EnvironmentSettings>> => {
  const given = Object.entries(env).filter(([, value]) => value !== undefined && value !== '')
  const unknown = given
    .map(([name]) => name)
    .filter((name) => name.startsWith('STILLBOX_') && !environmentNames.includes(name))
    .map((name) => `There is no setting ${name}. The settings are ${environmentNames.join(', ')}.`)
  const parsed = EnvironmentSettings.safeParse(
    Object.fromEntries(given.filter(([name]) => environmentNames.includes(name))),
  )
  return parsed.success
    ? { value: parsed.data, problems: unknown }
    : { value: null, problems: [...unknown, ...problemsOf(parsed.error, 'the environment')] }
}

type FileSettings = z.output<ReturnType<typeof fileSettingsIn>>

/** Parser messages quote the lines around the mistake, and there may be a password in them: only the first line is kept. */
const firstLine = (message: string): string => message.split('\n')[0]!.replace(/:$/, '')

const readFile = (file: string | null, folder: string): Outcome<FileSettings> => {
  let given: unknown = {}
  if (file !== null) {
    let text: string
    try {
      text = readFileSync(file, 'utf8')
    } catch (cause) {
      const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable'
      return { value: null, problems: [`The configuration file ${file} cannot be read (${reason}).`] }
    }
    const document = parseDocument(text)
    if (document.errors.length > 0)
      return {
        value: null,
        problems: document.errors.map((error) => `${file} is not YAML: ${firstLine(error.message)}.`),
      }
    given = document.toJS({ maxAliasCount: 100 }) ?? {}
  }
  const parsed = fileSettingsIn(folder).safeParse(given)
  return parsed.success
    ? { value: parsed.data, problems: [] }
    : { value: null, problems: problemsOf(parsed.error, file ?? 'the settings') }
}

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}

/**
 * Reads the environment and the configuration file; nothing else in the service does. `folder` is where relative names of
 * the environment count from.
 * @throws ConfigError with every problem there is
 */
export const readConfig = (env: NodeJS.ProcessEnv, folder: string): Config => {
  const environment = readEnvironment(env)
  const named = env.STILLBOX_CONFIG || undefined
  const file = resolve(folder, named ?? defaultFile)
  const configFile = named !== undefined || existsSync(file) ? file : null
  const settings = readFile(configFile, configFile === null ? folder : dirname(configFile))
  const problems = [...environment.problems, ...settings.problems]
  if (environment.value && settings.value) {
    const { STILLBOX_HOST: host } = environment.value
    // Without TLS of its own the service must not be reached from other machines but through a proxy that has it.
    if (!isLoopbackHost(host) && !settings.value.tls && !settings.value.publicUrl?.startsWith('https:'))
      problems.push(
        `STILLBOX_HOST ${host} is reached from other machines, where passwords would cross the network readable: set tls in the configuration file, or publicUrl to the https address of the proxy before it, or listen on 127.0.0.1.`,
      )
    if (settings.value.clientCertificates && !settings.value.tls)
      problems.push(
        'clientCertificates needs tls: a certificate is shown to whoever speaks https, which must be the service itself.',
      )
  }
  if (problems.length > 0 || !environment.value || !settings.value) throw new ConfigError(problems)
  const variables = environment.value
  const { sample, tls, clientCertificates, scriptAccess, trustedProxies, ...rest } = settings.value
  return frozen({
    host: variables.STILLBOX_HOST,
    port: variables.STILLBOX_PORT,
    dataFolder: resolve(folder, variables.STILLBOX_DATA_DIR),
    configFile,
    adminPassword: variables.STILLBOX_ADMIN_PASSWORD ?? null,
    databaseUrl: variables.DATABASE_URL ?? null,
    ...rest,
    // Who ends TLS himself has no proxy before him that writes headers; what comes from loopback then is a tunnel with anybody behind it.
    trustedProxies: trustedProxies ?? (tls ? [] : ['loopback']),
    tls: tls ?? null,
    clientCertificates: clientCertificates ?? null,
    scriptAccess: scriptAccess ?? (isLoopbackHost(variables.STILLBOX_HOST) && rest.publicUrl === null),
    sample: sample ?? rest.organizations.length === 0,
  })
}
