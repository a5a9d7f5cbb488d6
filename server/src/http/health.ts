import type { Request, Response } from 'express'

/** `/healthz` for load balancers: whether to send requests here, and nothing else. */
export const createHealth =
  (ready: () => boolean) =>
  (_request: Request, response: Response): void => {
    const isReady = ready()
    response
      .status(isReady ? 200 : 503)
      .type('text/plain')
      .send(isReady ? 'ok\n' : 'not ready\n')
  }
