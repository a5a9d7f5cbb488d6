import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const repository = join(import.meta.dirname, '../..')
const docs = join(repository, 'docs')
const pages = [
  join(repository, 'README.md'),
  ...readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(docs, name)),
].map((path) => ({ path, text: readFileSync(path, 'utf8') }))

test('every link between the pages leads somewhere', () => {
  const broken = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, target]) => target!)
      .filter((target) => !existsSync(join(dirname(path), target)))
      .map((target) => `${relative(repository, path)} -> ${target}`),
  )
  expect(broken).toEqual([])
})

test('every file of the repository that a page names in full is there', () => {
  const missing = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:server|shared|web|scripts)\/[\w./-]+\.[a-z]{2,4})`/g)]
      .map(([, name]) => name!)
      .filter((name) => !existsSync(join(repository, name)))
      .map((name) => `${relative(repository, path)} -> ${name}`),
  )
  expect(missing).toEqual([])
})

test.each(['hazards.md', 'security.md'])('every test that %s names exists in the file it names', (page) => {
  const lines = readFileSync(join(docs, page), 'utf8').split('\n')
  const named = lines.flatMap((line) => {
    const shown = line.split(' | ').at(-1) ?? ''
    return [...shown.matchAll(/`([^`]+\.ts)`: ((?:“[^”]+”[^“`]*)+)/g)].flatMap(([, file, titles]) =>
      [...titles!.matchAll(/“([^”]+)”/g)].map(([, title]) => ({ file: file!, title: title! })),
    )
  })
  expect(named.length).toBeGreaterThan(40)
  const missing = named.filter(({ file, title }) => {
    const path = join(repository, 'server', file)
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(`'${title}'`)
  })
  expect(missing).toEqual([])
})
