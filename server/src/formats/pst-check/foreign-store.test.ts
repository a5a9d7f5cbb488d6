import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyPst } from './verify-pst.ts'

/** A store that comes with a reader's package; a conversion program made it, not this product and not Outlook. */
const path = join(dirname(createRequire(import.meta.url).resolve('pst-extractor')), '../example/testdata/enron.pst')

test('a store of another program is read to its end, and what is odd about it is said', async () => {
  const bytes = await readFile(path)
  const { faults, messages, folders } = await verifyPst(
    { sizeBytes: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) },
    { signal: new AbortController().signal, maxFaults: 5000 },
  )
  expect({ messages, folders: folders > 3 }).toEqual({ messages: 71, folders: true })
  // Pages, blocks, trees and properties are as they must be, but for one page that Outlook does not need.
  const checks = new Set(faults.map(({ check }) => check))
  for (const check of ['V1', 'V2', 'V4', 'V5', 'V6', 'V7', 'V8', 'V9', 'V10', 'L2', 'L3', 'L4'] as const)
    expect(checks.has(check), check).toBe(false)
  expect(faults.filter(({ check }) => check === 'V3')).toEqual([
    { check: 'V3', place: 'density list at 0x4200', text: 'its checksum is wrong' },
  ])
  // Its subjects end with a NUL, and its rows lack what SCANPST asks for.
  expect([...checks]).toEqual(expect.arrayContaining(['M4', 'M5', 'M10', 'L6']))
})
