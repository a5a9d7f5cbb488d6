import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express'

const notBuilt =
  'The web interface is not built. Run “npm start”, which builds it, or “pnpm --filter @stillbox/web build”.\n'

const neverPages = /^\/(JSON|XML|rpc|download|session|intercept|v1|healthz|metadata\.json|openapi\.json)(\/|$)/i

/**
 * The built web interface. Files with a hash in their name never change; index.html is asked for again each time. An
 * address that is no file is a page of the interface, if somebody wants to see a page.
 */
export const createServeWeb = (webFolder: string): RequestHandler => {
  const indexFile = join(webFolder, 'index.html')
  const files = express.static(webFolder, {
    index: false,
    redirect: false,
    dotfiles: 'ignore',
    setHeaders: (response, path) =>
      response.setHeader(
        'Cache-Control',
        path.startsWith(join(webFolder, 'assets')) ? 'public, max-age=31536000, immutable' : 'no-cache',
      ),
  })
  const page = (request: Request, response: Response, next: NextFunction) => {
    // A program that takes anything (curl) is told that there is nothing, rather than handed a page for people.
    const wantsPage = request.path === '/' || /\btext\/html\b/i.test(request.headers.accept ?? '')
    const isPage = wantsPage && !neverPages.test(request.path)
    // A file that is not there is not a page: a script answered with HTML is a riddle for whoever reads the console.
    if (!isPage || /^\/assets\//.test(request.path)) return next(new AppError('address_unknown'))
    if (!existsSync(indexFile)) return void response.status(503).type('text/plain').send(notBuilt)
    response.sendFile(indexFile, { headers: { 'Cache-Control': 'no-cache' }, cacheControl: false }, (error) => {
      if (error && !response.headersSent) next(error)
    })
  }
  return (request, response, next) => {
    files(request, response, (error?: unknown) => (error ? next(error) : page(request, response, next)))
  }
}
