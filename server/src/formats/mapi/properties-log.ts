import { named, propertySets } from './property.ts'

const log = propertySets.log

// [MS-OXOJRNL] §2.2.1
export const PidLidLogType = named('PidLidLogType', log, 0x8700, 'string')
export const PidLidLogStart = named('PidLidLogStart', log, 0x8706, 'time')
/** In minutes. */
export const PidLidLogDuration = named('PidLidLogDuration', log, 0x8707, 'int32')
export const PidLidLogEnd = named('PidLidLogEnd', log, 0x8708, 'time')
export const PidLidLogFlags = named('PidLidLogFlags', log, 0x870c, 'int32')
/** The display name of the type. */
export const PidLidLogTypeDesc = named('PidLidLogTypeDesc', log, 0x8712, 'string')
