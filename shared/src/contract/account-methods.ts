import { z } from 'zod'
import { ClientKind, Role, SecondFactorKind, TokenScope } from '../vocabulary/access.ts'
import { Instant } from '../vocabulary/date-range.ts'
import { OrganizationId, UserName } from '../vocabulary/ids.ts'
import { defineMethod } from './define-method.ts'

/**
 * The name of an account of this service. A colon could not be told from the one before the password (RFC 7617 §2); with invisible
 * characters two names would look alike.
 */
export const AccountName = UserName.regex(/^[^:]*$/, { error: 'an account’s user name has no colon' }).regex(
  /^[^\p{C}\p{Zl}\p{Zp}]*$/u,
  { error: 'an account’s user name has no invisible characters' },
)

/** What somebody calls a thing of his own: shown in lists and kept in the database. */
const label = (name: string) =>
  z
    .string()
    .trim()
    .min(1, { error: `${name} is empty` })
    .max(100)
    .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, { error: `${name} has no control characters` })

/** Finds an account; whatever does not name one is simply not found. */
const NameOfAccount = z.string().trim().min(1).max(320)
const OneAccount = z.object({ userName: NameOfAccount })
const OwnOrOther = z.object({ userName: NameOfAccount.optional().describe('left out: the caller’s own account') })

const FullName = z
  .string()
  .trim()
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u, { error: 'fullName has no control characters' })

const EmailAddresses = z
  .array(
    z
      .string()
      .trim()
      .max(320)
      .regex(/^[^\s@,\p{Cc}\p{Cs}]+@[^\s@,\p{Cc}\p{Cs}]+$/u, {
        error: 'emailAddresses are written as name@example.org',
      }),
  )
  .max(50)

export const NewPassword = z
  .string()
  .min(1)
  .max(1_024, { error: 'password has at most 1024 characters' })
  .describe(
    'at least 12 characters, or as many as the configuration asks for; not the user name, and none of the last 5',
  )

/** What MailStore’s clients call the role; only `admin` is a word they know. */
export const privilegeWords = ['admin', 'administrator', 'operator', 'auditor'] as const
export const Privileges = z
  .preprocess((given) => (Array.isArray(given) && given.length === 1 ? given[0] : given), z.enum(privilegeWords))
  .describe('admin (or administrator), operator, auditor')

/** `*` stands for all of them, those to come included. */
export const OrganizationChoice = z
  .array(z.union([OrganizationId, z.literal('*')]))
  .min(1, { error: 'organizations is a list of ids, or * for all' })
  .max(1_000)

const AccountRow = z.object({
  userName: z.string(),
  fullName: z.string(),
  /** MailStore’s directory services; always null here. */
  distinguishedName: z.null(),
  emailAddresses: z.array(z.string()),
  role: Role,
  privileges: z.string(),
  /** Null: all of them. */
  organizations: z.array(OrganizationId).nullable(),
  hasPassword: z.boolean(),
  secondFactors: z.array(SecondFactorKind),
  lastSignInAt: z.string().nullable(),
})

export const AccessTokenRow = z.object({
  tokenId: z.uuid(),
  userName: z.string(),
  name: z.string(),
  scope: TokenScope,
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
})

export const SessionRow = z.object({
  sessionId: z.uuid(),
  userName: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string(),
  expiresAt: z.string(),
  address: z.string(),
  /** What the browser says it is, cut to 200 characters. */
  userAgent: z.string(),
  /** The one this call came with. */
  isCurrent: z.boolean(),
})

export const accountMethods = {
  GetUsers: defineMethod({
    name: 'GetUsers',
    kind: 'sync',
    access: 'administer',
    limit: 'filtered',
    summary: 'Lists the accounts of this service, by user name.',
    params: z.object({}),
    result: z.array(AccountRow),
  }),
  GetUserInfo: defineMethod({
    name: 'GetUserInfo',
    kind: 'sync',
    access: 'read',
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Tells about one account of this service; without userName, about the caller’s own.',
    params: OwnOrOther,
    result: z.object({
      userName: z.string(),
      fullName: z.string(),
      authentication: z.string(),
      emailAddresses: z.array(z.string()),
      privileges: z.string(),
    }),
  }),
  CreateUser: defineMethod({
    name: 'CreateUser',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'account.create', target: 'userName' },
    limit: 'hidden',
    summary:
      'Makes an account that may sign in to this service. Without a password it signs in by client certificate only.',
    params: z.object({
      userName: AccountName,
      privileges: Privileges,
      fullName: FullName.optional(),
      password: NewPassword.optional(),
      emailAddresses: EmailAddresses.optional().describe('the first one is the primary address'),
      authentication: z.literal('integrated').optional().describe('the only kind there is'),
      organizations: OrganizationChoice.optional().describe(
        'whose users the account may deal with: ids, or * for all. Needed unless the account is an administrator',
      ),
    }),
    result: z.null(),
  }),
  DeleteUser: defineMethod({
    name: 'DeleteUser',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'account.delete', target: 'userName' },
    limit: 'hidden',
    summary: 'Deletes an account with its sessions, tokens and second factors. What it made stays.',
    params: OneAccount,
    result: z.null(),
  }),
  RenameUser: defineMethod({
    name: 'RenameUser',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'account.rename', target: 'oldUserName' },
    limit: 'hidden',
    summary: 'Gives an account another user name. Records of what it did keep the old one.',
    params: z.object({ oldUserName: NameOfAccount, newUserName: AccountName }),
    result: z.null(),
  }),
  SetUserFullName: defineMethod({
    name: 'SetUserFullName',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'account.edit', target: 'userName' },
    limit: 'hidden',
    summary: 'Sets the full name of an account.',
    params: OneAccount.extend({ fullName: FullName.default('').describe('left out: none') }),
    result: z.null(),
  }),
  SetUserEmailAddresses: defineMethod({
    name: 'SetUserEmailAddresses',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'account.edit', target: 'userName' },
    limit: 'hidden',
    summary: 'Sets the e-mail addresses of an account; client certificates may be matched by them.',
    params: OneAccount.extend({
      emailAddresses: EmailAddresses.default([]).describe('the first one is the primary address; left out: none'),
    }),
    result: z.null(),
  }),
  SetUserPrivileges: defineMethod({
    name: 'SetUserPrivileges',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'account.privileges', target: 'userName' },
    limit: 'hidden',
    summary: 'Sets the role of an account.',
    params: OneAccount.extend({ privileges: Privileges }),
    result: z.null(),
  }),
  SetUserOrganizations: defineMethod({
    name: 'SetUserOrganizations',
    kind: 'sync',
    access: 'administer',
    audit: { action: 'account.organizations', target: 'userName' },
    limit: 'hidden',
    summary: 'Limits an account to some organizations, or opens all to it.',
    params: OneAccount.extend({ organizations: OrganizationChoice.describe('ids, or * for all') }),
    result: z.null(),
  }),
  SetUserPassword: defineMethod({
    name: 'SetUserPassword',
    kind: 'sync',
    access: 'own',
    audit: { action: 'account.password', target: 'userName' },
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Sets the password of an account and ends its other sessions; of another account also its access tokens.',
    params: OneAccount.extend({
      password: NewPassword,
      currentPassword: z
        .string()
        .max(1_024)
        .optional()
        .describe('needed for the own password when signed in to the web interface'),
      deletesTokens: z
        .boolean()
        .optional()
        .describe(
          'whether the access tokens of the account go; left out: those of another account do, the own ones stay',
        ),
    }),
    result: z.null(),
  }),
  GetPasswordHistory: defineMethod({
    name: 'GetPasswordHistory',
    kind: 'sync',
    access: 'own',
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Lists when the password of an account was changed and by whom, newest first.',
    params: OwnOrOther.extend({ limit: z.int().min(1).max(500).default(100) }),
    result: z.object({ changes: z.array(z.object({ changedAt: z.string(), changedBy: z.string() })) }),
  }),
  GetLastSignIns: defineMethod({
    name: 'GetLastSignIns',
    kind: 'sync',
    access: 'own',
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Tells when an account last signed in with each kind of client.',
    params: OwnOrOther.extend({ client: ClientKind.optional().describe('only this kind') }),
    result: z.object({
      signIns: z.array(z.object({ client: ClientKind, at: z.string(), address: z.string() })),
    }),
  }),
  GetSessions: defineMethod({
    name: 'GetSessions',
    kind: 'sync',
    access: 'own',
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Lists the sessions of an account in the web interface, the last used one first.',
    params: OwnOrOther,
    result: z.object({ sessions: z.array(SessionRow) }),
  }),
  EndSession: defineMethod({
    name: 'EndSession',
    kind: 'sync',
    access: 'own',
    audit: { action: 'session.end', target: 'userName' },
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Ends one session in the web interface, or all but the one of this call.',
    params: OwnOrOther.extend({
      sessionId: z.uuid().optional().describe('left out: all sessions of the account but the one of this call'),
    }),
    result: z.object({ ended: z.int() }),
  }),
  CreateAccessToken: defineMethod({
    name: 'CreateAccessToken',
    kind: 'sync',
    access: 'own',
    audit: { action: 'token.create', target: 'name' },
    summary: 'Makes a token for programs, sent as Authorization: Bearer. It is shown this once.',
    params: z.object({
      name: label('name'),
      scope: TokenScope.default('read').describe('what it may be used for at most'),
      expires: Instant.optional().describe('after which it is worthless; in 90 days when left out, in a year at most'),
    }),
    result: AccessTokenRow.extend({ token: z.string() }),
  }),
  GetAccessTokens: defineMethod({
    name: 'GetAccessTokens',
    kind: 'sync',
    access: 'own',
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Lists the access tokens of an account, never the tokens themselves.',
    params: OwnOrOther,
    result: z.object({ tokens: z.array(AccessTokenRow) }),
  }),
  DeleteAccessToken: defineMethod({
    name: 'DeleteAccessToken',
    kind: 'sync',
    access: 'own',
    audit: { action: 'token.delete', target: 'tokenId' },
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Deletes an access token; it is worthless at once.',
    params: OwnOrOther.extend({ tokenId: z.uuid() }),
    result: z.null(),
  }),
  GetSecondFactors: defineMethod({
    name: 'GetSecondFactors',
    kind: 'sync',
    access: 'own',
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Lists the second factors of an account and how many recovery codes are left.',
    params: OwnOrOther,
    result: z.object({
      devices: z.array(z.object({ deviceId: z.uuid(), kind: SecondFactorKind, name: z.string(), addedAt: z.string() })),
      recoveryCodesLeft: z.int(),
    }),
  }),
  BeginTotp: defineMethod({
    name: 'BeginTotp',
    kind: 'sync',
    access: 'own',
    summary: 'Makes the secret of an authenticator app. It counts once ConfirmTotp has got a code of it.',
    params: z.object({}),
    /** Base32, and the same as an address for a QR code. */
    result: z.object({ secret: z.string(), uri: z.string() }),
  }),
  ConfirmTotp: defineMethod({
    name: 'ConfirmTotp',
    kind: 'sync',
    access: 'own',
    audit: { action: 'account.second-factor' },
    summary: 'Sets up the authenticator app with a first code and ends the other sessions of the account.',
    params: z.object({ code: z.string().trim().max(20).describe('the six digits the app shows') }),
    /** Ten with the first second factor, shown this once; empty when the account has some already. */
    result: z.object({ recoveryCodes: z.array(z.string()) }),
  }),
  RemoveTotp: defineMethod({
    name: 'RemoveTotp',
    kind: 'sync',
    access: 'own',
    audit: { action: 'account.second-factor', target: 'userName' },
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Takes the authenticator app of an account away.',
    params: OwnOrOther,
    result: z.null(),
  }),
  BeginPasskey: defineMethod({
    name: 'BeginPasskey',
    kind: 'sync',
    access: 'own',
    summary: 'Asks the browser for a new passkey: options for navigator.credentials.create, good for five minutes.',
    params: z.object({}),
    result: z.object({ options: z.record(z.string(), z.unknown()) }),
  }),
  ConfirmPasskey: defineMethod({
    name: 'ConfirmPasskey',
    kind: 'sync',
    access: 'own',
    audit: { action: 'account.second-factor' },
    summary: 'Adds the passkey the browser has made and ends the other sessions of the account.',
    params: z.object({
      name: label('name'),
      response: z.record(z.string(), z.unknown()).describe('what the browser answered, as JSON'),
    }),
    /** Ten codes with the first second factor, shown this once; empty when the account has some already. */
    result: z.object({ deviceId: z.uuid(), recoveryCodes: z.array(z.string()) }),
  }),
  RemovePasskey: defineMethod({
    name: 'RemovePasskey',
    kind: 'sync',
    access: 'own',
    audit: { action: 'account.second-factor', target: 'userName' },
    othersAccess: 'administer',
    limit: 'hidden',
    summary: 'Takes one passkey of an account away.',
    params: OwnOrOther.extend({ deviceId: z.uuid() }),
    result: z.null(),
  }),
  CreateRecoveryCodes: defineMethod({
    name: 'CreateRecoveryCodes',
    kind: 'sync',
    access: 'own',
    audit: { action: 'account.second-factor' },
    summary: 'Makes ten new recovery codes in place of the old ones. They are shown this once.',
    params: z.object({}),
    result: z.object({ recoveryCodes: z.array(z.string()) }),
  }),
} as const
