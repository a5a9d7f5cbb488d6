import { pino } from 'pino'
import { compose } from './compose.ts'
import { openListeners } from './compose-listeners.ts'
import { ConfigError, readConfig } from './config/read-config.ts'

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

const start = async () => {
  const config = readConfig(process.env, process.cwd())
  const logger = pino({
    level: config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
  })
  const service = await compose(config, logger)
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

  const { admin } = service
  const lines = [
    `Stillbox is ready: ${config.publicUrl ?? listening.url}`,
    ...(listening.helpUrl === null ? [] : [`How to get a certificate: ${listening.helpUrl}`]),
    `Sign in as ${admin.userName}`,
    ...(admin.generatedPassword === null
      ? []
      : [
          `with the password ${admin.generatedPassword}`,
          '(made just now and shown this once; set STILLBOX_ADMIN_PASSWORD to choose another)',
        ]),
    ...(config.sample ? ['Try it: snapshot the sample user anna@sample.example'] : []),
  ]
  console.log(`\n  ${lines.join('\n  ')}\n`)
}

start().catch(fail)
