import { z } from 'zod'

/**
 * What a call needs of its caller. `public` needs no sign-in at all; `own` is about the caller’s own account and open to
 * everybody who has signed in, though not to access tokens; the others are rights of a role, weakest first, but that `audit`, the
 * audit log, is the auditor’s and not the operator’s.
 */
export const accessLevels = ['public', 'own', 'read', 'audit', 'operate', 'administer'] as const
export const Access = z.enum(accessLevels)
export type Access = z.infer<typeof Access>

export const roles = ['administrator', 'operator', 'auditor'] as const
export const Role = z.enum(roles)
export type Role = z.infer<typeof Role>

const granted: Readonly<Record<Role, readonly Access[]>> = {
  administrator: ['public', 'own', 'read', 'audit', 'operate', 'administer'],
  operator: ['public', 'own', 'read', 'operate'],
  auditor: ['public', 'own', 'read', 'audit'],
}

export const roleMay = (role: Role, access: Access): boolean => granted[role].includes(access)

/** The most an access token may be used for; its owner’s role limits it further. */
export const tokenScopes = ['read', 'operate', 'administer'] as const
export const TokenScope = z.enum(tokenScopes)
export type TokenScope = z.infer<typeof TokenScope>

const opened: Readonly<Record<TokenScope, readonly Access[]>> = {
  read: ['public', 'read', 'audit'],
  operate: ['public', 'read', 'audit', 'operate'],
  administer: ['public', 'read', 'audit', 'operate', 'administer'],
}

/** `own` is in no scope: a token that could make tokens, or change the password, would outlive its own deletion. */
export const scopeMay = (scope: TokenScope, access: Access): boolean => opened[scope].includes(access)

/** How somebody signed in. */
export const clientKinds = ['web', 'basic', 'token', 'certificate'] as const
export const ClientKind = z.enum(clientKinds)
export type ClientKind = z.infer<typeof ClientKind>

export const secondFactorKinds = ['totp', 'passkey'] as const
export const SecondFactorKind = z.enum(secondFactorKinds)
export type SecondFactorKind = z.infer<typeof SecondFactorKind>
