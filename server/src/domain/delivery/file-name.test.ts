import { OrganizationId, SnapshotId } from '@stillbox/shared/vocabulary/ids.ts'
import { defaultPathTemplate, PathTemplate } from '@stillbox/shared/vocabulary/path-template.ts'
import { expect, test } from 'vitest'
import { remoteNameOf } from './file-name.ts'

const snapshotId = SnapshotId.parse('3f0d2c1e-6f0a-4d0b-9c52-0f8a4be1c7d2')
const snapshot = {
  snapshotId,
  organization: OrganizationId.parse('sample'),
  userName: 'anna@sample.example',
  createdAt: '2026-11-21T23:59:59.999Z',
  type: ['mailbox' as const, 'calendar' as const],
}
const nameOf = (template: string, given: Partial<typeof snapshot> = {}) =>
  remoteNameOf(PathTemplate.parse(template), { ...snapshot, ...given })

test('the usual template', () => {
  expect(nameOf(defaultPathTemplate)).toEqual({
    folders: [],
    name: `anna@sample.example 2026-11-21 mailbox+calendar ${snapshotId}.zip`,
  })
})

test('folders', () => {
  expect(nameOf('in/{organization}/{date}/{userName}-{type}.zip')).toEqual({
    folders: ['in', 'sample', '2026-11-21'],
    name: 'anna@sample.example-mailbox+calendar.zip',
    partName: `anna@sample.example-mailbox+calendar.zip.${snapshotId}.part`,
  })
})

test.each([
  ['../../etc/passwd', '___.._etc_passwd'],
  ['..', '__'],
  ['.', '_'],
  ['', '_'],
  ['/', '_'],
  ['a/b\\c', 'a_b_c'],
  ['a\u0000b\nc', 'a_b c'],
  ['CON', '_CON'],
  ['{userName}', '{userName}'],
  ['{snapshotId}/..', '{snapshotId}_'],
  ['gpj\u202eexe', 'gpjexe'],
])('a user called %j makes one segment', (userName, segment) => {
  for (const template of ['{userName}', '{userName}/x', 'x/{userName}']) {
    const { folders, name } = nameOf(template, { userName })
    const segments = [...folders, name]
    expect(segments).toHaveLength(template.split('/').length)
    for (const one of segments) expect(one).not.toMatch(/^\.{0,2}$|[/\p{Cc}]/u)
    expect(segments.find((one) => one !== 'x')).toBe(segment)
  }
})

test('nothing is longer than a file system takes, and what tells snapshots apart stays', () => {
  for (const userName of ['x'.repeat(320), '日本'.repeat(160), '👩‍👩‍👧‍👦'.repeat(20)]) {
    const all = nameOf(defaultPathTemplate, { userName })
    expect(Buffer.byteLength(all.name)).toBeLessThanOrEqual(250)
    expect(all.name).toContain(snapshotId)
    const many = nameOf('{userName}{userName}{userName}.zip/{userName}{userName}{userName}.zip', { userName })
    expect(Buffer.byteLength(many.partName!)).toBeLessThanOrEqual(255)
    expect(many.partName!.endsWith(`.${snapshotId}.part`)).toBe(true)
    for (const one of [...many.folders, many.name]) {
      expect(Buffer.byteLength(one)).toBeLessThanOrEqual(250)
      expect(one.endsWith('.zip')).toBe(true)
      expect(one.isWellFormed()).toBe(true)
    }
  }
})

test('what a template itself says stays, but for blanks around it', () => {
  expect(nameOf('.in / a:b {date} ')).toMatchObject({ folders: ['.in'], name: 'a:b 2026-11-21' })
  expect(nameOf(`a/ /{date}`)).toMatchObject({ folders: ['a', '_'], name: '2026-11-21' })
})

test('a name that another snapshot may have is not the one it is uploaded under', () => {
  for (const template of ['{userName}.zip', '{date}/{userName}-{type}.zip'])
    expect(nameOf(template).partName).toContain(snapshotId)
  for (const template of ['{snapshotId}', '{snapshotId}/{userName}.zip'])
    expect(nameOf(template)).not.toHaveProperty('partName')
})
