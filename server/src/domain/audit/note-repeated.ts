import type { Clock } from '../../ports/clock.ts'
import type { AuditNote, NoteAudit } from './audit-trail.ts'

/** Notes what comes again and again once in a while, so that a flood of it fills no disk. */
export type NoteRepeated = {
  /**
   * The first of its key is noted at once, the others within the time are counted: when it is over, one entry like the last of them has the
   * count as `repeated`. Beyond so many keys at a time it is one count for all that are left.
   */
  note(key: string, note: AuditNote): Promise<void>
  /** Notes what was counted so far. */
  flush(): Promise<void>
}

export type RepeatedRule = {
  readonly everyMs: number
  /** Different ones that are told of within the time. */
  readonly keysAtMost: number
}

type Span = { readonly endsAtMs: number; count: number; last: AuditNote }

export const createNoteRepeated = (
  {
    note,
    clock,
    onError,
  }: { readonly note: NoteAudit; readonly clock: Clock; readonly onError: (error: unknown) => void },
  { everyMs, keysAtMost }: RepeatedRule,
): NoteRepeated => {
  const spans = new Map<string, Span>()
  /** The many that are not told one by one. */
  let rest: Span | null = null
  let timer: NodeJS.Timeout | null = null

  const counted = ({ count, last }: Span): AuditNote => ({ ...last, details: { ...last.details, repeated: count } })
  const countedRest = ({ count, last: { action, outcome } }: Span): AuditNote => ({
    action,
    ...(outcome === undefined ? {} : { outcome }),
    actor: '',
    details: { repeated: count, ofMany: true },
  })

  /** Takes out the spans that end by then and answers what is to be noted of them. */
  const takeOver = (untilMs: number): readonly AuditNote[] => {
    const notes: AuditNote[] = []
    // All are as long, so they end in the order they began.
    for (const [key, span] of spans) {
      if (span.endsAtMs > untilMs) break
      spans.delete(key)
      if (span.count > 0) notes.push(counted(span))
    }
    if (rest !== null && rest.endsAtMs <= untilMs) {
      notes.push(countedRest(rest))
      rest = null
    }
    return notes
  }
  const tell = async (notes: readonly AuditNote[]): Promise<void> => {
    await Promise.all(notes.map((one) => note(one)))
  }
  const tellDue = (): void => {
    tell(takeOver(clock.now().getTime())).catch(onError)
  }
  const tellLater = (): void => {
    timer ??= setTimeout(() => {
      timer = null
      tellDue()
      if (spans.size > 0 || rest !== null) tellLater()
    }, everyMs).unref()
  }

  return {
    note: async (key, given) => {
      tellDue()
      tellLater()
      const span = spans.get(key)
      if (span) {
        span.count++
        span.last = given
        return
      }
      const endsAtMs = clock.now().getTime() + everyMs
      if (spans.size >= keysAtMost) {
        rest ??= { endsAtMs, count: 0, last: given }
        rest.count++
        return
      }
      const mine: Span = { endsAtMs, count: 0, last: given }
      spans.set(key, mine)
      try {
        await note(given)
      } catch (error) {
        // It was not told, so the next one is the first again.
        if (spans.get(key) === mine) spans.delete(key)
        throw error
      }
    },
    flush: async () => {
      if (timer !== null) clearTimeout(timer)
      timer = null
      await tell(takeOver(Number.POSITIVE_INFINITY))
    },
  }
}
