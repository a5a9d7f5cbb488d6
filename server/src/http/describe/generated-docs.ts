import { accessMarkdown } from './access-markdown.ts'
import { methodsMarkdown } from './methods-markdown.ts'
import { openApi } from './openapi.ts'

/** The files of `docs/generated/` by name; the same registry always gives the same bytes. */
export const generatedDocs = (): Readonly<Record<string, string>> => ({
  'access.md': accessMarkdown(),
  'methods.md': methodsMarkdown(),
  'openapi.json': `${JSON.stringify(openApi(), null, 2)}\n`,
})
