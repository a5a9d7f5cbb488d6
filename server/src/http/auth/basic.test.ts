import { expect, test } from 'vitest'
import { readBasic } from './basic.ts'

const encoded = (text: string) => Buffer.from(text, 'utf8').toString('base64')

test.each([
  [`Basic ${encoded('anna:pass:word')}`, { userName: 'anna', password: 'pass:word' }],
  [`basic  ${encoded('jörg:schlüssel')}`, { userName: 'jörg', password: 'schlüssel' }],
  [`Basic ${encoded('anna:')}`, { userName: 'anna', password: '' }],
  [`Basic ${encoded(':')}`, { userName: '', password: '' }],
  [`Basic ${encoded('anna')}`, null],
  [`Basic ${Buffer.from('j\xf6rg:x', 'latin1').toString('base64')}`, null],
  ['Basic', null],
  ['Basic a b', null],
  ['Bearer abc', null],
  ['', null],
  [undefined, null],
])('%j', (header, credentials) => {
  expect(readBasic(header)).toEqual(credentials)
})
