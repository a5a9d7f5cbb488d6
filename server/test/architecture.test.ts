import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const sourcesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name))

const statements = /^(?:import|export)\b[^'"`;]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm

const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(statements)].map((match) => (match[1] ?? match[2] ?? match[3])!)

/** Where an import leads: a file of this repository, or a package by its name. */
const targetOf = (file: string, specifier: string): string => {
  if (specifier.startsWith('.')) return relative(root, normalize(join(root, dirname(file), specifier)))
  return specifier.startsWith('@stillbox/shared/')
    ? specifier.replace('@stillbox/shared/', 'shared/src/')
    : `package:${specifier}`
}

const isTest = (file: string): boolean => /\.(int\.)?test\.tsx?$|\.contract\.ts$|\.e2e\.ts$/.test(file)

type Rule = { readonly room: string; readonly mayImport: readonly (string | RegExp)[] }

/** The rooms from the bottom up, and all that each may import. */
const rules: readonly Rule[] = [
  { room: 'shared/src/', mayImport: ['shared/src/', 'package:zod'] },
  { room: 'server/src/ports/', mayImport: ['server/src/ports/', 'shared/src/'] },
  ...[
    'eml',
    'ics',
    'mapi',
    'mbox',
    'mime-dir',
    'msg',
    'msg-check',
    'pst',
    'pst-check',
    'utf7',
    'vcf',
    'x509',
    'zip',
  ].map((format) => ({
    room: `server/src/formats/${format}/`,
    mayImport: [
      `server/src/formats/${format}/`,
      ...(format === 'msg' || format === 'pst' ? ['server/src/formats/mapi/'] : []),
      ...(format === 'ics' || format === 'vcf' ? ['server/src/formats/mime-dir/'] : []),
      'shared/src/',
      /^package:node:(buffer|zlib|crypto|stream|stream\/promises|util)$/,
    ],
  })),
  {
    room: 'server/src/domain/',
    mayImport: [
      'server/src/domain/',
      'server/src/ports/',
      'server/src/formats/',
      'shared/src/',
      'package:zod',
      /^package:node:(buffer|zlib|crypto|util|timers\/promises|events)$/,
    ],
  },
  ...['database', 'dav', 'directory', 'files', 'imap', 'sample', 'second-factor', 'sqlite', 'ssh', 'tls', 'work'].map(
    (adapter) => ({
      room: `server/src/adapters/${adapter}/`,
      mayImport: [
        `server/src/adapters/${adapter}/`,
        'server/src/ports/',
        'server/src/formats/',
        'server/src/config/organization-schema.ts',
        'server/src/config/secret.ts',
        'server/src/config/placeholders.ts',
        'server/src/config/tls-schema.ts',
        'shared/src/',
        /^package:/,
      ],
    }),
  ),
  { room: 'server/src/config/', mayImport: ['server/src/config/', 'shared/src/', /^package:/] },
  {
    room: 'server/src/http/',
    mayImport: [
      'server/src/http/',
      'server/src/domain/',
      'server/src/ports/',
      'shared/src/',
      /^package:(?!kysely|pg|imapflow|tsdav|ssh2)/,
    ],
  },
  { room: 'web/src/', mayImport: ['web/src/', 'shared/src/', /^package:(?!node:)/] },
  { room: 'web/e2e/', mayImport: ['web/e2e/', 'server/testkit/', 'shared/src/vocabulary/', /^package:/] },
  { room: 'server/testkit/', mayImport: ['server/testkit/', /^package:/] },
]

const allowed = (target: string, mayImport: Rule['mayImport']): boolean =>
  mayImport.some((what) =>
    typeof what === 'string' ? target === what || (what.endsWith('/') && target.startsWith(what)) : what.test(target),
  )

describe('imports point downwards only', () => {
  test.each(rules)('$room', ({ room, mayImport }) => {
    const files = sourcesBelow(room).filter((file) => !isTest(file))
    expect(files.length, 'a room without files: the rule speaks of nothing').toBeGreaterThan(0)
    const breaches = files.flatMap((file) =>
      importsOf(file)
        .map((specifier) => targetOf(file, specifier))
        .filter((target) => !allowed(target, mayImport))
        .map((target) => `${file} imports ${target}`),
    )
    expect(breaches).toEqual([])
  })

  test('every room of the server has a rule', () => {
    const entryPoints =
      /^server\/src\/(main|serve|cli[a-z-]*|work-main|(?:item-)?reader-main|compose[a-z-]*|logged-error|version)\.ts$/
    const orphans = sourcesBelow('server/src').filter(
      (file) => !isTest(file) && !entryPoints.test(file) && !rules.some(({ room }) => file.startsWith(room)),
    )
    expect(orphans).toEqual([])
  })

  test('no feature of the web imports another', () => {
    const featureOf = (file: string) => /^web\/src\/features\/([^/]+)\//.exec(file)?.[1]
    const breaches = sourcesBelow('web/src/features').flatMap((file) =>
      importsOf(file)
        .map((specifier) => targetOf(file, specifier))
        .filter((target) => featureOf(target) !== undefined && featureOf(target) !== featureOf(file))
        .map((target) => `${file} imports ${target}`),
    )
    expect(breaches).toEqual([])
  })
})
