import { named, propertySets } from './property.ts'

const task = propertySets.task

// [MS-OXOTASK] §2.2.2.2
/** §2.2.2.2.2: 0 not started, 1 in progress, 2 complete, 3 waiting on others, 4 deferred */
export const PidLidTaskStatus = named('PidLidTaskStatus', task, 0x8101, 'int32')
/** §2.2.2.2.3: from 0 to 1 */
export const PidLidPercentComplete = named('PidLidPercentComplete', task, 0x8102, 'float64')
/** §2.2.2.2.4: the local date as midnight UTC */
export const PidLidTaskStartDate = named('PidLidTaskStartDate', task, 0x8104, 'time')
/** §2.2.2.2.5: the local date as midnight UTC */
export const PidLidTaskDueDate = named('PidLidTaskDueDate', task, 0x8105, 'time')
/** §2.2.2.2.8: no occurrence of a recurring task is left to be made */
export const PidLidTaskDeadOccurrence = named('PidLidTaskDeadOccurrence', task, 0x8109, 'boolean')
/** §2.2.2.2.9: the local date as midnight UTC */
export const PidLidTaskDateCompleted = named('PidLidTaskDateCompleted', task, 0x810f, 'time')
/** §2.2.2.2.11, in minutes */
export const PidLidTaskActualEffort = named('PidLidTaskActualEffort', task, 0x8110, 'int32')
/** §2.2.2.2.12, in minutes */
export const PidLidTaskEstimatedEffort = named('PidLidTaskEstimatedEffort', task, 0x8111, 'int32')
/** §2.2.2.2.13 */
export const PidLidTaskVersion = named('PidLidTaskVersion', task, 0x8112, 'int32')
/** §2.2.2.2.14: 1 not assigned */
export const PidLidTaskState = named('PidLidTaskState', task, 0x8113, 'int32')
/** §2.2.2.2.15: a RecurrencePattern ([MS-OXOCAL] §2.2.1.44.1) */
export const PidLidTaskRecurrence = named('PidLidTaskRecurrence', task, 0x8116, 'binary')
/** §2.2.2.2.20 */
export const PidLidTaskComplete = named('PidLidTaskComplete', task, 0x811c, 'boolean')
/** §2.2.2.2.22 */
export const PidLidTaskOwner = named('PidLidTaskOwner', task, 0x811f, 'string')
/** §2.2.2.2.28 */
export const PidLidTaskFRecurring = named('PidLidTaskFRecurring', task, 0x8126, 'boolean')
/** §2.2.2.2.29: 0 not assigned */
export const PidLidTaskOwnership = named('PidLidTaskOwnership', task, 0x8129, 'int32')
/** §2.2.2.2.30: 0 not assigned */
export const PidLidTaskAcceptanceState = named('PidLidTaskAcceptanceState', task, 0x812a, 'int32')
/** §2.2.2.2.31: the name in PidLidTaskOwner is a makeshift */
export const PidLidTaskFFixOffline = named('PidLidTaskFFixOffline', task, 0x812c, 'boolean')
