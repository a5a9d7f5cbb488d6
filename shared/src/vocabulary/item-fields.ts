/**
 * What of an item can be listed and searched: taken from the header of a message, from a calendar object or a vCard.
 * All text is decoded Unicode without control characters; what is missing is '' or null.
 */
export type ItemFields = {
  /** Subject, SUMMARY, FN. */
  readonly title: string
  /** From (or Sender); ORGANIZER. */
  readonly from: string
  /** To and Cc; attendees; e-mail addresses of a contact. Separated by ', '. */
  readonly to: string
  /** Date header, DTSTART, as ISO 8601 in UTC (a bare date for all-day events). */
  readonly date: string | null
  /** DTEND or DUE. */
  readonly endDate: string | null
  /** LOCATION; postal addresses of a contact. */
  readonly place: string
  /** Telephone numbers of a contact. */
  readonly phone: string
  /** ORG of a contact. */
  readonly company: string
  /** Keywords, CATEGORIES. */
  readonly categories: string
  readonly hasAttachment: boolean
  /** Message-ID without angle brackets; UID of a calendar object or vCard. */
  readonly uniqueId: string | null
  /** VEVENT, VTODO, VJOURNAL, VFREEBUSY; null for messages and contacts. */
  readonly component: string | null
  /** False when the bytes are not what they should be (no header at all, no VCALENDAR, no VCARD). */
  readonly isWellFormed: boolean
}
