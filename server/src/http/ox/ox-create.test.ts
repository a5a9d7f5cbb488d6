import { afterEach, describe, expect, test } from 'vitest'
import {
  formType,
  jsonType,
  startTestService,
  type TestService,
  testSnapshot,
} from '../../../test/doubles/http-service.ts'
import { createOxClient } from '../../../test/doubles/ox-client.ts'

let service: TestService
afterEach(() => service.close())

const prefixes = ['', '/v1']
const id = testSnapshot.snapshotId
const json = 'application/json; charset=utf-8'
const fingerprint = '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48'
const ssh = { host: 'upload.example.org', port: 22, username: 'ox', path: '/data/in', fingerprint }
const mailbox = {
  username: '1234567',
  type: 'mailbox',
  action: 'scp',
  start: '2016-11-01T00:00:00Z',
  end: '2016-12-01T00:00:00Z',
  ssh,
}
const contacts = { username: '1234567', type: 'contacts', action: 'download' }

const { call, create } = createOxClient(() => service.url)
const start = async (options: Parameters<typeof startTestService>[0] = {}) => {
  service = await startTestService(options)
}
const created = () => service.calls.filter(({ method }) => method === 'CreateSnapshot').map(({ params }) => params)

describe('create', () => {
  test.each(prefixes)('the published example, at %s/intercept/snapshots', async (prefix) => {
    await start({
      snapshot: {
        userName: '1234567',
        type: ['mailbox'],
        action: 'scp',
        start: '2016-11-01T00:00:00.000Z',
        end: '2016-12-01T00:00:00.000Z',
        state: 'pending',
        createdAt: '2016-12-14T10:00:00.250Z',
      },
    })
    const answer = await create(mailbox, `${prefix}/intercept/snapshots`)
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('location')]).toEqual([
      200,
      json,
      `${prefix}/intercept/snapshots/${id}`,
    ])
    expect(answer.body).toEqual({
      snapshotId: id,
      username: '1234567',
      type: 'MAILBOX',
      action: 'SCP',
      status: 'pending',
      lastChanged: 1_481_709_600_250,
    })
    expect(service.calls.find(({ method }) => method === 'CreateSnapshot')?.caller).toBe('olga')
    expect(created()).toEqual([
      {
        userName: '1234567',
        type: ['mailbox'],
        action: 'scp',
        start: '2016-11-01T00:00:00.000Z',
        end: '2016-12-01T00:00:00.000Z',
        ssh,
      },
    ])
  })

  test('answers pending even where the job was quicker', async () => {
    await start({ snapshot: { state: 'dumping' } })
    const { body } = await create(contacts)
    expect(body).toMatchObject({ status: 'pending', lastChanged: Date.parse(testSnapshot.createdAt) })
  })

  test.each([
    ['MAILBOX', 'mailbox'],
    ['Mailbox', 'mailbox'],
    ['mailBox', 'mailbox'],
    ['CALENDAR', 'calendar'],
    ['Calendar', 'calendar'],
    ['calendar', 'calendar'],
    ['CONTACTS', 'contacts'],
    ['cOnTaCtS', 'contacts'],
    [' contacts ', 'contacts'],
  ])('type %j is %s', async (type, ours) => {
    await start()
    expect((await create({ ...mailbox, action: 'download', type })).status).toBe(200)
    expect(created()).toMatchObject([{ type: [ours] }])
  })

  test.each([
    ['DOWNLOAD', 'download'],
    ['Download', 'download'],
    ['SCP', 'scp'],
    ['sCp', 'scp'],
    ['SFTP', 'sftp'],
    ['sftp', 'sftp'],
  ])('action %j is %s', async (action, ours) => {
    await start()
    expect((await create({ ...contacts, action, ssh })).status).toBe(200)
    expect(created()).toEqual([
      { userName: '1234567', type: ['contacts'], action: ours, ...(ours === 'download' ? {} : { ssh }) },
    ])
  })

  test('what a client leaves out may be null, and what it does not set itself is ignored', async () => {
    await start()
    const answer = await create({
      ...contacts,
      start: null,
      end: null,
      ssh: null,
      organization: null,
      snapshotId: 'mine',
      status: 'available',
      lastChanged: 1,
      more: {},
    })
    expect(answer.status).toBe(200)
    expect(created()).toEqual([{ userName: '1234567', type: ['contacts'], action: 'download' }])
  })

  test('the organization and the user’s own password go with it', async () => {
    await start()
    await create({ ...contacts, organization: 'sample', password: ' hush ' })
    expect(created()).toEqual([
      { userName: '1234567', type: ['contacts'], action: 'download', organization: 'sample', password: ' hush ' },
    ])
    expect(JSON.stringify(service.logLines)).not.toMatch(/hush|1234567/)
  })

  test.each([
    ['no body', '', /not JSON/],
    ['broken JSON', '{', /not JSON/],
    ['a list', '[]', /a JSON object with username, type and action/],
    ['null', 'null', /a JSON object with username, type and action/],
    ['nothing in it', '{}', /username is missing; type is missing; action is missing/],
    ['no user name', { ...contacts, username: undefined }, /^username is missing/],
    ['an empty user name', { ...contacts, username: ' ' }, /username is empty/],
    ['a user name that is none', { ...contacts, username: 1234567 }, /username is a string/],
    ['a time as a number', { ...mailbox, start: 1_477_958_400_000 }, /^start: is not text\.$/],
    ['an organization as a list', { ...contacts, organization: ['a'] }, /^organization: is not text\.$/],
    ['a user name with a line break', { ...contacts, username: 'a\r\nb' }, /control characters/],
    ['an overlong user name', { ...contacts, username: 'a'.repeat(321) }, /at most 320 characters/],
    ['another type', { ...contacts, type: 'tasks' }, /type is one of mailbox, calendar, contacts/],
    ['several types', { ...contacts, type: ['mailbox', 'contacts'] }, /type is a string/],
    ['another action', { ...contacts, action: 'ftp' }, /action is one of download, sftp, scp/],
    ['mail without bounds', { ...contacts, type: 'mailbox' }, /start is required .*end is required/],
    ['mail without an end', { ...mailbox, end: undefined }, /end is required/],
    ['bounds in disorder', { ...mailbox, start: mailbox.end, end: mailbox.start }, /end must be later than start/],
    ['a day that is none', { ...mailbox, start: '2016-02-30T00:00:00Z' }, /start: not a date/],
    ['an organization that cannot be', { ...contacts, organization: 'A B' }, /organization/],
    ['scp without ssh', { ...mailbox, ssh: undefined }, /ssh is missing/],
    ['sftp with null', { ...mailbox, action: 'SFTP', ssh: null }, /ssh is missing/],
    ['ssh as text', { ...mailbox, ssh: 'ox@upload.example.org' }, /ssh is an object with host/],
    ['an empty ssh', { ...mailbox, ssh: {} }, /ssh.host is missing; ssh.username is missing; ssh.path is missing; /],
  ])('%s is refused', async (_, body, words) => {
    await start()
    const answer = await call(
      'POST',
      '/intercept/snapshots',
      jsonType,
      typeof body === 'string' ? body : JSON.stringify(body),
    )
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, json])
    expect((answer.body as { error: string }).error).toMatch(words)
    expect(created()).toEqual([])
  })

  test('a body that is not said to be JSON is refused', async () => {
    await start()
    for (const headers of [formType, { 'content-type': 'text/plain' }]) {
      const answer = await call('POST', '/intercept/snapshots', headers, JSON.stringify(contacts))
      expect(answer).toMatchObject({ status: 400, body: { error: expect.stringMatching(/as application\/json/) } })
    }
    expect(created()).toEqual([])
  })
})
