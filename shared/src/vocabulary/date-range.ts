import { z } from 'zod'

/**
 * An instant in ISO 8601, in UTC when it names no zone, kept as the ISO string with milliseconds and `Z`.
 * A bare date is its midnight in UTC.
 */
export const Instant = z
  .string()
  .trim()
  .transform((text, context) => {
    const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
      text,
    )
    const date = match && new Date(`${match[1]}T${match[2] ?? '00:00'}${(match[3] ?? 'Z').toUpperCase()}`)
    // Date rolls 31 February over to March; a date that does not come back as it went in does not exist.
    const exists =
      match &&
      !Number.isNaN(Date.parse(`${match[1]}T00:00Z`)) &&
      new Date(`${match[1]}T00:00Z`).toISOString().startsWith(match[1]!)
    const iso = date && exists && !Number.isNaN(date.getTime()) ? date.toISOString() : ''
    // Of the years 1 to 9999 alone: others are written with a sign, so that texts no longer compare as times do, and PostgreSQL has no year 0.
    if (/^(?!0000)\d{4}-/.test(iso)) return iso
    context.addIssue({ code: 'custom', message: 'not a date: write it as 2026-01-31 or 2026-01-31T08:30:00Z (UTC)' })
    return z.NEVER
  })
export type Instant = z.output<typeof Instant>

/** Messages received at or after `start` and before `end` (INTERNALDATE, RFC 9051 §2.3.3). */
export type DateRange = { readonly start: string; readonly end: string }

export const isWithin = (range: DateRange, receivedAtMs: number): boolean =>
  receivedAtMs >= Date.parse(range.start) && receivedAtMs < Date.parse(range.end)
