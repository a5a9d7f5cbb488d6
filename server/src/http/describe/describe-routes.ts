import type { RequestHandler } from 'express'
import { metadata } from './metadata.ts'
import { methodPage, methodPageStyle } from './method-page.ts'
import { openApi } from './openapi.ts'

const fixed = (contentType: string, make: () => string): RequestHandler =>
  (() => {
    let text: string | null = null
    return (_request, response) => {
      text ??= make()
      response.set({ 'Content-Type': contentType, 'Cache-Control': 'no-cache' }).send(text)
    }
  })()

/** What the service tells about itself, made from the registry once and then kept. */
export const createDescribeRoutes = () => ({
  metadata: fixed('application/json; charset=utf-8', () => JSON.stringify(metadata())),
  openApi: fixed('application/json; charset=utf-8', () => JSON.stringify(openApi())),
  methodPage: fixed('text/html; charset=utf-8', methodPage),
  methodPageStyle: fixed('text/css; charset=utf-8', () => methodPageStyle),
})
