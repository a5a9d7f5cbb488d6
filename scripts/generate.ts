/** Writes `docs/generated/` from the registry: `pnpm gen`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { generatedDocs } from '../server/src/http/describe/generated-docs.ts'

const folder = new URL('../docs/generated/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const [name, content] of Object.entries(generatedDocs())) writeFileSync(new URL(name, folder), content)
