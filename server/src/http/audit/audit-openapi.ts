import { auditFilterShape } from '@stillbox/shared/contract/audit-methods.ts'
import { z } from 'zod'

const text = (description: string) => ({
  description,
  content: { 'text/plain; charset=utf-8': { schema: { type: 'string' } } },
})

const parameters = Object.entries(auditFilterShape).map(([name, schema]) => {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const isList = described.type === 'array'
  return { name, in: 'query', required: false, schema: described, ...(isList ? { style: 'form', explode: false } : {}) }
})

const exportPath = (format: 'Jsonl' | 'Csv', mediaType: string, summary: string) => ({
  get: {
    operationId: `auditLogAs${format}`,
    summary,
    tags: ['Audit log'],
    parameters,
    responses: {
      200: { description: 'The entries, oldest first.', content: { [mediaType]: { schema: { type: 'string' } } } },
      400: text('The filter cannot be read.'),
      401: text('Nobody is signed in.'),
      403: text('The account may not read the audit log.'),
    },
  },
})

/** The export of the audit log, in OpenAPI. */
export const auditExportPaths = () => ({
  '/audit-log.jsonl': exportPath(
    'Jsonl',
    'application/jsonl',
    'The audit log, one JSON object a line. Without a filter it can be verified by itself: stillbox verify-audit.',
  ),
  '/audit-log.csv': exportPath('Csv', 'text/csv', 'The audit log as a table.'),
})
