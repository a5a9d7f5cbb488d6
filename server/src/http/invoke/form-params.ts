import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { z } from 'zod'
import { shown } from '../shown.ts'

/** What a form field becomes. Whether the value is a good one is the schema's matter; this only gives it its JSON type. */
type FieldKind = 'text' | 'boolean' | 'integer' | 'number' | 'json' | { readonly listOf: FieldKind }

type JsonSchema = {
  readonly type?: string | readonly string[]
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
}

const kindOf = (schema: JsonSchema): FieldKind => {
  const alternative = schema.anyOf?.find((one) => one.type !== 'null')
  if (alternative) return kindOf(alternative)
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type
  if (type === 'array') return { listOf: kindOf(schema.items ?? {}) }
  if (type === 'boolean' || type === 'integer' || type === 'number') return type
  return type === 'object' ? 'json' : 'text'
}

type Field = { readonly kind: FieldKind; readonly isRequired: boolean }
const fieldsOf = new WeakMap<z.ZodObject, ReadonlyMap<string, Field>>()

const fieldsFor = (schema: z.ZodObject): ReadonlyMap<string, Field> => {
  const known = fieldsOf.get(schema)
  if (known) return known
  const { properties = {}, required = [] } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
  }) as JsonSchema
  const fields = new Map(
    Object.entries(properties).map(([name, one]) => [name, { kind: kindOf(one), isRequired: required.includes(name) }]),
  )
  fieldsOf.set(schema, fields)
  return fields
}

const wrong = (reason: string) => new AppError('invalid_params', { details: { reason } })

const typed = (name: string, text: string, kind: FieldKind): unknown => {
  if (typeof kind === 'object')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => typed(name, part, kind.listOf))
  switch (kind) {
    case 'text':
      return text
    case 'boolean': {
      const word = text.trim().toLowerCase()
      if (word !== 'true' && word !== 'false') throw wrong(`${name} is true or false.`)
      return word === 'true'
    }
    case 'integer':
      if (!/^\s*[+-]?\d{1,15}\s*$/.test(text)) throw wrong(`${name} is a whole number.`)
      return Number(text)
    case 'number':
      if (!/^\s*[+-]?\d{1,15}(\.\d{1,15})?\s*$/.test(text)) throw wrong(`${name} is a number.`)
      return Number(text)
    case 'json':
      try {
        return JSON.parse(text)
      } catch (cause) {
        throw new AppError('invalid_params', { details: { reason: `${name} is JSON text.` }, cause })
      }
  }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    throw new AppError('invalid_request', { details: { reason: 'the form is not percent-encoded UTF-8.' }, cause })
  }
}

/**
 * Turns `application/x-www-form-urlencoded` text into the values the schema expects: lists are comma-separated or repeated,
 * booleans in any case, an empty optional field counts as absent. Names the schema does not know stay as text, to be refused by name.
 * @throws AppError `invalid_request`, `invalid_params`
 */
export const readFormParams = (schema: z.ZodObject, form: string): Readonly<Record<string, unknown>> => {
  const texts = new Map<string, string[]>()
  const pairs = form.trim() === '' ? [] : form.trim().split('&')
  if (pairs.length > 1_000)
    throw new AppError('invalid_request', { details: { reason: 'the form has too many fields.' } })
  for (const pair of pairs) {
    if (pair === '') continue
    const split = pair.indexOf('=')
    const name = decoded(split < 0 ? pair : pair.slice(0, split))
    const text = split < 0 ? '' : decoded(pair.slice(split + 1))
    const sameName = texts.get(name)
    if (sameName) sameName.push(text)
    else texts.set(name, [text])
  }
  const fields = fieldsFor(schema)
  const values: [string, unknown][] = []
  for (const [name, given] of texts) {
    const field = fields.get(name)
    if (!field) {
      values.push([name, given[0]])
      continue
    }
    const isList = typeof field.kind === 'object'
    if (given.length > 1 && !isList) throw wrong(`${shown(name)} is given ${given.length} times; give it once.`)
    const text = isList ? given.join(',') : given[0]!
    if (text === '' && (!field.isRequired || field.kind !== 'text') && !(isList && field.isRequired)) continue
    values.push([name, typed(name, text, field.kind)])
  }
  return Object.fromEntries(values)
}
