import { tagged } from './property.ts'

/** 1 To, 2 Cc, 3 Bcc. [MS-OXOMSG] */
export const PidTagRecipientType = tagged('PidTagRecipientType', 0x0c15, 'int32')
export const recipientTypes = { to: 1, cc: 2, bcc: 3 } as const
/** 6: a user of a mail system. [MS-OXCPRPT] §2.2.1.7 */
export const PidTagObjectType = tagged('PidTagObjectType', 0x0ffe, 'int32')
/** A one-off entry id here. [MS-OXOABK] */
export const PidTagEntryId = tagged('PidTagEntryId', 0x0fff, 'binary')
/** Identifies the recipient, the same as its entry id here. [MS-OXCPRPT] §2.2.1.8 */
export const PidTagRecordKey = tagged('PidTagRecordKey', 0x0ff9, 'binary')
/** Of a recipient, an attachment, a folder. [MS-OXCFOLD] */
export const PidTagDisplayName = tagged('PidTagDisplayName', 0x3001, 'string')
/** [MS-OXOABK] §2.2.3.13 */
export const PidTagAddressType = tagged('PidTagAddressType', 0x3002, 'string')
/** [MS-OXOABK] §2.2.3.14 */
export const PidTagEmailAddress = tagged('PidTagEmailAddress', 0x3003, 'string')
/** [MS-OXOABK] */
export const PidTagSmtpAddress = tagged('PidTagSmtpAddress', 0x39fe, 'string')
/** 0: a user. [MS-OXOABK] */
export const PidTagDisplayType = tagged('PidTagDisplayType', 0x3900, 'int32')
/** [MS-OXCMSG] §2.2.1.30 */
export const PidTagAddressBookDisplayNamePrintable = tagged('PidTagAddressBookDisplayNamePrintable', 0x39ff, 'string')
/** False: gets plain MIME. [MS-OXOMSG] §2.2.1.47 */
export const PidTagSendRichInfo = tagged('PidTagSendRichInfo', 0x3a40, 'boolean')
/** Whether some transport has taken charge of it; false here. [MS-OXCMSG] §2.2.1.37 */
export const PidTagResponsibility = tagged('PidTagResponsibility', 0x0e0f, 'boolean')
/** [MS-OXCMSG] */
export const PidTagRecipientDisplayName = tagged('PidTagRecipientDisplayName', 0x5ff6, 'string')
/** [MS-OXCMSG] */
export const PidTagRecipientEntryId = tagged('PidTagRecipientEntryId', 0x5ff7, 'binary')
/** 1 may be sent to, 3 the organizer. [MS-OXOCAL] §2.2.4.10.1 */
export const PidTagRecipientFlags = tagged('PidTagRecipientFlags', 0x5ffd, 'int32')
/** 0 none, 2 tentative, 3 accepted, 4 declined. [MS-OXOCAL] §2.2.4.10.2 */
export const PidTagRecipientTrackStatus = tagged('PidTagRecipientTrackStatus', 0x5fff, 'int32')

// What only the writer of a file knows.

/** Place in the table of recipients. [MS-OXCTABL] §2.2.1.1 */
export const PidTagInstanceKey = tagged('PidTagInstanceKey', 0x0ff6, 'binary')
/** Place in the file, from 0. [MS-OXCMSG] §2.2.1.38 */
export const PidTagRowid = tagged('PidTagRowid', 0x3000, 'int32')
