import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type IPSTAppointment, type IPSTMessage, type IPSTTask, openPstFile } from '@hiraokahypertools/pst-extractor'
import { ExportRemark, ExportReport } from '@stillbox/shared/vocabulary/export-report.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { composeExport } from '../../src/compose-export.ts'
import { type ReadObject, readMsg } from '../../testkit/read-msg.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { captureArchive } from '../doubles/scripted-archive.ts'
import { type ScriptedItem, scriptedFolder } from '../doubles/scripted-readers.ts'
import { checkFile, clean } from '../pst/check-file.ts'
import { decodeTaskRecurrence, occurrencesOf } from './decode-recurrence.ts'

const run = promisify(execFile)

const calendarItem = (name: string, lines: readonly string[]): ScriptedItem => ({
  ref: `/dav/Work/${name}.ics`,
  text: ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n'),
})
const card = (ref: string, ...lines: readonly string[]): ScriptedItem => ({
  ref,
  text: ['BEGIN:VCARD', 'VERSION:4.0', ...lines, 'END:VCARD', ''].join('\r\n'),
})
const uuid = (no: number): string => `03a0e51f-d1aa-4385-8a53-e2902505000${no}`

const objects = [
  calendarItem('meeting', [
    'BEGIN:VEVENT',
    'UID:meeting',
    'SUMMARY:Meeting',
    'DTSTART:20260701T100000Z',
    'ORGANIZER:mailto:bo@example.org',
    // The archive is that of the user "anna".
    'ATTENDEE;PARTSTAT=TENTATIVE:mailto:anna@example.org',
    'END:VEVENT',
  ]),
  calendarItem('task', [
    'BEGIN:VTODO',
    'UID:task',
    'SUMMARY:Task',
    'DTSTART;VALUE=DATE:20260706',
    'DUE;VALUE=DATE:20260707',
    'RRULE:FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3',
    'END:VTODO',
  ]),
  calendarItem('journal', [
    'BEGIN:VJOURNAL',
    'UID:journal',
    'SUMMARY:Journal',
    'DTSTART;VALUE=DATE:20260701',
    'END:VJOURNAL',
  ]),
  calendarItem('note', ['BEGIN:VJOURNAL', 'UID:note', 'SUMMARY:Note', 'END:VJOURNAL']),
  // Two of one UID: each loses something, and both have to be told.
  calendarItem('series', [
    'BEGIN:VEVENT',
    'UID:series',
    'SUMMARY:Series',
    'DTSTART:20260701T100000Z',
    'RRULE:FREQ=DAILY;COUNT=3',
    'GEO:1;2',
    'END:VEVENT',
    'BEGIN:VEVENT',
    'UID:series',
    'DTSTART:20260702T100000Z',
    'RECURRENCE-ID:20260702T100000Z',
    'CONTACT:Bo',
    'END:VEVENT',
  ]),
  calendarItem('day', ['BEGIN:VEVENT', 'UID:day', 'SUMMARY:Day', 'DTSTART;VALUE=DATE:20260701', 'END:VEVENT']),
]
// No machine that runs this is there.
const collection = { properties: { timezone: 'Pacific/Chatham' } }
const friends = [
  // Before its members in the order of the archive.
  card(
    '/dav/Friends/a.vcf',
    'UID:group',
    'KIND:group',
    'FN:Team',
    ...[1, 2, 3, 4].map((no) => `MEMBER:urn:uuid:${uuid(no)}`),
    'MEMBER:mailto:direct@example.org',
  ),
  card('/dav/Friends/b.vcf', `UID:urn:uuid:${uuid(1).toUpperCase()}`, 'FN:Bo Ek', 'EMAIL:bo@example.org'),
  card('/dav/Friends/c.vcf', `UID:${uuid(3)}`, 'FN:Without address'),
]
const elsewhere = [card('/dav/Others/z.vcf', `UID:${uuid(2)}`, 'FN:Cy', 'EMAIL;PREF=1:cy@example.org')]

const WholeReport = ExportReport.extend({ items: z.array(ExportRemark) })
const taskSet = '{00062003-0000-0000-c000-000000000046}'
const appointmentSet = '{00062002-0000-0000-c000-000000000046}'
const addressSet = '{00062004-0000-0000-c000-000000000046}'

/** Of one-off entry identifiers ([MS-OXCDATA] §2.2.5.1). */
const membersOf = (entryIds: readonly Uint8Array[]): string[] =>
  entryIds.map((id) => Buffer.from(id.subarray(24)).toString('utf16le').split('\0').slice(0, 3).join(' '))
const members = ['Bo Ek SMTP bo@example.org', 'Cy SMTP cy@example.org', 'direct@example.org SMTP direct@example.org']
const dueDays = ['2026-07-07', '2026-07-10', '2026-07-14']
const daysOf = (blob: Uint8Array): string[] =>
  occurrencesOf(decodeTaskRecurrence(blob), 9).map((ms) => new Date(ms).toISOString().slice(0, 10))

describe('calendar objects and contacts of an archive', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let archive: Awaited<ReturnType<typeof captureArchive>>
  beforeAll(async () => {
    folder = await ownFolder('objects')
    archive = await captureArchive(folder.path, 'archive', [
      scriptedFolder('calendar', ['Work'], objects, collection),
      scriptedFolder('contact', ['Friends'], friends),
      scriptedFolder('contact', ['Others'], elsewhere),
    ])
  })
  afterAll(() => folder.remove())

  const exported = async (format: 'pst' | 'msg', only: string | null = null) => {
    const workFolder = join(folder.path, `${format} ${only ?? ''}`)
    await mkdir(workFolder)
    const order = { format, folder: only, words: null, maxGb: null } as const
    const needs = { order, archivePath: archive.archivePath, fullTextPath: null, workFolder }
    await composeExport(needs, () => {}, new AbortController().signal)
    const out = join(workFolder, 'out')
    const report = WholeReport.parse(JSON.parse(await readFile(join(out, 'export-report.json'), 'utf8')))
    const name = (await readdir(out)).find((one) => /\.(?:pst|zip)$/.test(one))!
    return { report, path: join(out, name) }
  }

  test('are read from a PST by another library', async () => {
    const { path, report } = await exported('pst')
    expect(await checkFile(path)).toEqual(clean(objects.length + friends.length + elsewhere.length))
    expect(report.items.map(({ entry, code, text }) => [entry, code, text.replace(/^[^(]*/, '')])).toEqual([
      ['calendar/Work/series.ics', 'properties_kept_in_original', '(GEO) (CONTACT)'],
      ['contacts/Friends/a.vcf', 'members_left_out', '(2)'],
    ])
    const file = await openPstFile(path)
    try {
      const found = new Map<string, IPSTMessage>()
      const places = new Map<string, string>()
      const readFolder = async (at: Awaited<ReturnType<typeof file.getRootFolder>>): Promise<void> => {
        for (const item of await at.getEmails()) {
          found.set(item.subject, item)
          places.set(item.subject, `${at.containerClass} of ${item.messageClass}`)
        }
        for (const child of await at.getSubFolders()) await readFolder(child)
      }
      await readFolder(await file.getRootFolder())
      // Outlook shows what a folder holds by the class of the folder.
      expect(['Day', 'Task', 'Journal', 'Note', 'Team'].map((subject) => places.get(subject))).toEqual([
        'IPF.Appointment of IPM.Appointment',
        'IPF.Task of IPM.Task',
        'IPF.Journal of IPM.Activity',
        'IPF.StickyNote of IPM.StickyNote',
        'IPF.Contact of IPM.DistList',
      ])
      const meeting = found.get('Meeting') as IPSTAppointment
      expect(meeting.responseStatus).toBe(2)
      const task = found.get('Task') as IPSTTask
      expect(task.isTaskRecurring).toBe(true)
      expect(task.taskRecurrencePattern).toMatchObject({ period: 1, occurrenceCount: 3, firstDOW: 2 })
    } finally {
      file.close()
    }
  })

  test('are read from MSG files by another library', async () => {
    const { path } = await exported('msg')
    await run('unzip', ['-q', path, '-d', join(folder.path, 'msg-files')])
    const files = (await readdir(join(folder.path, 'msg-files'), { recursive: true })).filter((one) =>
      one.endsWith('.msg'),
    )
    expect(files).toHaveLength(objects.length + friends.length + elsewhere.length)
    const bySubject = new Map<unknown, ReadObject>()
    for (const name of files) {
      const item = readMsg(await readFile(join(folder.path, 'msg-files', name)))
      bySubject.set(item.properties.get('0037')?.value, item)
    }
    const stored = (subject: string, key: string) => bySubject.get(subject)?.properties.get(key)?.value
    expect(stored('Meeting', `${appointmentSet} 8217`)).toBe(3)
    expect(stored('Meeting', `${appointmentSet} 8218`)).toBe(2)
    const since1601 = BigInt(Date.UTC(2026, 5, 30, 11, 15) - Date.UTC(1601, 0, 1)) * 10_000n
    expect(stored('Day', `${appointmentSet} 820D`)).toBe(since1601)
    expect(daysOf(stored('Task', `${taskSet} 8116`) as Uint8Array)).toEqual(dueDays)
    expect(membersOf(stored('Team', `${addressSet} 8055`) as Uint8Array[])).toEqual(members)
    expect(membersOf(stored('Team', `${addressSet} 8054`) as Uint8Array[])).toEqual(members)
  })

  test('find members of a group in folders that are not asked for', async () => {
    const { report } = await exported('msg', 'Friends')
    expect(report.counts).toMatchObject({ written: friends.length, notAsked: objects.length + elsewhere.length })
    expect(report.items.map(({ text }) => text.slice(-3))).toEqual(['(2)'])
  })
})
