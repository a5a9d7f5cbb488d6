import type { MethodDefinition } from '@stillbox/shared/contract/define-method.ts'
import { methodNames, methods } from '@stillbox/shared/contract/registry.ts'
import { FolderAccount, IssueLine, Snapshot } from '@stillbox/shared/contract/snapshot-methods.ts'
import { AsyncAnswer, StatusAnswer } from '@stillbox/shared/contract/status.ts'
import { z } from 'zod'
import { auditExportPaths } from '../audit/audit-openapi.ts'
import { oxComponents, oxPaths } from '../ox/ox-openapi.ts'
import { type JsonSchema, jsonSchemaOf } from './metadata.ts'

type Names = z.core.$ZodRegistry<{ id: string }>

/** Schemas that occur in many answers stand once, under a name. */
const namedSchemas = (): { readonly names: Names; readonly components: Record<string, JsonSchema> } => {
  const names: Names = z.registry<{ id: string }>()
  const add = (schema: z.ZodType, id: string) => {
    if (!names.has(schema)) names.add(schema, { id })
  }
  add(Snapshot, 'Snapshot')
  add(FolderAccount, 'FolderAccount')
  add(IssueLine, 'IssueLine')
  add(AsyncAnswer, 'AsyncAnswer')
  add(StatusAnswer, 'StatusAnswer')
  for (const name of methodNames) add(methods[name].result, `${name}Result`)
  const { schemas } = z.toJSONSchema(names, {
    io: 'output',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  })
  const components = Object.entries(schemas).map(([id, schema]) => {
    const { $schema: _, $id: __, ...rest } = schema as JsonSchema
    return [id, rest]
  })
  return { names, components: Object.fromEntries(components) }
}

const text = (description: string) => ({
  description,
  content: { 'text/plain': { schema: { type: 'string' } } },
})

const failures = {
  401: text('Nobody has signed in, or the sign-in was refused.'),
  403: text('The account may not do this.'),
  429: text('Too many failed sign-ins.'),
  500: text('The call failed; the text is a sentence for a person.'),
}

const json = (schema: JsonSchema | { readonly $ref: string }) => ({ 'application/json': { schema } })
const xml = { 'application/xml': { schema: { type: 'string' } } }

/** OpenAPI 3.1 of the whole service; everything about the methods comes from the registry. */
export const openApi = () => {
  const { names, components } = namedSchemas()
  const refTo = (schema: z.ZodType) => ({ $ref: `#/components/schemas/${names.get(schema)!.id}` })

  const answerOf = (method: MethodDefinition) => {
    if (method.kind === 'sync') return refTo(method.result)
    const accepted = method.accepted ? [jsonSchemaOf(method.accepted, 'output')] : []
    return { allOf: [refTo(AsyncAnswer), ...accepted.map(({ additionalProperties: _, ...rest }) => rest)] }
  }
  const invocation = (method: MethodDefinition, format: 'JSON' | 'XML') => {
    const params = jsonSchemaOf(method.params, 'input')
    const lists = Object.entries(params.properties ?? {}).filter(
      ([, property]) => typeof property === 'object' && property.type === 'array',
    )
    const encoding = Object.fromEntries(lists.map(([name]) => [name, { style: 'form', explode: false }]))
    return {
      operationId: format === 'JSON' ? method.name : `${method.name}AsXml`,
      summary: method.summary,
      tags: [`${format} invoke`],
      'x-access': method.access,
      'x-kind': method.kind,
      requestBody: {
        required: (params.required ?? []).length > 0,
        content: {
          'application/x-www-form-urlencoded': { schema: params, ...(lists.length > 0 ? { encoding } : {}) },
          ...json(params),
        },
      },
      responses: {
        200: {
          description: method.kind === 'sync' ? 'The result.' : 'Accepted; the status is read at `statusUrl`.',
          content: format === 'JSON' ? json(answerOf(method)) : xml,
        },
        ...failures,
      },
    }
  }
  const status = (format: 'JSON' | 'XML', verb: string) => ({
    operationId: `${verb}StatusAs${format}`,
    summary: 'Reads the status of a job. A final status is delivered once; the token is spent with it.',
    tags: [`${format} invoke`],
    parameters: [{ name: 'token', in: 'path', required: true, schema: { type: 'string' } }],
    responses: {
      200: { description: 'The status.', content: format === 'JSON' ? json(refTo(StatusAnswer)) : xml },
      ...failures,
    },
  })
  const invocations = (['JSON', 'XML'] as const).flatMap((format) =>
    methodNames.map((name) => [`/${format}/Invoke/${name}`, { post: invocation(methods[name], format) }]),
  )
  const statuses = (['JSON', 'XML'] as const).map((format) => [
    `/${format}/Status/{token}`,
    { get: status(format, 'get'), post: status(format, 'post') },
  ])

  return {
    openapi: '3.1.0',
    info: {
      title: 'Stillbox',
      version: '1',
      summary: 'Snapshots of hosted mailboxes, calendars and address books that prove what they hold.',
    },
    security: [{ basic: [] }, { bearer: [] }, { session: [] }],
    paths: {
      ...Object.fromEntries(invocations),
      ...Object.fromEntries(statuses),
      '/rpc': {
        post: {
          operationId: 'rpc',
          summary: 'JSON-RPC 2.0: the same methods, parameters by name, batches of at most 50 calls, notifications.',
          tags: ['JSON-RPC'],
          requestBody: { required: true, content: json({ type: ['object', 'array'] }) },
          responses: {
            200: { description: 'One response or a batch of them.', content: json({ type: ['object', 'array'] }) },
            204: { description: 'There were only notifications.' },
          },
        },
      },
      '/download/{snapshotId}': {
        get: {
          operationId: 'download',
          summary: 'The archive of a snapshot; goes on with Range where it stopped.',
          tags: ['Archives'],
          parameters: [
            { name: 'snapshotId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
            { name: 'Range', in: 'header', schema: { type: 'string' } },
          ],
          responses: {
            200: { description: 'The whole archive.', content: { 'application/zip': {} } },
            206: { description: 'The part that was asked for.', content: { 'application/zip': {} } },
            304: { description: 'The client has it already.' },
            401: failures[401],
            403: failures[403],
            404: text('There is no such snapshot.'),
            409: text('The snapshot is not available.'),
            410: text('The archive is not in the store any more.'),
            416: { description: 'No byte of that range exists.' },
          },
        },
      },
      ...auditExportPaths(),
      ...oxPaths(),
    },
    components: {
      schemas: { ...components, ...oxComponents },
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'stillbox' },
      },
    },
  }
}
