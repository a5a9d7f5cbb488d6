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
export const projectItem = async (
  { record, folder, raw }: ExportItem,
  { manifest, findMember, signal }: Pick<ExportTarget, 'manifest' | 'findMember' | 'signal'>,
): Promise<readonly Projected[]> => {
  if (record.kind === 'calendar') {
    const { userName } = manifest.subject
    return projectCalendar(raw, signal, { userName, timezone: folder.properties.timezone, floatingZone: zoneHere() })
  }
  if (record.kind === 'contact') return projectContact(raw, signal, findMember)
  const receivedAtMs = record.internalDate === undefined ? null : Date.parse(record.internalDate)
  return [await projectMail(raw, { flags: record.flags ?? [], receivedAtMs }, signal)]
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
  all: readonly Projected[],
  write: (projected: Projected, index: number) => Promise<readonly Degradation[]>,
): Promise<ItemOutcome> => {
  if (all.length === 0) return { outcome: 'skipped', code: 'malformed', text: 'There is nothing in it to be written.' }
  /** By code; what is said of one item must not take the place of what was said of another. */
  const degraded = new Map<string, string[]>()
  const refused: Degradation[] = []
  for (const [index, projected] of all.entries())
    try {
      const more = await write(projected, index)
      for (const { code, text } of [...projected.degraded, ...more]) {
        const texts = degraded.get(code) ?? []
        if (!texts.includes(text) && texts.length < maxTexts) texts.push(text)
        degraded.set(code, texts)
      }
    } catch (error) {
      if (!isAppError(error, 'export_too_large', 'too_large')) throw error
      refused.push({ code: 'too_large', text: 'It is larger than the format can hold.' })
    }
  if (refused.length === all.length) return { outcome: 'skipped', ...refused[0]! }
  const told = [...degraded].map(([code, texts]) => ({ code, text: joined(texts) }))
  return { outcome: 'written', degraded: [...told, ...refused.slice(0, 1)] }
}
