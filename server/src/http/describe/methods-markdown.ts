import { errorCatalog } from '@stillbox/shared/errors/error-catalog.ts'
import { methodsMetadata } from './metadata.ts'
import { fieldRows } from './type-text.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '\\<').replaceAll('\n', ' ')
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`

const section = (method: ReturnType<typeof methodsMetadata>[number]): readonly string[] => {
  const params = fieldRows(method.params)
  const result = fieldRows(method.result)
  const accepted = ['statusToken', 'statusUrl', ...fieldRows(method.accepted ?? {}).map(({ name }) => name)]
  return [
    `## ${method.name}`,
    '',
    cell(method.summary),
    '',
    `${method.kind}; needs the right to ${method.access}.`,
    '',
    ...(params.length === 0
      ? ['No parameters.']
      : [
          row('Parameter', 'Type', 'Needed', 'Meaning'),
          row('---', '---', '---', '---'),
          ...params.map(({ name, type, isRequired, description }) =>
            row(`\`${name}\``, type, isRequired ? 'required' : 'optional', description),
          ),
        ]),
    '',
    ...(method.kind === 'async'
      ? [`Answers at once with ${accepted.map((name) => `\`${name}\``).join(', ')}. In the status:`, '']
      : []),
    row('Result', 'Type'),
    row('---', '---'),
    ...result.map(({ name, type }) => row(`\`${name}\``, type)),
    '',
  ]
}

/** `docs/generated/methods.md`: all methods and all errors. */
export const methodsMarkdown = (): string =>
  [
    '# Methods',
    '',
    'Made from the registry in `shared/src/contract/registry.ts` by `pnpm gen`; do not edit.',
    '',
    ...methodsMetadata().flatMap(section),
    '# Errors',
    '',
    '`/JSON/Invoke` and `/XML/Invoke` answer 500 with the sentence as plain text, except 401, 403 and 429. JSON-RPC answers with the',
    'code of its column and `data.code`. *May pass*: the same call can succeed later without anybody changing anything.',
    '',
    row('Code', 'HTTP', 'JSON-RPC', 'May pass', 'Sentence'),
    row('---', '---', '---', '---', '---'),
    ...Object.entries(errorCatalog).map(([code, { http, rpc, mayPass, text }]) =>
      row(`\`${code}\``, String(http), String(rpc), mayPass ? 'yes' : 'no', text),
    ),
    '',
  ].join('\n')
