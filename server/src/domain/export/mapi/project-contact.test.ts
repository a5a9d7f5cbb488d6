import { describe, expect, it } from 'vitest'
import { PidTagAttachLongFilename, PidTagAttachmentContactPhoto } from '../../../formats/mapi/properties-attachment.ts'
import * as c from '../../../formats/mapi/properties-contact.ts'
import {
  PidNameKeywords,
  PidTagBody,
  PidTagLastModificationTime,
  PidTagMessageClass,
  PidTagSubject,
} from '../../../formats/mapi/properties-message.ts'
import type { Property } from '../../../formats/mapi/property.ts'
import { rawItemOf } from '../raw-item.ts'
import { projectContact } from './project-contact.ts'
import type { FindMember } from './project-group.ts'

const signal = new AbortController().signal
const jpeg = Buffer.from('ffd8ffe000104a464946', 'hex')

const contactOf = async (lines: readonly string[], version = '3.0', findMember?: FindMember) => {
  const text = ['BEGIN:VCARD', `VERSION:${version}`, ...lines, 'END:VCARD', ''].join('\r\n')
  const projected = await projectContact(rawItemOf(Buffer.from(text)), signal, findMember)
  expect(projected).toHaveLength(1)
  const { message, degraded } = projected[0]!
  const names = message.attachments.map(({ properties }) => properties.get(PidTagAttachLongFilename))
  return { message, properties: message.properties, codes: degraded.map(({ code }) => code), degraded, names }
}

describe('contacts', () => {
  it('makes a contact of a plain vCard 3', async () => {
    const { properties, codes, names } = await contactOf([
      'N:Müller;Åsa;;Dr.;',
      'FN:Dr. Åsa Müller',
      'EMAIL;TYPE=INTERNET:asa@example.org',
      'TEL;TYPE=CELL:+49 151 1',
      'ADR;TYPE=HOME:;;Ringstraße 1;Wien;;1010;Österreich',
      'REV:20260102T030405Z',
    ])
    expect(properties.get(PidTagMessageClass)).toBe('IPM.Contact')
    expect(properties.get(PidTagSubject)).toBe('Dr. Åsa Müller')
    expect(properties.get(c.PidLidFileUnder)).toBe('Müller, Åsa')
    expect(properties.get(c.emailSlots[0].address)).toBe('asa@example.org')
    expect(properties.get(c.emailSlots[0].displayName)).toBe('Dr. Åsa Müller (asa@example.org)')
    expect(properties.get(c.PidLidAddressBookProviderEmailList)).toEqual([0])
    expect(properties.get(c.mailingAddress.postalCode)).toBe('1010')
    expect(properties.get(c.PidLidPostalAddressId)).toBe(1)
    expect(properties.get(PidTagLastModificationTime)).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
    expect(codes).toEqual([])
    expect(names).toEqual([])
  })

  it.each<[line: string, property: Property<'string'>, value: string]>([
    ['N:Family;Given;Mid,dle;Prof.;Jr.', c.PidTagMiddleName, 'Mid dle'],
    ['N:Family;Given;Mid;Prof.;Jr.', c.PidTagGeneration, 'Jr.'],
    ['N:Family;Given;Mid;Prof.;Jr.', c.PidTagDisplayNamePrefix, 'Prof.'],
    ['NICKNAME:Joe\\, Jo', c.PidTagNickname, 'Joe, Jo'],
    ['ORG:ACME\\, Inc.;Sales;North', c.PidTagCompanyName, 'ACME, Inc.'],
    ['ORG:ACME;Sales;North', c.PidTagDepartmentName, 'Sales, North'],
    ['TITLE:Head', c.PidTagTitle, 'Head'],
    ['ROLE:Carpenter', c.PidTagProfession, 'Carpenter'],
    ['X-PHONETIC-FIRST-NAME:タロウ', c.PidLidYomiFirstName, 'タロウ'],
    ['TEL;TYPE=WORK,VOICE:1', c.PidTagBusinessTelephoneNumber, '1'],
    ['TEL;TYPE="home,voice":2', c.PidTagHomeTelephoneNumber, '2'],
    ['TEL;HOME;FAX:3', c.PidTagHomeFaxNumber, '3'],
    ['TEL;TYPE=fax;TYPE=work:4', c.PidTagBusinessFaxNumber, '4'],
    ['TEL;VALUE=uri;TYPE=cell:tel:+1-5', c.PidTagMobileTelephoneNumber, '+1-5'],
    ['TEL:6', c.PidTagOtherTelephoneNumber, '6'],
    ['TEL;TYPE=pager:7', c.PidTagPagerTelephoneNumber, '7'],
    ['item1.TEL:8\r\nitem1.X-ABLabel:_$!<Assistant>!$_', c.PidTagAssistantTelephoneNumber, '8'],
    ['URL;TYPE=work:https://example.org', c.PidTagBusinessHomePage, 'https://example.org'],
    ['URL;TYPE=home:https://example.org', c.PidTagPersonalHomePage, 'https://example.org'],
    ['IMPP:xmpp:a@example.org', c.PidLidInstantMessagingAddress, 'a@example.org'],
    ['RELATED;TYPE=spouse;VALUE=text:Kim', c.PidTagSpouseName, 'Kim'],
    ['X-EVOLUTION-MANAGER:Lee', c.PidTagManagerName, 'Lee'],
    ['ADR;TYPE=work:PO 1;Floor 2;Street 3;City;State;Zip;Land', c.workAddress.street, 'Street 3\r\nFloor 2'],
    ['ADR:;;Street 3;City;State;Zip;Land', c.otherAddress.country, 'Land'],
    ['NOTE:one\\ntwo', PidTagBody, 'one\r\ntwo'],
  ])('%s', async (line, property, value) => {
    const { properties, codes } = await contactOf(['FN:x', line], '4.0')
    expect(properties.get(property)).toBe(value)
    expect(codes).toEqual([])
  })

  it('keeps days, gender, children and categories', async () => {
    const { properties, codes } = await contactOf(
      [
        'FN:x',
        'BDAY:19700203',
        'ANNIVERSARY:2001-04-05',
        'GENDER:F',
        'RELATED;TYPE=child;VALUE=text:Ada',
        'CATEGORIES:a,b\\,c',
      ],
      '4.0',
    )
    expect(properties.get(c.PidTagBirthday)).toBe(Date.UTC(1970, 1, 3))
    expect(properties.get(c.PidTagWeddingAnniversary)).toBe(Date.UTC(2001, 3, 5))
    expect(properties.get(c.PidTagGender)).toBe(1)
    expect(properties.get(c.PidTagChildrensNames)).toEqual(['Ada'])
    expect(properties.get(PidNameKeywords)).toEqual(['a', 'b,c'])
    expect(codes).toEqual([])
  })

  it('puts the preferred first, and tells what finds no place', async () => {
    const { properties, degraded, names } = await contactOf([
      'FN:x',
      ...[1, 2, 3, 4].map((no) => `EMAIL:${no}@example.org`),
      'EMAIL;TYPE=PREF:5@example.org',
      ...[1, 2, 3, 4, 5].map((no) => `TEL;TYPE=WORK:${no}`),
      'ADR;TYPE=HOME:;;a;;;;',
      'ADR;TYPE=HOME:;;b;;;;',
      'ADR;TYPE=HOME;TYPE=PREF:;;c;;;;',
      'ADR;TYPE=HOME:;;d;;;;',
      'X-OWN:1',
      'GEO:1;2',
      'BDAY:--0203',
    ])
    expect(c.emailSlots.map(({ address }) => properties.get(address))).toEqual([
      '5@example.org',
      '1@example.org',
      '2@example.org',
    ])
    expect(properties.get(c.PidTagBusiness2TelephoneNumber)).toBe('2')
    expect(properties.get(c.PidTagOtherTelephoneNumber)).toBe('3')
    expect(properties.get(c.PidTagPrimaryTelephoneNumber)).toBe('4')
    expect([properties.get(c.homeAddress.street), properties.get(c.otherAddress.street)]).toEqual(['c', 'a'])
    expect(properties.get(c.mailingAddress.street)).toBe('c')
    expect(degraded.map(({ code, text }) => [code, /\((.*)\)$/.exec(text)?.[1]])).toEqual([
      ['emails_left_out', '2'],
      ['phones_left_out', '1'],
      ['addresses_left_out', '2'],
      ['properties_kept_in_original', 'X-OWN, GEO, BDAY'],
    ])
    expect(names).toEqual(['original.vcf'])
  })

  it.each([
    ['3.0', `PHOTO;ENCODING=b;TYPE=JPEG:${jpeg.toString('base64')}`],
    ['4.0', `PHOTO:data:image/jpeg;base64,${jpeg.toString('base64')}`],
    ['2.1', `PHOTO;JPEG;ENCODING=BASE64:\r\n ${jpeg.toString('base64')}\r\n`],
  ])('keeps the photo of a vCard %s', async (version, line) => {
    const { message, properties, names, codes } = await contactOf(['FN:x', line], version)
    expect([codes, names]).toEqual([[], ['ContactPicture.jpg']])
    expect(properties.get(c.PidLidHasPicture)).toBe(true)
    const [photo] = message.attachments
    expect(photo!.properties.get(PidTagAttachmentContactPhoto)).toBe(true)
    const pieces: Uint8Array[] = []
    if (photo!.content.kind === 'bytes') for await (const piece of photo!.content.open(signal)) pieces.push(piece)
    expect(Buffer.concat(pieces)).toEqual(jpeg)
  })

  it('tells of a photo on the web', async () => {
    const { codes, names } = await contactOf(['FN:x', 'PHOTO;VALUE=uri:https://example.org/a.jpg'])
    expect(codes).toEqual(['photo_elsewhere', 'properties_kept_in_original'])
    expect(names).toEqual(['original.vcf'])
  })

  it('makes a distribution list of a group', async () => {
    const { properties, codes } = await contactOf(
      ['KIND:group', 'FN:Team', 'MEMBER:mailto:a@example.org', 'MEMBER:urn:uuid:1', 'MEMBER:urn:uuid:2'],
      '4.0',
      async (uid) => (uid === '1' ? { name: 'Bo', address: 'b@example.org' } : null),
    )
    expect(properties.get(PidTagMessageClass)).toBe('IPM.DistList')
    expect(properties.get(c.PidLidDistributionListName)).toBe('Team')
    const members = properties.get(c.PidLidDistributionListMembers)!
    expect(members.map((member) => Buffer.from(member.subarray(24)).toString('utf16le'))).toEqual([
      'a@example.org\0SMTP\0a@example.org\0',
      'Bo\0SMTP\0b@example.org\0',
    ])
    expect(properties.get(c.PidLidDistributionListOneOffMembers)).toEqual(members)
    expect(codes).toEqual(['members_left_out'])
  })

  it.each(['', 'no card', 'BEGIN:VCARD\r\nEND:VCARD\r\n', '\0\xff', 'BEGIN:VCARD\r\nFN:cut'])(
    'keeps what it cannot read: %j',
    async (text) => {
      const [first] = await projectContact(rawItemOf(Buffer.from(text)), signal)
      if (text !== 'BEGIN:VCARD\r\nEND:VCARD\r\n') expect(first!.degraded).toHaveLength(1)
      expect(first!.message.properties.get(PidTagMessageClass)).toBe('IPM.Contact')
    },
  )
})
