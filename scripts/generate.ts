/** Writes `docs/generated/` from the registry and the schemas of the settings: `pnpm gen`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { settingsMarkdown } from '../server/src/config/settings-markdown.ts'
import { generatedDocs } from '../server/src/http/describe/generated-docs.ts'

const folder = new URL('../docs/generated/', import.meta.url)
mkdirSync(folder, { recursive: true })
const files = { ...generatedDocs(), 'settings.md': settingsMarkdown() }
for (const [name, content] of Object.entries(files)) writeFileSync(new URL(name, folder), content)
