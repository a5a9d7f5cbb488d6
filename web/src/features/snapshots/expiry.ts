const dayMs = 86_400_000

/** Whole days until an archive expires; null while that is further off than the warning, and for one that does not. */
export const daysToWarn = (expiresAt: string | null, warningDays: number, nowMs: number): number | null => {
  if (expiresAt === null) return null
  const leftMs = Date.parse(expiresAt) - nowMs
  return leftMs > warningDays * dayMs ? null : Math.max(0, Math.floor(leftMs / dayMs))
}

export const expiryText = (days: number): string =>
  days === 0 ? 'expires within a day' : days === 1 ? 'expires in 1 day' : `expires in ${days} days`

/** `2026-12-24`, the day `days` from now, in UTC. */
export const dayAhead = (days: number, nowMs: number): string =>
  new Date(nowMs + days * dayMs).toISOString().slice(0, 10)

/** The end of a day that is still kept, as an instant; null for what is no day, or is over. */
export const endOfDay = (day: string, nowMs: number): string | null => {
  const startMs = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  return Number.isNaN(startMs) || startMs + dayMs <= nowMs ? null : new Date(startMs + dayMs).toISOString()
}
