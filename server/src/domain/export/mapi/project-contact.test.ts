import { describe, expect, it } from 'vitest'
import {
  emailSlots,
  homeAddress,
  mailingAddress,
  PidLidFileUnder,
  PidTagGivenName,
  PidTagMobileTelephoneNumber,
  PidTagSurname,
} from '../../../formats/mapi/properties-contact.ts'
import { PidTagMessageClass, PidTagSubject } from '../../../formats/mapi/properties-message.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectContact } from './project-contact.ts'

const signal = new AbortController().signal
const contactOf = async (lines: readonly string[], version = '3.0') => {
  const text = ['BEGIN:VCARD', `VERSION:${version}`, ...lines, 'END:VCARD', ''].join('\r\n')
  const projected = await projectContact(rawItemOf(Buffer.from(text)), signal)
  expect(projected).toHaveLength(1)
  return { ...projected[0]!, properties: projected[0]!.message.properties }
}

describe('contacts', () => {
  it('makes a contact of a plain vCard 3', async () => {
    const { properties, degraded, message } = await contactOf([
      'N:Müller;Åsa;;Dr.;',
      'FN:Dr. Åsa Müller',
      'EMAIL;TYPE=INTERNET:asa@example.org',
      'TEL;TYPE=CELL:+49 151 1',
      'ADR;TYPE=HOME:;;Ringstraße 1;Wien;;1010;Österreich',
    ])
    expect(properties.get(PidTagMessageClass)).toBe('IPM.Contact')
    expect(properties.get(PidTagSubject)).toBe('Dr. Åsa Müller')
    expect(properties.get(PidTagSurname)).toBe('Müller')
    expect(properties.get(PidTagGivenName)).toBe('Åsa')
    expect(properties.get(PidLidFileUnder)).toBe('Müller, Åsa')
    expect(properties.get(emailSlots[0].address)).toBe('asa@example.org')
    expect(properties.get(PidTagMobileTelephoneNumber)).toBe('+49 151 1')
    expect(properties.get(homeAddress.city)).toBe('Wien')
    expect(properties.get(mailingAddress.postalCode)).toBe('1010')
    expect(degraded).toEqual([])
    expect(message.attachments).toEqual([])
  })
})
