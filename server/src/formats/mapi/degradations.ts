import type { Degradation } from './message.ts'

/** Everything that can be lost on the way to MAPI, and what a person reads about it. */
const sentences = {
  original_kept: 'The whole message is attached as original.eml.',
  message_empty: 'The message has no bytes.',
  message_without_header: 'The message has no header; all of it is shown as text.',
  header_too_long: 'The header is longer than what is read of it; the rest is in the original.',
  headers_shortened: 'The internet headers are longer than what a property may hold; all of them are in the original.',
  recipients_cut_off: 'There are more recipients than a message may have here; all of them are in the original.',
  several_authors: 'The message has several authors (From); the first is the sender, all are in the internet headers.',
  too_many_parts: 'The message has more parts than are taken apart; the rest is in the original.',
  nested_too_deep: 'Multiparts lie within each other deeper than they are taken apart; the rest is an attachment.',
  embedded_as_file:
    'A message within the message is attached as an EML file, as it lies too deep or there is too much of it.',
  multipart_without_parts: 'A multipart has no parts; it is shown as text or attached as it is.',
  part_with_header:
    'A piece of a message, or a reference to content elsewhere, is attached with the header of its part.',
  part_header_broken: 'The header of a part holds lines that are no header.',
  text_before_first_part: 'There is text before the first part of a multipart; it is in the original only.',
  text_after_last_part: 'There is text behind the last part of a multipart; it is in the original only.',
  body_too_large: 'A text is longer than a body may be here; it is attached as a file.',
  charset_unknown: 'A text names a character set nobody knows; it was read as what it looks like.',
  charset_mismatch: 'A text holds bytes that its character set does not have.',
  nul_removed: 'NUL characters were taken out of a text, since MAPI ends a text at them.',
  base64_with_text: 'There is text among the base64 of a part; it is in the original only.',
  uuencode_with_text: 'There is text around a uuencoded file, or another name in it; it is in the original only.',
  encoding_unknown: 'A part names a transfer encoding nobody knows; it was taken as it is.',
  flag_deleted: 'The message was marked as deleted (IMAP \\Deleted); MAPI has no such mark.',
  answered_and_forwarded: 'The message was answered and forwarded; MAPI keeps one of both, the answer.',
  keywords_cut_off: 'The message has more keywords than categories are kept.',
  smime_as_note: 'An S/MIME message that needs its original attached is a plain note with both.',
  signed_part_kept: 'The part that a signature covers is also attached byte for byte.',
  subject_cut_off: 'The subject is longer than 253 characters; all of it is in the internet headers.',

  // Calendar objects and contacts.
  properties_kept_in_original: 'Properties without a counterpart in MAPI are in the attached original only.',
  value_unreadable: 'A date or number cannot be read; it is in the original only.',
  event_without_start: 'The event has no start; it lies at the time it was last written.',
  end_before_start: 'The event ends before it begins; it was given no length.',
  floating_time: 'The event has a time without a time zone; it was taken by the zone of the calendar.',
  zone_unknown: 'The event names a time zone nobody knows; its times were taken by the zone of the calendar.',
  zone_defined_otherwise:
    'The object defines a time zone otherwise than it is by its name; its times were taken by the name.',
  reminder_not_expressible: 'A reminder is not before the start; MAPI has only those.',
  several_reminders: 'There are several reminders; the first that MAPI can tell is kept.',
  reminder_action: 'A reminder does something else than to show itself; it is a plain reminder.',
  reminder_repeated: 'A reminder repeats itself; it is shown once.',
  attachment_elsewhere: 'An attachment is a part of a message that is not here.',
  attachment_is_link: 'An attachment is an address on the web; it is kept as a link.',
  attachments_cut_off: 'There are more attachments than an item may have here; the rest is in the original.',
  rule_unknown: 'A recurrence rule cannot be read; it is in the original only.',
  series_as_single: 'MAPI has no pattern for this recurrence; its occurrences are single items.',
  series_cut_off:
    'Of a recurrence without a pattern only the first occurrences are here: 1,000 events of three years, 50 tasks of one.',
  leap_day: 'A series is on 29 February; here it is on the last of February in 2100 as well, which is no leap year.',
  series_end_too_far: 'The series ends after more than 20,000 occurrences; it has no end here.',
  dates_as_single: 'Single dates were added to a recurrence (RDATE); they are single items.',
  period_as_date: 'An added date has a length of its own (RDATE with a PERIOD); it has that of the series.',
  start_not_in_rule: 'The first date does not follow the rule of its series; it is a single item.',
  occurrence_cancelled: 'An occurrence is marked as cancelled; it is taken out of the series.',
  occurrence_excluded:
    'An occurrence is changed and taken away as well (EXDATE); what it was changed to is a single item.',
  occurrence_twice: 'An occurrence is changed more than once; the latest change counts, the others are single items.',
  occurrence_moved_far: 'An occurrence was moved onto or beyond the day of another; it is a single appointment.',
  occurrence_marks: 'A changed occurrence has categories or a privacy of its own; MAPI has those of the series.',
  exceptions_cut_off: 'A series has more changed occurrences than are kept; the rest is in the original.',
  range_not_expressible: 'A change holds for all later occurrences (RANGE); here it holds for the one it names.',
  zone_rule_differs:
    'MAPI counts a series by one daylight rule for all its years; occurrences of other years may be shifted.',
  attendee_details: 'Who stands in for whom among the attendees, and what they remarked, is in the original only.',
  recipients_left_out: 'There are more attendees than an item may have here; the rest is in the original.',
  text_shortened: 'A text is longer than its property may be; all of it is in the original.',
  emails_left_out: 'MAPI has three e-mail addresses of a contact; the others are in the original only.',
  phones_left_out: 'MAPI has no more telephone numbers of these kinds; the others are in the original only.',
  addresses_left_out: 'MAPI has one address each for home, work and other; the others are in the original only.',
  photo_elsewhere: 'The photo is an address on the web; it is in the original only.',
  photo_unknown_type: 'The photo is of a type that is not shown; it is in the original only.',
  members_left_out:
    'Members of a group have no e-mail address here, or there are too many; they are in the original only.',
  card_not_whole: 'The contact is cut off or malformed; what could be read is here.',
  no_card: 'The item is no contact; it is attached as it is.',
  calendar_not_whole: 'The calendar object is cut off or malformed; what could be read is here.',
  no_calendar: 'The item is no calendar object that can be shown; it is attached as it is.',
  object_too_large: 'The calendar object or contact is larger than what is read of it; the rest is in the original.',
  series_empty: 'All occurrences of a series were taken away; here it is there once, at its first date.',
  task_times: 'A task begins or is due at a time of the day; MAPI has its day only.',
  task_recurrence: 'A task repeats itself, but has neither start nor due date; here it is there once.',
  task_exceptions: 'A series of tasks has no exceptions in MAPI; it has the dates still that were left out or changed.',
  task_assigned: 'A task has an organizer or attendees; they are in the original only.',
} as const

export type DegradationCode = keyof typeof sentences

/** The codes with their sentences, for the documentation. */
export const degradations: Readonly<Record<DegradationCode, string>> = sentences

export const degradationOf = (code: DegradationCode): Degradation => ({ code, text: sentences[code] })
