import { expect, it } from 'vitest'
import { PidTagBody, PidTagMessageClass, PidTagSubject } from '../../../formats/mapi/properties-message.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectMail } from './project-mail.ts'

it('makes a note of a plain text message', async () => {
  const raw = rawItemOf(Buffer.from('From: a@x.example\r\nTo: b@x.example\r\nSubject: Hello\r\n\r\nHow are you?\r\n'))
  const { message, degraded } = await projectMail(
    raw,
    { flags: [], receivedAtMs: 1_700_000_000_000 },
    new AbortController().signal,
  )
  expect(degraded).toEqual([])
  expect(message.properties.get(PidTagMessageClass)).toBe('IPM.Note')
  expect(message.properties.get(PidTagSubject)).toBe('Hello')
  expect(message.properties.get(PidTagBody)).toBe('How are you?\r\n')
  expect(message.recipients).toHaveLength(1)
})
