import { named, propertySets, tagged } from './property.ts'

// What a message is: class, importance, state.

/** [MS-OXCMSG] §2.2.1.3 */
export const PidTagMessageClass = tagged('PidTagMessageClass', 0x001a, 'string')
/** 0 low, 1 normal, 2 high. [MS-OXCMSG] §2.2.1.11 */
export const PidTagImportance = tagged('PidTagImportance', 0x0017, 'int32')
/** -1 not urgent, 0 normal, 1 urgent. [MS-OXCMSG] §2.2.1.12 */
export const PidTagPriority = tagged('PidTagPriority', 0x0026, 'int32')
/** 0 normal, 1 personal, 2 private, 3 confidential. [MS-OXCMSG] §2.2.1.13 */
export const PidTagSensitivity = tagged('PidTagSensitivity', 0x0036, 'int32')
/** Bits of `messageFlags`. [MS-OXCMSG] §2.2.1.6 */
export const PidTagMessageFlags = tagged('PidTagMessageFlags', 0x0e07, 'int32')
export const messageFlags = { read: 0x1, unmodified: 0x2, submitted: 0x4, unsent: 0x8, hasAttachment: 0x10 } as const
/** [MS-OXCMSG] §2.2.1.2 */
export const PidTagHasAttachments = tagged('PidTagHasAttachments', 0x0e1b, 'boolean')
/** [MS-OXOMSG] §2.2.1.20 */
export const PidTagOriginatorDeliveryReportRequested = tagged(
  'PidTagOriginatorDeliveryReportRequested',
  0x0023,
  'boolean',
)
/** [MS-OXOMSG] §2.2.1.29 */
export const PidTagReadReceiptRequested = tagged('PidTagReadReceiptRequested', 0x0029, 'boolean')
/** How sure the filter is that this is spam, -1 to 9. [MS-OXCSPAM] §2.2.1.3 */
export const PidTagContentFilterSpamConfidenceLevel = tagged('PidTagContentFilterSpamConfidenceLevel', 0x4076, 'int32')
/** [MS-OXCMSG] §2.2.1.5 */
export const PidTagMessageLocaleId = tagged('PidTagMessageLocaleId', 0x3ff1, 'int32')
/** [MS-OXCMSG] §2.2.1.4 */
export const PidTagMessageCodepage = tagged('PidTagMessageCodepage', 0x3ffd, 'int32')
/** Identifies the object for searches. [MS-OXCPRPT] §2.2.1.9 */
export const PidTagSearchKey = tagged('PidTagSearchKey', 0x300b, 'binary')

// Subject and conversation.

/** Without the two marking characters that a PST puts before it. [MS-OXCMSG]; [MS-PST] §2.5.3.1.1 */
export const PidTagSubject = tagged('PidTagSubject', 0x0037, 'string')
/** [MS-OXCMSG] §2.2.1.9 */
export const PidTagSubjectPrefix = tagged('PidTagSubjectPrefix', 0x003d, 'string')
/** [MS-OXCMSG] §2.2.1.10 */
export const PidTagNormalizedSubject = tagged('PidTagNormalizedSubject', 0x0e1d, 'string')
/** [MS-OXOMSG] §2.2.1.5 */
export const PidTagConversationTopic = tagged('PidTagConversationTopic', 0x0070, 'string')
/** [MS-OXOMSG] §2.2.1.3 */
export const PidTagConversationIndex = tagged('PidTagConversationIndex', 0x0071, 'binary')

// Times.

/** [MS-OXOMSG] §2.2.3.11 */
export const PidTagClientSubmitTime = tagged('PidTagClientSubmitTime', 0x0039, 'time')
/** [MS-OXOMSG] §2.2.3.9 */
export const PidTagMessageDeliveryTime = tagged('PidTagMessageDeliveryTime', 0x0e06, 'time')
/** [MS-OXCMSG] §2.2.2.3 */
export const PidTagCreationTime = tagged('PidTagCreationTime', 0x3007, 'time')
/** [MS-OXCMSG] §2.2.2.2 */
export const PidTagLastModificationTime = tagged('PidTagLastModificationTime', 0x3008, 'time')

// Who wrote it (represented) and who sent it. [MS-OXOMSG] §2.2.1.48 to §2.2.1.59

export const PidTagSentRepresentingName = tagged('PidTagSentRepresentingName', 0x0042, 'string')
export const PidTagSentRepresentingAddressType = tagged('PidTagSentRepresentingAddressType', 0x0064, 'string')
export const PidTagSentRepresentingEmailAddress = tagged('PidTagSentRepresentingEmailAddress', 0x0065, 'string')
export const PidTagSentRepresentingSmtpAddress = tagged('PidTagSentRepresentingSmtpAddress', 0x5d02, 'string')
export const PidTagSentRepresentingEntryId = tagged('PidTagSentRepresentingEntryId', 0x0041, 'binary')
export const PidTagSentRepresentingSearchKey = tagged('PidTagSentRepresentingSearchKey', 0x003b, 'binary')
export const PidTagSenderName = tagged('PidTagSenderName', 0x0c1a, 'string')
export const PidTagSenderAddressType = tagged('PidTagSenderAddressType', 0x0c1e, 'string')
export const PidTagSenderEmailAddress = tagged('PidTagSenderEmailAddress', 0x0c1f, 'string')
export const PidTagSenderSmtpAddress = tagged('PidTagSenderSmtpAddress', 0x5d01, 'string')
export const PidTagSenderEntryId = tagged('PidTagSenderEntryId', 0x0c19, 'binary')
export const PidTagSenderSearchKey = tagged('PidTagSenderSearchKey', 0x0c1d, 'binary')
/** FLATENTRYLIST of one-off entry ids. [MS-OXOMSG] §2.2.1.43 */
export const PidTagReplyRecipientEntries = tagged('PidTagReplyRecipientEntries', 0x004f, 'binary')
/** [MS-OXOMSG] §2.2.1.44 */
export const PidTagReplyRecipientNames = tagged('PidTagReplyRecipientNames', 0x0050, 'string')

// Recipients as text. Absent when there are none.

/** [MS-OXOMSG] §2.2.1.9 */
export const PidTagDisplayTo = tagged('PidTagDisplayTo', 0x0e04, 'string')
/** [MS-OXOMSG] §2.2.1.8 */
export const PidTagDisplayCc = tagged('PidTagDisplayCc', 0x0e03, 'string')
/** [MS-OXOMSG] §2.2.1.7 */
export const PidTagDisplayBcc = tagged('PidTagDisplayBcc', 0x0e02, 'string')

// Bodies.

/** [MS-OXCMSG] §2.2.1.58.1 */
export const PidTagBody = tagged('PidTagBody', 0x1000, 'string')
/** Bytes in the code page of PidTagInternetCodepage. [MS-OXCMSG] §2.2.1.58.9 */
export const PidTagHtml = tagged('PidTagHtml', 0x1013, 'binary')
/** 1 plain text, 2 RTF, 3 HTML. [MS-OXCMSG] §2.2.1.58.2 */
export const PidTagNativeBody = tagged('PidTagNativeBody', 0x1016, 'int32')
/** [MS-OXCMSG] §2.2.1.58.6 */
export const PidTagInternetCodepage = tagged('PidTagInternetCodepage', 0x3fde, 'int32')

// The internet's view.

/** [MS-OXOMSG] §2.2.1.61 */
export const PidTagTransportMessageHeaders = tagged('PidTagTransportMessageHeaders', 0x007d, 'string')
/** With angle brackets. [MS-OXOMSG] §2.2.1.12 */
export const PidTagInternetMessageId = tagged('PidTagInternetMessageId', 0x1035, 'string')
/** [MS-OXCMSG] §2.2.1.26 */
export const PidTagInternetReferences = tagged('PidTagInternetReferences', 0x1039, 'string')
/** [MS-OXOMSG] §2.2.1.13 */
export const PidTagInReplyToId = tagged('PidTagInReplyToId', 0x1042, 'string')
/** The content type of an S/MIME message as it stands. [MS-OXOSMIME] §2.1.3.2, [MS-OXCMAIL] §2.1.3.2 */
export const PidNameContentType = named('PidNameContentType', propertySets.internetHeaders, 'Content-Type', 'string')

// What the owner did with it.

/** 0x105 replied, 0x106 forwarded. [MS-OXOMSG] §2.2.1.10 */
export const PidTagIconIndex = tagged('PidTagIconIndex', 0x1080, 'int32')
/** 102 reply, 103 reply to all, 104 forward. [MS-OXOMSG] §2.2.1.14 */
export const PidTagLastVerbExecuted = tagged('PidTagLastVerbExecuted', 0x1081, 'int32')
/** 1 complete, 2 flagged. [MS-OXOFLAG] §2.2.1.1 */
export const PidTagFlagStatus = tagged('PidTagFlagStatus', 0x1090, 'int32')
/** Colour of the flag, 6 red. [MS-OXOFLAG] §2.2.1.2 */
export const PidTagFollowupIcon = tagged('PidTagFollowupIcon', 0x1095, 'int32')
/** 1: it is time-flagged. [MS-OXOFLAG] */
export const PidTagToDoItemFlags = tagged('PidTagToDoItemFlags', 0x0e2b, 'int32')
/** What the flag asks for. [MS-OXOFLAG] §2.2.1.9 */
export const PidLidFlagRequest = named('PidLidFlagRequest', propertySets.common, 0x8530, 'string')
/** True when all attachments are hidden, so that no paper clip is shown. [MS-OXCMSG] §2.2.1.14 */
export const PidLidSmartNoAttach = named('PidLidSmartNoAttach', propertySets.common, 0x8514, 'boolean')
/** Categories. [MS-OXCMSG] §2.2.1.17 */
export const PidNameKeywords = named('PidNameKeywords', propertySets.publicStrings, 'Keywords', 'strings')

// What only the writer of a file knows.

/** What the store, or the file of one message, can hold. [MS-OXCSTOR] §2.2.2.1 */
export const PidTagStoreSupportMask = tagged('PidTagStoreSupportMask', 0x340d, 'int32')
