import { type ErrorCode, errorCatalog, isErrorCode } from './error-catalog.ts'

export type ErrorDetails = Readonly<Record<string, string | number | boolean | null>>

const worded = (code: ErrorCode, details: ErrorDetails): string =>
  errorCatalog[code].text.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? 'unknown'))

/** The one error class. Its message is the catalog's sentence with the details filled in; `cause` stays on the server. */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, { details = {}, cause }: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(worded(code, details), cause === undefined ? undefined : { cause })
    this.name = 'AppError'
    this.code = code
    this.details = details
  }

  /** Whether the same attempt may succeed later without anybody changing anything. */
  get mayPass(): boolean {
    return errorCatalog[this.code].mayPass
  }
}

export const isAppError = (error: unknown, ...codes: ErrorCode[]): error is AppError =>
  error instanceof AppError && (codes.length === 0 || codes.includes(error.code))

/** An AppError that crosses a process or thread as data. */
export type ErrorForm = { readonly code: ErrorCode; readonly details: ErrorDetails }

export const toErrorForm = (error: AppError): ErrorForm => ({ code: error.code, details: error.details })
export const fromErrorForm = (form: { code: string; details: ErrorDetails }): AppError =>
  isErrorCode(form.code)
    ? new AppError(form.code, { details: form.details })
    : new AppError('internal', { cause: new Error(`unknown error code ${form.code}`) })
