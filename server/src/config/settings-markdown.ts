import { z } from 'zod'
import { EnvironmentSettings, fileSettingsIn } from './config-schema.ts'

type Described = { readonly description?: string; readonly default?: unknown; readonly properties?: Properties }
type Properties = Readonly<Record<string, Described>>

/** Defaults that differ from machine to machine are left to the description. */
const machineDefaults: ReadonlySet<string> = new Set(['limits.captureThreads'])

const propertiesOf = (schema: z.ZodType): Properties =>
  (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Described).properties ?? {}

const rowsOf = (properties: Properties, prefix = ''): readonly string[] =>
  Object.entries(properties).flatMap(([key, { description = '', default: fallback, properties: inner }]) => {
    const name = `${prefix}${key}`
    if (inner) return rowsOf(inner, `${name}.`)
    const isShown = fallback !== undefined && fallback !== null && !machineDefaults.has(name)
    return [
      `| \`${name}\` | ${isShown ? `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\`` : ''} | ${description} |`,
    ]
  })

const table = (schema: z.ZodType): readonly string[] => [
  '| Setting | Default | Meaning |',
  '| --- | --- | --- |',
  ...rowsOf(propertiesOf(schema)),
  '',
]

/** `docs/generated/settings.md`: every setting, from the schemas that read them. */
export const settingsMarkdown = (): string =>
  [
    '# Settings',
    '',
    'Made from `server/src/config/config-schema.ts` by `pnpm gen`; do not edit. A setting that is wrong or unknown stops the start,',
    'and all problems are told at once.',
    '',
    '## Environment',
    '',
    ...table(EnvironmentSettings),
    '## Configuration file (YAML)',
    '',
    'The parts of an organization are described in `server/src/config/organization-schema.ts`. Relative file names count from the',
    'folder of the file.',
    '',
    ...table(fileSettingsIn('.')),
  ].join('\n')
