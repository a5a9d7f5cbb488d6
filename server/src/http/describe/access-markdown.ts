import type { MethodDefinition } from '@stillbox/shared/contract/define-method.ts'
import { methodNames, methods } from '@stillbox/shared/contract/registry.ts'
import { kinds, type Rights, scopeFor, type Verdict, verdictOf } from '../../domain/access/access-table.ts'
import { type Route, type RouteName, routes } from '../routes.ts'

const words: Readonly<Record<Verdict, string>> = {
  yes: 'yes',
  no: '–',
  own: 'own account',
  some: 'only theirs',
  hidden: 'not found',
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const table = (first: string, rows: readonly (readonly [string, Rights])[]): readonly string[] => [
  row(first, ...kinds.map(({ name }) => name), 'token scope'),
  row('---', ...kinds.map(() => '---'), '---'),
  ...rows.map(([name, rights]) =>
    row(
      name,
      ...kinds.map((kind) => words[verdictOf(rights, kind)]),
      rights.access === 'public' ? 'any' : (scopeFor(rights) ?? 'none'),
    ),
  ),
  '',
]

const methodRow = (method: MethodDefinition) => [`\`${method.name}\``, method] as const
const routeRow = (route: Route & { readonly access: Rights['access'] }) =>
  [`\`${route.verbs.map((verb) => verb.toUpperCase()).join(' ')} ${route.path}\``, route] as const
const hasOwnAccess = (route: Route): route is Route & { readonly access: Rights['access'] } => route.access !== 'method'

/** `docs/generated/access.md`: who may call what, from the table that is enforced. */
export const accessMarkdown = (): string =>
  [
    '# Who may call what',
    '',
    'Made by `pnpm gen` from the registry, the routes and `shared/src/vocabulary/access.ts`; do not edit. `authorize` enforces it, and',
    '`server/test/access/access-table.test.ts` calls every method and every address as every one of these.',
    '',
    '*Elsewhere*: limited to other organizations than the one the call is about; what belongs to those is *not found*, as if it did not',
    'exist, or left out of lists (*only theirs*). An account belongs to its organizations; one with all of them is out of reach of',
    'administrators who have some. *Own account*: about nobody else. An access token needs the scope named, and never does more than its',
    'owner may.',
    '',
    '## Methods',
    '',
    ...table(
      'Method',
      methodNames.map((name) => methodRow(methods[name])),
    ),
    '## Addresses',
    '',
    'Methods are called at `/JSON/Invoke/`, `/XML/Invoke/` and `/rpc`; the table above counts there.',
    '',
    ...table(
      'Address',
      (Object.keys(routes) as RouteName[])
        .map((name): Route => routes[name])
        .filter(hasOwnAccess)
        .map(routeRow),
    ),
  ].join('\n')
