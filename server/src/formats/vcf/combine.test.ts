import { describe, expect, it } from 'vitest'
import { createContactCombiner } from './combine.ts'

const combine = (objects: readonly string[]) => {
  const combiner = createContactCombiner()
  const parts = objects.map((object) => combiner.add(Buffer.from(object)))
  return { text: Buffer.concat([...parts, combiner.finish()]).toString('utf8'), leftOut: combiner.leftOutCount() }
}

describe('combining cards', () => {
  it('puts one CRLF between them and keeps their bytes', () => {
    expect(
      combine([
        'BEGIN:VCARD\r\nFN:1\r\nEND:VCARD\r\n\r\n',
        '\ufeff\nBEGIN:VCARD\nFN:ü\nEND:VCARD',
        'BEGIN:VCARD\r\nFN:3\r\nEND:VCARD\r\n\r\nBEGIN:VCARD\r\nFN:4\r\nEND:VCARD',
      ]),
    ).toEqual({
      text: 'BEGIN:VCARD\r\nFN:1\r\nEND:VCARD\r\nBEGIN:VCARD\nFN:ü\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:3\r\nEND:VCARD\r\n\r\nBEGIN:VCARD\r\nFN:4\r\nEND:VCARD\r\n',
      leftOut: 0,
    })
  })
  it('gives lines that end in CR alone the ends of the others', () => {
    const { text } = combine(['BEGIN:VCARD\rFN:1\rEND:VCARD\r', 'BEGIN:VCARD\r\nFN:2\r\nEND:VCARD'])
    expect(text).toBe('BEGIN:VCARD\r\nFN:1\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:2\r\nEND:VCARD\r\n')
  })
  it.each([
    ['nothing', ''],
    ['cut', 'BEGIN:VCARD\r\nFN:x'],
    ['one end too many', 'BEGIN:VCARD\r\nEND:VCARD\r\nEND:VCARD'],
    ['something beside it', 'BEGIN:VCARD\r\nEND:VCARD\r\nhello'],
    ['HTML', '<html></html>'],
  ])('leaves out and counts: %s', (_, object) => {
    const whole = 'BEGIN:VCARD\r\nFN:1\r\nEND:VCARD\r\n'
    expect(combine([object, whole])).toEqual({ text: whole, leftOut: 1 })
  })
})
