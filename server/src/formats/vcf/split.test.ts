import { describe, expect, test } from 'vitest'
import { splitCards } from './split.ts'

const split = (text: string) => splitCards(Buffer.from(text))?.map((card) => Buffer.from(card).toString()) ?? null
const card = (name: string) => `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${name}\r\nEND:VCARD\r\n`
const agent = 'BEGIN:VCARD\nVERSION:2.1\nAGENT:\nBEGIN:VCARD\nN:a\nEND:VCARD\nEND:VCARD\n'

describe('an address book in one file', () => {
  test('becomes its cards, byte for byte', () => {
    expect(split(`\ufeff${card('Größe')}\r\n${agent}${card('b').trimEnd()}`)).toEqual([
      card('Größe'),
      agent,
      card('b').trimEnd(),
    ])
  })
  test.each([
    ['of one card', card('a')],
    ['not closed', `${card('a')}${card('b')}BEGIN:VCARD\r\n`],
    ['closed twice', `${card('a')}${card('b')}END:VCARD\r\n`],
    ['with something else', `${card('a')}more\r\n${card('b')}`],
    ['empty', ''],
  ])('%s is taken as it is', (_, text) => expect(split(text)).toBeNull())
})
