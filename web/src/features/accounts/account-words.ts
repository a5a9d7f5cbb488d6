import type { ClientKind, Role, SecondFactorKind, TokenScope } from '@stillbox/shared/vocabulary/access.ts'
import { listText } from '../../ui/format.ts'

export const roleHints: Readonly<Record<Role, string>> = {
  administrator: 'Does everything, manages accounts too',
  operator: 'Creates, downloads and deletes snapshots',
  auditor: 'Reads everything, changes nothing',
}

export const scopeWords: Readonly<Record<TokenScope, { readonly label: string; readonly hint: string }>> = {
  read: { label: 'Read', hint: 'Look at and download' },
  operate: { label: 'Operate', hint: 'Also create and delete' },
  administer: { label: 'Administer', hint: 'Also manage accounts' },
}

export const factorWords: Readonly<Record<SecondFactorKind, string>> = {
  totp: 'Authenticator app',
  passkey: 'Passkey',
}

export const clientWords: Readonly<Record<ClientKind, string>> = {
  web: 'Web interface',
  basic: 'Program, by password',
  token: 'Program, by access token',
  certificate: 'Client certificate',
}

export const factorsText = (factors: readonly SecondFactorKind[]): string =>
  listText(factors.map((factor) => factorWords[factor]))

type Named = { readonly organization: string; readonly name: string }

/** The names of an account’s organizations; the id of one that the configuration does not know (any more). */
export const organizationsText = (chosen: readonly string[] | null, known: readonly Named[]): string =>
  chosen === null
    ? 'All'
    : listText(chosen.map((id) => known.find(({ organization }) => organization === id)?.name ?? id)) || 'None'
