import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { auditFilterShape } from '@stillbox/shared/contract/audit-methods.ts'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type { AuditExportFormat, ExportAuditLog } from '../../domain/audit/audit-export.ts'
import { originOf } from '../auth/authenticate.ts'
import { attachmentNamed } from '../download/content-disposition.ts'
import { invalidParams } from '../invalid-params.ts'
import { readFormParams } from '../invoke/form-params.ts'
import { contextOf } from '../request-context.ts'
import { shown } from '../shown.ts'

const Filter = z.object(auditFilterShape)
const contentTypes: Readonly<Record<AuditExportFormat, string>> = {
  jsonl: 'application/jsonl; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
}
/** Each holds some hundred entries; a client that takes nothing for so long is cut off. */
const atOnce = 20
const stalledMs = 120_000

const filterOf = ({ originalUrl }: Request): z.output<typeof Filter> => {
  const mark = originalUrl.indexOf('?')
  const values = readFormParams(Filter, mark < 0 ? '' : originalUrl.slice(mark + 1))
  const unknown = Object.keys(values).find((name) => !(name in auditFilterShape))
  if (unknown !== undefined) {
    const reason = `There is no parameter ${shown(unknown)}: this takes ${Object.keys(auditFilterShape).join(', ')}.`
    throw new AppError('invalid_params', { details: { reason } })
  }
  const parsed = Filter.safeParse(values)
  if (!parsed.success) throw invalidParams(parsed.error)
  return parsed.data
}

const isClientGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE'

/** `GET /audit-log.jsonl` and `/audit-log.csv`: what the caller may see of the audit log, oldest first, only as fast as it is taken. */
export const createAuditExport = (exportLog: ExportAuditLog, format: AuditExportFormat) => {
  let running = 0
  return async (request: Request, response: Response): Promise<void> => {
    const { caller } = contextOf(request)
    if (!caller) throw new AppError('not_signed_in')
    const filter = filterOf(request)
    response.set({
      'Content-Type': contentTypes[format],
      'Content-Disposition': attachmentNamed(`audit-log.${format}`),
    })
    if (request.method === 'HEAD') return void response.end()
    if (running >= atOnce) throw new AppError('too_busy')
    running++
    try {
      const parts = await exportLog({ format, filter }, caller, originOf(request))
      response.setTimeout(stalledMs, () => response.destroy())
      // One part at a time: the next page is read once this one was taken.
      await pipeline(Readable.from(parts, { highWaterMark: 1 }), response)
    } catch (error) {
      if (!isClientGone(error)) throw error
    } finally {
      running--
    }
  }
}
