import { pino } from 'pino'
import { compose, type ServiceOptions } from './compose.ts'
import { openListeners } from './compose-listeners.ts'
import { ConfigError, readConfig } from './config/read-config.ts'
import { loggedError } from './http/logged-error.ts'

const fail = (error: unknown): never => {
  // What the administrator can mend is a sentence; a stack is for what nobody foresaw.
  console.error(
    error instanceof ConfigError
      ? error.message
      : error instanceof Error
        ? `Stillbox cannot start: ${error.message}`
        : error,
  )
  process.exit(1)
}

const start = async (options: ServiceOptions) => {
  // Archives are other people's mail: whatever this process and its workers write is for its own account alone.
  process.umask(0o077)
  const config = readConfig(process.env, process.cwd())
  const logger = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: loggedError, err: loggedError },
  })
  const service = await compose(config, logger, options)
  const { admin } = service
  // Now and not when all is ready: only its hash is kept, and a start that fails after this would have swallowed it.
  if (admin.generatedPassword !== null)
    console.log(
      `\n  The account ${admin.userName} was made, with the password ${admin.generatedPassword}` +
        '\n  It is shown this once; set STILLBOX_ADMIN_PASSWORD to choose another.\n',
    )
  const listening = await openListeners(service, config).catch(async (error: unknown) => {
    await service.close()
    throw error
  })
  const { tls } = service
  // As web servers do: certificate, key and revocation list are read again. Without TLS the signal keeps its meaning, the end.
  if (tls) process.on('SIGHUP', () => tls.reload())

  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    logger.info({ signal }, 'stopping; running jobs go back to the queue')
    await listening.close()
    await service.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))
  // Before jobs are taken: a stop in between must give them back.
  await service.start()

  const lines = [
    `Stillbox is ready: ${config.publicUrl ?? listening.url}`,
    ...(listening.helpUrl === null ? [] : [`How to get a certificate: ${listening.helpUrl}`]),
    `Sign in as ${admin.userName}`,
    ...(admin.generatedPassword === null ? [] : ['with the password above']),
    ...(config.sample ? ['Try it: snapshot the sample user anna@sample.example'] : []),
  ]
  console.log(`\n  ${lines.join('\n  ')}\n`)
}

/** Starts the service, listens, and stops cleanly on a signal. Ends the process with 1 when it cannot start. */
export const serve = (options: ServiceOptions = {}): Promise<void> => start(options).catch(fail)
