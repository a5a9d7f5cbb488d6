import { z } from 'zod'

/** What a call needs of its caller, weakest first. `public` needs no sign-in at all. */
export const accessLevels = ['public', 'read', 'operate', 'administer'] as const
export const Access = z.enum(accessLevels)
export type Access = z.infer<typeof Access>

export const roles = ['administrator', 'operator', 'auditor'] as const
export const Role = z.enum(roles)
export type Role = z.infer<typeof Role>

const granted: Readonly<Record<Role, readonly Access[]>> = {
  administrator: ['public', 'read', 'operate', 'administer'],
  operator: ['public', 'read', 'operate'],
  auditor: ['public', 'read'],
}

export const roleMay = (role: Role, access: Access): boolean => granted[role].includes(access)
