import { type AuditAction, auditActions } from '@stillbox/shared/vocabulary/audit-action.ts'

/** Each action as a reader of the log calls it; whether it was done is told by the outcome beside it. */
export const actionWords: Readonly<Record<AuditAction, string>> = {
  'session.open': 'Sign in to the web interface',
  'session.close': 'Sign out',
  'session.end': 'End a session',
  'sign-in': 'Sign in as a program or by certificate',
  'snapshot.create': 'Create a snapshot',
  'snapshot.cancel': 'Cancel a snapshot',
  'snapshot.retry': 'Retry a snapshot',
  'snapshot.delete': 'Delete a snapshot',
  'snapshot.expiry': 'Change when an archive expires',
  'snapshot.expire': 'Delete an expired archive',
  'snapshot.verify': 'Verify an archive',
  'snapshot.download': 'Download an archive',
  'snapshot.deliver': 'Deliver an archive',
  'snapshot.export': 'Export a snapshot',
  'export.cancel': 'Cancel an export',
  'export.download': 'Download a file of an export',
  'export.delete': 'Delete an export',
  'store.rebuild': 'Rebuild the search index',
  'destination.create': 'Create a destination',
  'destination.edit': 'Change a destination',
  'destination.delete': 'Delete a destination',
  'destination.test': 'Test a destination',
  'destination.host-keys': 'Read host keys',
  'account.create': 'Create an account',
  'account.delete': 'Delete an account',
  'account.rename': 'Rename an account',
  'account.edit': 'Change an account',
  'account.password': 'Set a password',
  'account.privileges': 'Set a role',
  'account.organizations': 'Set the organizations of an account',
  'account.second-factor': 'Change a second factor',
  'token.create': 'Create an access token',
  'token.delete': 'Delete an access token',
  'audit.verify': 'Verify the audit log',
  'audit.export': 'Export the audit log',
  read: 'Read what is not open to the account',
  'service.start': 'Start of the service',
  'service.stop': 'Stop of the service',
}

const groupOf = (action: AuditAction): string => {
  const [area] = action.split('.')
  return area === 'session' || area === 'sign-in'
    ? 'sign-in'
    : area === 'store' || area === 'export'
      ? 'snapshot'
      : area!
}

const groupWords: Readonly<Record<string, string>> = {
  'sign-in': 'Sign-ins and sessions',
  snapshot: 'Snapshots',
  destination: 'Destinations',
  account: 'Accounts',
  token: 'Access tokens',
  audit: 'Audit log',
  read: 'Reading',
  service: 'The service',
}

/** The actions by what they are about, in the order of the vocabulary. */
export const actionGroups: readonly { readonly name: string; readonly actions: readonly AuditAction[] }[] =
  Object.entries(groupWords).map(([group, name]) => ({
    name,
    actions: auditActions.filter((action) => groupOf(action) === group),
  }))

export const clientWords = {
  web: 'web interface',
  basic: 'program, by password',
  token: 'program, by token',
  certificate: 'certificate',
} as const
