import { tagged } from './property.ts'

/** 1 by value, 5 an embedded message. [MS-OXCMSG] §2.2.2.9 */
export const PidTagAttachMethod = tagged('PidTagAttachMethod', 0x3705, 'int32')
export const attachMethods = { byValue: 1, embeddedMessage: 5 } as const
/** -1: not drawn within the body. [MS-OXCMSG] §2.2.2.16 */
export const PidTagRenderingPosition = tagged('PidTagRenderingPosition', 0x370b, 'int32')
/** Eight characters, a dot and three. [MS-OXCMSG] §2.2.2.11 */
export const PidTagAttachFilename = tagged('PidTagAttachFilename', 0x3704, 'string')
/** [MS-OXCMSG] §2.2.2.10 */
export const PidTagAttachLongFilename = tagged('PidTagAttachLongFilename', 0x3707, 'string')
/** With its dot. [MS-OXCMSG] §2.2.2.12 */
export const PidTagAttachExtension = tagged('PidTagAttachExtension', 0x3703, 'string')
/** [MS-OXCMSG] §2.2.2.29 */
export const PidTagAttachMimeTag = tagged('PidTagAttachMimeTag', 0x370e, 'string')
/** Of a text. [MS-OXCMSG] §2.2.2.25 */
export const PidTagTextAttachmentCharset = tagged('PidTagTextAttachmentCharset', 0x371b, 'string')
/** Without angle brackets. [MS-OXCMSG] §2.2.2.29 */
export const PidTagAttachContentId = tagged('PidTagAttachContentId', 0x3712, 'string')
/** [MS-OXCMSG] §2.2.2.29 */
export const PidTagAttachContentLocation = tagged('PidTagAttachContentLocation', 0x3713, 'string')
/** 4: the HTML draws it. [MS-OXCMSG] §2.2.2.18 */
export const PidTagAttachFlags = tagged('PidTagAttachFlags', 0x3714, 'int32')
/** [MS-OXCMSG] §2.2.2.24 */
export const PidTagAttachmentHidden = tagged('PidTagAttachmentHidden', 0x7ffe, 'boolean')
/** 0, or 2 for an exception of a recurrence. [MS-OXCMSG] §2.2.2.23 */
export const PidTagAttachmentFlags = tagged('PidTagAttachmentFlags', 0x7ffd, 'int32')
/** [MS-OXCMSG] §2.2.2.22 */
export const PidTagAttachmentLinkId = tagged('PidTagAttachmentLinkId', 0x7ffa, 'int32')
/** [MS-OXOCAL] §2.2.10.1.4 */
export const PidTagExceptionStartTime = tagged('PidTagExceptionStartTime', 0x7ffb, 'time')
/** [MS-OXOCAL] §2.2.10.1.5 */
export const PidTagExceptionEndTime = tagged('PidTagExceptionEndTime', 0x7ffc, 'time')
/** A photo of a contact. [MS-OXOCNTC] §2.2.1.8.2 */
export const PidTagAttachmentContactPhoto = tagged('PidTagAttachmentContactPhoto', 0x7fff, 'boolean')

/** What stands for "no time" in the two times of an exception: 1 January 4501. */
export const noExceptionTimeMs = Date.UTC(4501, 0, 1)

// What only the writer of a file knows.

/** In bytes, with all properties. [MS-OXCMSG] §2.2.2.5 */
export const PidTagAttachSize = tagged('PidTagAttachSize', 0x0e20, 'int32')
/** [MS-OXCMSG] §2.2.2.6 */
export const PidTagAttachNumber = tagged('PidTagAttachNumber', 0x0e21, 'int32')
