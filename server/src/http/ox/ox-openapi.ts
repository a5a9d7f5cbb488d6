import type { z } from 'zod'
import { type JsonSchema, jsonSchemaOf } from '../describe/metadata.ts'
import { routes } from '../routes.ts'
import { SshFields } from './ssh-target.ts'
import { CreatedSnapshot, CreateFields, ListRequest, PublicKeys, SnapshotMetadata } from './wire-schemas.ts'

/** Answers may get further fields; a client passes over those it does not know. */
const output = (schema: z.ZodType): JsonSchema => {
  const { additionalProperties: _, ...rest } = jsonSchemaOf(schema, 'output')
  return rest
}

/** The schemas of the snapshot API that stand under a name in the OpenAPI document. */
export const oxComponents = {
  OxCreatedSnapshot: output(CreatedSnapshot),
  OxSnapshot: output(SnapshotMetadata),
  OxError: {
    type: 'object',
    required: ['error', 'error_params', 'categories', 'code', 'error_id'],
    properties: {
      error: { type: 'string' },
      error_params: { type: 'array' },
      categories: { type: 'string' },
      code: { type: 'string' },
      error_id: { type: 'string' },
    },
  },
} as const satisfies Record<string, JsonSchema>

const tags = ['OX snapshot API']
const snapshotId = { name: 'snapshotId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }

const refTo = (name: keyof typeof oxComponents) => ({ $ref: `#/components/schemas/${name}` })
const failure = (description: string) => ({
  description,
  content: { 'application/json': { schema: refTo('OxError') } },
})
const failures = {
  401: failure('Nobody has signed in, or the sign-in was refused.'),
  403: failure('The account may not do this.'),
}
const notFound = { 404: failure('There is no such snapshot.') }
const noArchive = {
  409: failure('The snapshot has no archive yet.'),
  410: failure('The archive is not in the store any more: it was delivered, has expired, or is missing.'),
}

const answer = (description: string, schema: JsonSchema | { readonly $ref: string }, type = 'application/json') => ({
  200: { description, content: { [type]: { schema } } },
})

const createBody = (): JsonSchema => {
  const { properties, ...rest } = jsonSchemaOf(CreateFields, 'input')
  return { ...rest, properties: { ...properties, ssh: jsonSchemaOf(SshFields, 'input') } }
}

const listParameters = () => {
  const { properties = {} } = jsonSchemaOf(ListRequest, 'input')
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }))
}

const snapshots = () => ({
  get: {
    operationId: 'oxList',
    summary: 'Lists snapshots, newest first.',
    tags,
    'x-access': routes.oxList.access,
    parameters: listParameters(),
    responses: {
      ...answer('All that match.', { type: 'array', items: refTo('OxSnapshot') }),
      400: failure('The filter is none.'),
      ...failures,
    },
  },
  post: {
    operationId: 'oxCreate',
    summary: 'Queues a snapshot.',
    tags,
    'x-access': routes.oxCreate.access,
    requestBody: { required: true, content: { 'application/json': { schema: createBody() } } },
    responses: {
      ...answer('Queued; its address is in Location.', refTo('OxCreatedSnapshot')),
      400: failure('Something in the request is missing or wrong.'),
      ...failures,
    },
  },
})

const snapshot = () => ({
  get: {
    operationId: 'oxRead',
    summary: 'One snapshot; its archive, where Accept asks for one.',
    tags,
    'x-access': routes.oxRead.access,
    parameters: [snapshotId],
    responses: {
      200: {
        description: 'The metadata or the archive.',
        content: { 'application/json': { schema: refTo('OxSnapshot') }, 'application/zip': {} },
      },
      ...failures,
      ...notFound,
      ...noArchive,
    },
  },
  delete: {
    operationId: 'oxDelete',
    summary: 'Deletes the archive of a snapshot for good.',
    tags,
    'x-access': routes.oxDelete.access,
    parameters: [snapshotId],
    responses: {
      ...answer('Deleted.', refTo('OxSnapshot')),
      ...failures,
      ...notFound,
      409: failure('The snapshot is at work, or deleted already.'),
    },
  },
})

/** The snapshot API for the OpenAPI document; each address is there with `/v1` in front as well. */
export const oxPaths = () => ({
  '/intercept/snapshots': snapshots(),
  '/intercept/snapshots/{snapshotId}': snapshot(),
  '/intercept/snapshots/{snapshotId}/download': {
    get: {
      operationId: 'oxDownload',
      summary: 'The archive of a snapshot; goes on with Range where it stopped.',
      tags,
      'x-access': routes.oxDownload.access,
      parameters: [snapshotId],
      responses: {
        200: { description: 'The whole archive.', content: { 'application/zip': {} } },
        206: { description: 'The part that was asked for.', content: { 'application/zip': {} } },
        ...failures,
        ...notFound,
        ...noArchive,
      },
    },
  },
  '/intercept/publickey': {
    get: {
      operationId: 'oxPublicKey',
      summary: 'The public key with which the service signs in where it uploads to.',
      tags,
      'x-access': routes.oxPublicKey.access,
      responses: {
        ...answer('JSON, under the name of plain text.', output(PublicKeys), 'text/plain'),
        ...failures,
      },
    },
  },
})
