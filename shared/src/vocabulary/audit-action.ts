import { z } from 'zod'

/** What the audit log tells of: what changes something, hands out data, or lets somebody in. Reading lists is not in it. */
export const auditActions = [
  'session.open',
  'session.close',
  'session.end',
  'sign-in', // a program, with each kind of sign-in at most once a minute; and whoever is refused
  'snapshot.create',
  'snapshot.cancel',
  'snapshot.retry',
  'snapshot.delete',
  'snapshot.expiry',
  'snapshot.expire',
  'snapshot.verify',
  'snapshot.download',
  'snapshot.deliver',
  'snapshot.export',
  'export.cancel',
  'export.download',
  'export.delete',
  'store.rebuild',
  'destination.create',
  'destination.edit',
  'destination.delete',
  'destination.test',
  'destination.host-keys',
  'account.create',
  'account.delete',
  'account.rename',
  'account.edit',
  'account.password',
  'account.privileges',
  'account.organizations',
  'account.second-factor',
  'token.create',
  'token.delete',
  'read', // only where it was refused for want of a right; which method or address is in the details
  'audit.verify',
  'audit.export',
  'service.start',
  'service.stop',
] as const
export const AuditAction = z.enum(auditActions, { error: 'there is no such action' })
export type AuditAction = z.infer<typeof AuditAction>

/** `refused`: the caller may not, or sent what cannot be; `failed`: it was allowed and did not work. */
export const auditOutcomes = ['done', 'refused', 'failed'] as const
export const AuditOutcome = z.enum(auditOutcomes, { error: `outcome is one of ${auditOutcomes.join(', ')}` })
export type AuditOutcome = z.infer<typeof AuditOutcome>
