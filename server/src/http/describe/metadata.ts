import type { MethodDefinition } from '@stillbox/shared/contract/define-method.ts'
import { methodNames, methods } from '@stillbox/shared/contract/registry.ts'
import { errorCatalog } from '@stillbox/shared/errors/error-catalog.ts'
import { z } from 'zod'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** JSON Schema of a schema of the contract; `input` as the caller writes it, `output` as the service answers. */
export const jsonSchemaOf = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonSchema
  return rest
}

export type MethodMetadata = Pick<MethodDefinition, 'name' | 'kind' | 'access' | 'summary'> & {
  readonly params: JsonSchema
  /** Only async: what the first answer carries beside `statusToken` and `statusUrl`. */
  readonly accepted: JsonSchema | null
  readonly result: JsonSchema
}

export const methodsMetadata = (): readonly MethodMetadata[] =>
  methodNames.map((name) => {
    const method: MethodDefinition = methods[name]
    return {
      name,
      kind: method.kind,
      access: method.access,
      summary: method.summary,
      params: jsonSchemaOf(method.params, 'input'),
      accepted: method.kind === 'async' ? jsonSchemaOf(method.accepted ?? z.object({}), 'output') : null,
      result: jsonSchemaOf(method.result, 'output'),
    }
  })

/** Everything `/metadata.json` tells: the methods, and every error by its code. */
export const metadata = () => ({
  product: 'Stillbox',
  methods: methodsMetadata(),
  errors: Object.entries(errorCatalog).map(([code, entry]) => ({ code, ...entry })),
})
