import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { OrganizationId } from '@stillbox/shared/vocabulary/ids.ts'
import { z } from 'zod'
import { type PlaceholderName, placeholderNames, placeholdersIn, templateProblem } from './placeholders.ts'
import { secret } from './secret.ts'

/** An object that names a misspelt setting and the ones it could have been. */
const settings = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) => {
      const known = Object.keys(shape).join(', ')
      if (issue.code === 'unrecognized_keys')
        return `has no setting ${issue.keys.join(', ')}: the settings are ${known}`
      return issue.code === 'invalid_type'
        ? `is missing or not a group of settings: write ${known} below it`
        : undefined
    },
  })

const text = (example: string) => {
  const error = `is missing or not text: write for example ${example}`
  return z.string({ error }).trim().min(1, { error })
}

const seconds = (fallback: number) =>
  z
    .number({ error: `is not a number of seconds: write for example ${fallback}` })
    .min(1, { error: 'is at least 1 second' })
    .max(3600, { error: 'is at most 3600 seconds' })
    .default(fallback)

const template = (example: string, allowed: readonly PlaceholderName[] = placeholderNames) =>
  text(example).superRefine((value, context) => {
    const problem = templateProblem(value, allowed)
    if (problem) context.addIssue({ code: 'custom', message: problem })
  })

const loopback = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** What is wrong with a URL template, where a user's name must not be able to choose the server. */
const urlProblem = (value: string): string | null => {
  const filledWith = (word: string) => value.replace(/\{[^{}]*\}/g, word)
  if (!URL.canParse(filledWith('a'))) return 'is not a URL: write for example https://dav.example.org/{login}/'
  const url = new URL(filledWith('a'))
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'starts with neither https:// nor http://'
  if (url.username || url.password) return 'has a user name or password in it: write these below signIn'
  if (!URL.canParse(filledWith('b')) || url.host !== new URL(filledWith('b')).host)
    return 'has a placeholder in its host name: placeholders are allowed after the host only'
  return null
}

const url = (example: string, allowed?: readonly PlaceholderName[]) =>
  template(example, allowed).superRefine((value, context) => {
    const problem = urlProblem(value)
    if (problem) context.addIssue({ code: 'custom', message: problem })
  })

/** Without TLS passwords cross the network readable, so a plain URL has to be meant. */
const refusePlainUrl = (
  source: { readonly url: string; readonly tls?: 'none' | undefined },
  context: z.RefinementCtx,
): void => {
  const plain = source.url.replace(/\{[^{}]*\}/g, 'a')
  if (!URL.canParse(plain)) return
  const { protocol, hostname } = new URL(plain)
  if (protocol === 'http:' && source.tls !== 'none' && !loopback.has(hostname))
    context.addIssue({
      code: 'custom',
      path: ['url'],
      message: 'is not encrypted: write https://, or tls: none beside it if that is meant',
    })
}

/** The configuration of organizations; relative file names count from `folder`, where the configuration file lies. */
export const organizationConfigIn = (folder: string) => {
  const fileText = (example: string) =>
    text(example).transform((name, context) => {
      try {
        return readFileSync(resolve(folder, name), 'utf8')
      } catch (cause) {
        const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable'
        context.addIssue({ code: 'custom', message: `cannot be read (${reason}): ${resolve(folder, name)}` })
        return z.NEVER
      }
    })
  const caFile = fileText('ca.pem')
    .refine((pem) => pem.includes('-----BEGIN CERTIFICATE-----'), {
      error: 'holds no certificate: give a PEM file with -----BEGIN CERTIFICATE----- in it',
    })
    .optional()

  /** `name` inline or `nameFile`, exactly one of them; comes out as `name`. */
  const inlineSecret = z.string({ error: 'is not text: put the value in quotes' }).min(1, { error: 'is empty' })
  const secretFile = fileText('master.password').transform((content) => content.replace(/\r?\n$/, ''))
  const onlyOne = (
    inline: string | undefined,
    fromFile: string | undefined,
    name: string,
    context: z.RefinementCtx,
  ) => {
    const value = inline ?? fromFile
    if (value !== undefined && value !== '' && (inline === undefined || fromFile === undefined)) return secret(value)
    context.addIssue({ code: 'custom', path: [name], message: `give either ${name} or ${name}File, not empty` })
    return z.NEVER
  }
  const password = { password: inlineSecret.optional(), passwordFile: secretFile.optional() }

  const signInWith = {
    passwordOfUser: settings({ method: z.literal('password-of-user') }),
    masterUser: settings({
      method: z.literal('master-user'),
      masterUser: text('stillbox'),
      separator: text("'*'").default('*'),
      ...password,
    }).transform(({ password, passwordFile, ...rest }, context) => ({
      ...rest,
      password: onlyOne(password, passwordFile, 'password', context),
    })),
    plainAuthzid: settings({
      method: z.literal('plain-authzid'),
      userName: text('stillbox'),
      ...password,
    }).transform(({ password, passwordFile, ...rest }, context) => ({
      ...rest,
      password: onlyOne(password, passwordFile, 'password', context),
    })),
    serviceAccount: settings({
      method: z.literal('service-account'),
      userName: text('stillbox'),
      ...password,
    }).transform(({ password, passwordFile, ...rest }, context) => ({
      ...rest,
      password: onlyOne(password, passwordFile, 'password', context),
    })),
    xoauth2: settings({
      method: z.literal('xoauth2'),
      tokenUrl: url('https://login.example.org/oauth2/token', []),
      clientId: text('stillbox'),
      clientSecret: inlineSecret.optional(),
      clientSecretFile: secretFile.optional(),
      /** More form fields of the token request; {userName} in a value is the login that is opened. */
      parameters: z.record(z.string(), template('scope of the token', ['userName'])).default({}),
    }).transform(({ clientSecret, clientSecretFile, ...rest }, context) => ({
      ...rest,
      clientSecret: onlyOne(clientSecret, clientSecretFile, 'clientSecret', context),
    })),
  }
  const methodError = (methods: string) => ({ error: `is missing or unknown: write method: one of ${methods}` })
  const mailSignIn = z
    .discriminatedUnion(
      'method',
      [signInWith.passwordOfUser, signInWith.masterUser, signInWith.plainAuthzid, signInWith.xoauth2],
      methodError('password-of-user, master-user, plain-authzid, xoauth2'),
    )
    .default({ method: 'password-of-user' })
  const davSignIn = z
    .discriminatedUnion(
      'method',
      [signInWith.passwordOfUser, signInWith.masterUser, signInWith.serviceAccount, signInWith.xoauth2],
      methodError('password-of-user, master-user, service-account, xoauth2'),
    )
    .default({ method: 'password-of-user' })

  const login = template("'{login}'").default('{login}')
  const directorySource = settings({
    technology: z.literal('directory'),
    path: template("'/srv/mail/{login}/Maildir'")
      .refine((path) => placeholdersIn(path).length > 0, {
        error: "is the same for every user: write {login} into it, for example '/srv/mail/{login}/Maildir'",
      })
      .transform((path) => resolve(folder, path)),
    login,
  })
  const imapSource = settings({
    technology: z.literal('imap'),
    host: text('imap.example.org').regex(/^[^\s/:@]+$|^[0-9a-f:.]+$/i, {
      error: 'is not a host name: write imap.example.org, and the port as port:',
    }),
    port: z.int({ error: 'is not a port number: write for example 993' }).min(1).max(65_535).optional(),
    tls: z
      .enum(['implicit', 'starttls', 'none'], { error: 'is unknown: write implicit, starttls or none' })
      .default('implicit'),
    caFile,
    serverName: text('imap.example.org').optional(),
    compress: z.boolean({ error: 'is neither true nor false' }).default(false),
    timeoutSeconds: seconds(60),
    plainFetch: z.boolean({ error: 'is neither true nor false' }).default(false),
    login,
    signIn: mailSignIn,
  }).transform(({ caFile: ca, port, ...rest }) => ({
    ...rest,
    port: port ?? (rest.tls === 'implicit' ? 993 : 143),
    ...(ca === undefined ? {} : { ca }),
  }))
  const davSource = settings({
    technology: z.literal('dav'),
    url: url("'https://dav.example.org/{login}/'"),
    tls: z.literal('none', { error: 'is unknown: write none, or leave it out with an https:// URL' }).optional(),
    caFile,
    timeoutSeconds: seconds(60),
    login,
    signIn: davSignIn,
  })
    .superRefine(refusePlainUrl)
    .transform(({ caFile: ca, tls: _, ...rest }) => ({ ...rest, ...(ca === undefined ? {} : { ca }) }))

  const technologyError = (technologies: string) => ({
    error: `is missing or unknown: write technology: one of ${technologies}`,
  })
  const mailSource = z.discriminatedUnion(
    'technology',
    [imapSource, directorySource],
    technologyError('imap, directory'),
  )
  const objectSource = z.discriminatedUnion(
    'technology',
    [davSource, directorySource],
    technologyError('dav, directory'),
  )

  const patternDirectory = settings({
    type: z.literal('pattern'),
    login: template("'{userName}@example.org'", ['userName']).refine((value) => placeholdersIn(value).length > 0, {
      error: "is the same for every user: write {userName} into it, for example '{userName}@example.org'",
    }),
  })
  const csvDirectory = settings({
    type: z.literal('csv'),
    file: text('users.csv').transform((name) => resolve(folder, name)),
  })
  const httpDirectory = settings({
    type: z.literal('http'),
    url: url('https://mw.example.org/preliminary/utilities/mailResolver/v1/resolve/{userName}', ['userName']).refine(
      (value) => placeholdersIn(value).length > 0,
      { error: 'asks for the same user each time: write {userName} where the name belongs' },
    ),
    tls: z.literal('none', { error: 'is unknown: write none, or leave it out with an https:// URL' }).optional(),
    caFile,
    userName: text('stillbox').optional(),
    ...password,
    login: template("'{uid}@{cid}' or '{mail}'", ['userName', 'mail', 'uid', 'cid']).default('{mail}'),
    timeoutSeconds: seconds(10),
  })
    .superRefine(refusePlainUrl)
    .transform(({ userName, password, passwordFile, caFile: ca, tls: _, ...rest }, context) => ({
      ...rest,
      ...(ca === undefined ? {} : { ca }),
      ...(userName === undefined
        ? {}
        : { basic: { userName, password: onlyOne(password, passwordFile, 'password', context) } }),
    }))
  const directory = z.discriminatedUnion('type', [patternDirectory, csvDirectory, httpDirectory], {
    error: 'is missing or unknown: write type: one of pattern, csv, http',
  })

  return settings({
    organization: OrganizationId,
    name: text('Example Hosting').max(200),
    /** An example of what is entered as user name; shown, never used. */
    userNameHint: text('anna@example.org').nullable().default(null),
    /** Per mail host: organizations on the same host share it, and the smallest number counts. */
    maxCapturesAtOnce: z
      .int({ error: 'is not a whole number: write for example 4' })
      .min(1, { error: 'is at least 1' })
      .max(100, { error: 'is at most 100' })
      .default(4),
    directory,
    mail: mailSource.optional(),
    calendar: objectSource.optional(),
    contacts: objectSource.optional(),
  })
    .superRefine((organization, context) => {
      if (!organization.mail && !organization.calendar && !organization.contacts)
        context.addIssue({ code: 'custom', message: 'has nothing to capture: add mail, calendar or contacts' })
      // What a directory does not know can never be filled in, so it is refused now and not at the first snapshot.
      const known: Readonly<Record<(typeof organization.directory)['type'], readonly PlaceholderName[]>> = {
        pattern: ['userName', 'login'],
        csv: ['userName', 'login', 'mail'],
        http: placeholderNames,
      }
      for (const part of ['mail', 'calendar', 'contacts'] as const)
        for (const [setting, value] of Object.entries(organization[part] ?? {})) {
          if (typeof value !== 'string' || !['path', 'url', 'login'].includes(setting)) continue
          const problem = templateProblem(value, known[organization.directory.type])
          if (problem && !templateProblem(value, placeholderNames))
            context.addIssue({ code: 'custom', path: [part, setting], message: problem })
        }
    })
    .transform((organization) => ({ ...organization, isSample: false }))
}

/** All organizations of a configuration file, with names that are told apart. */
export const organizationConfigsIn = (folder: string) =>
  z
    .array(organizationConfigIn(folder), { error: 'is not a list: start each organization with a dash' })
    .superRefine((organizations, context) => {
      for (const [index, { organization }] of organizations.entries())
        if (organizations.findIndex((other) => other.organization === organization) < index)
          context.addIssue({
            code: 'custom',
            path: [index, 'organization'],
            message: `“${organization}” is there twice: give each organization a name of its own`,
          })
    })

/** One organization as the rest of the service sees it: files read, defaults filled in, secrets wrapped. */
export type OrganizationConfig = z.output<ReturnType<typeof organizationConfigIn>>
export type DirectoryConfig = OrganizationConfig['directory']
export type MailSourceConfig = NonNullable<OrganizationConfig['mail']>
export type ObjectSourceConfig = NonNullable<OrganizationConfig['calendar']>
export type SourceSignIn = Extract<MailSourceConfig | ObjectSourceConfig, { signIn: unknown }>['signIn']
