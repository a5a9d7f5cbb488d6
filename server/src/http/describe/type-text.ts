import type { JsonSchema } from './metadata.ts'

/** A JSON Schema in a few words for a person: `string`, `list of mailbox | calendar`, `whole number or null`. */
const typeText = (schema: JsonSchema | boolean | undefined): string => {
  if (schema === undefined || typeof schema === 'boolean') return 'anything'
  if (schema.const !== undefined) return String(schema.const)
  if (schema.enum) return schema.enum.map(String).join(' | ')
  if (schema.anyOf) return schema.anyOf.map((one) => typeText(one as JsonSchema)).join(' or ')
  const types = Array.isArray(schema.type) ? schema.type : [schema.type]
  return types
    .map((type) => {
      switch (type) {
        case 'array':
          return `list of ${typeText(schema.items as JsonSchema | undefined)}`
        case 'integer':
          return 'whole number'
        case undefined:
          return 'anything'
        default:
          return type
      }
    })
    .join(' or ')
}

export type FieldRow = {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
}

/** The members of an object schema, one row each; none when it is no object. */
export const fieldRows = (schema: JsonSchema): readonly FieldRow[] =>
  Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const known = typeof property === 'object' ? property : {}
    const fallback = known.default === undefined ? '' : `default ${JSON.stringify(known.default)}`
    return {
      name,
      type: typeText(property as JsonSchema),
      isRequired: (schema.required ?? []).includes(name),
      description: [known.description ?? '', fallback].filter((part) => part !== '').join('; '),
    }
  })
