import { isAppError } from '@stillbox/shared/errors/app-error.ts'
import type { Degradation, Projected } from '../../formats/mapi/message.ts'
import type { ExportItem, ExportTarget, ItemOutcome } from './export-writer.ts'
import { projectCalendar } from './mapi/project-calendar.ts'
import { projectContact } from './mapi/project-contact.ts'
import { projectMail } from './mapi/project-mail.ts'

/**
 * For days and times that name no zone: where the export runs, most people's clocks show the same. Outlook keeps a whole day as an instant, so that
 * of another zone would begin on the day before.
 */
const zoneHere = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone

/** What an item is in MAPI: one message, or for a calendar object or vCard with several in it as many. */
export async function* projectItem(
  { record, folder, raw }: ExportItem,
  { manifest, findMember, signal }: Pick<ExportTarget, 'manifest' | 'findMember' | 'signal'>,
): AsyncGenerator<Projected> {
  if (record.kind === 'calendar') {
    const { userName } = manifest.subject
    yield* projectCalendar(raw, signal, { userName, timezone: folder.properties.timezone, floatingZone: zoneHere() })
    return
  }
  if (record.kind === 'contact') {
    yield* await projectContact(raw, signal, findMember)
    return
  }
  const receivedAtMs = record.internalDate === undefined ? null : Date.parse(record.internalDate)
  yield await projectMail(raw, { flags: record.flags ?? [], receivedAtMs }, signal)
}

const maxTexts = 20

/** One sentence with the details of all: those of one code differ in what stands in brackets behind it. */
const joined = ([first = '', ...others]: readonly string[]): string =>
  [first, ...others.map((text) => /\([^()]*\)$/.exec(text)?.[0] ?? text)].join(' ')

/**
 * Writes all that an item is, one after the other. What is too large for the format is told; the item counts as skipped only if nothing of it
 * was written.
 */
export const writeProjected = async (
  all: AsyncIterable<Projected>,
  write: (projected: Projected, index: number) => Promise<readonly Degradation[]>,
): Promise<ItemOutcome> => {
  /** By code; what is said of one item must not take the place of what was said of another. */
  const degraded = new Map<string, string[]>()
  const refused: Degradation[] = []
  let count = 0
  for await (const projected of all)
    try {
      const more = await write(projected, count++)
      for (const { code, text } of [...projected.degraded, ...more]) {
        const texts = degraded.get(code) ?? []
        if (!texts.includes(text) && texts.length < maxTexts) texts.push(text)
        degraded.set(code, texts)
      }
    } catch (error) {
      if (!isAppError(error, 'export_too_large', 'too_large')) throw error
      refused.push({ code: 'too_large', text: 'It is larger than the format can hold.' })
    }
  if (count === 0) return { outcome: 'skipped', code: 'malformed', text: 'There is nothing in it to be written.' }
  if (refused.length === count) return { outcome: 'skipped', ...refused[0]! }
  const told = [...degraded].map(([code, texts]) => ({ code, text: joined(texts) }))
  return { outcome: 'written', degraded: [...told, ...refused.slice(0, 1)] }
}
