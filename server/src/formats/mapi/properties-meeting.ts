import { named, propertySets } from './property.ts'

/** [MS-OXOCAL] §2.2.1.27 */
export const PidLidGlobalObjectId = named('PidLidGlobalObjectId', propertySets.meeting, 0x0003, 'binary')
/** [MS-OXOCAL] §2.2.1.28 */
export const PidLidCleanGlobalObjectId = named('PidLidCleanGlobalObjectId', propertySets.meeting, 0x0023, 'binary')
/** [MS-OXOCAL] §2.2.1.34 */
export const PidLidOwnerCriticalChange = named('PidLidOwnerCriticalChange', propertySets.meeting, 0x001a, 'time')
