import fc from 'fast-check'
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { expect, test } from 'vitest'
import { toXml } from './to-xml.ts'

const head = '<?xml version="1.0" encoding="UTF-8"?>\n'

test('objects, lists, numbers, truth and null each have their form', () => {
  expect(toXml({ userName: 'jörg', list: ['a', 1], none: null, yes: true, empty: {}, nothing: [] })).toBe(
    `${head}<result type="object"><userName>jörg</userName><list type="array"><item>a</item><item type="number">1</item></list><none type="null"/><yes type="boolean">true</yes><empty type="object"/><nothing type="array"/></result>\n`,
  )
})

test('a name that is none for an element becomes an attribute', () => {
  expect(toXml({ '1a': 4, 'a b"<': 1, '': 2, xmlns: 3 })).toBe(
    `${head}<result type="object"><member name="1a" type="number">4</member><member name="a b&quot;&lt;" type="number">1</member><member name="" type="number">2</member><member name="xmlns" type="number">3</member></result>\n`,
  )
})

test('what XML cannot hold is replaced, what it would change is escaped', () => {
  expect(toXml('a\u0000\u001b\ufffe\ud800b\r\n\t]]>&<')).toBe(
    `${head}<result>a\ufffd\ufffd\ufffd\ufffdb&#13;\n\t]]&gt;&amp;&lt;</result>\n`,
  )
})

test('any JSON is well-formed XML, and its texts come back', () => {
  const parser = new XMLParser({ ignoreAttributes: false, trimValues: false, parseTagValue: false, htmlEntities: true })
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(XMLValidator.validate(toXml(value))).toBe(true)
    }),
    { numRuns: 300 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const parsed = parser.parse(toXml({ text: `x${text}` })) as { result: { text: string } }
      expect(parsed.result.text).toBe(`x${text}`)
    }),
    { numRuns: 300 },
  )
})
