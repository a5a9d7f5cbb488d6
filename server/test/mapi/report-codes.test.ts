import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { degradations } from '../../src/formats/mapi/degradations.ts'

test('docs/pst.md lists every code of the projection with its sentence', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/pst.md'), 'utf8')
  const listed = [...page.matchAll(/^\| `(\w+)` *\| (.*?) *\|$/gm)].map(([, code, sentence]) => [code, sentence])
  expect(listed).toEqual(Object.entries(degradations))
})
