import type { Request } from 'express'

/** Browsers tell how a request came about (Fetch Metadata); programs do not. */
export const isBrowser = (request: Request): boolean => request.headers['sec-fetch-site'] !== undefined
