import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { compose } from '../../src/compose.ts'
import { readConfig } from '../../src/config/read-config.ts'
import { listen } from '../../src/http/listen.ts'
import { placeCluster } from '../../testkit/embedded-cluster.ts'
import { ownFolder } from '../../testkit/servers/child.ts'
import { basic } from './http-service.ts'
import { createInvokeClient } from './invoke-client.ts'

const password = 'a password for everybody'

/**
 * The service as it is composed, with its embedded database, over real HTTP; jobs are not started, so they stay as they are queued.
 * There are an administrator `admin` and operators of one organization each, `here` and `elsewhere`.
 */
export const startComposedService = async () => {
  const organizations = ['here', 'elsewhere'].map((organization) => ({
    organization,
    name: organization,
    directory: { type: 'pattern', login: '{userName}' },
    mail: { technology: 'imap', host: 'imap.example.org' },
  }))
  const folder = await ownFolder('attacked')
  await placeCluster(join(folder.path, 'data'))
  await writeFile(join(folder.path, 'stillbox.config.yaml'), JSON.stringify({ organizations }))
  const config = readConfig({ STILLBOX_DATA_DIR: 'data', STILLBOX_ADMIN_PASSWORD: password }, folder.path)
  const logLines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void logLines.push(line) })
  const service = await compose(config, logger, { passwordCost: { memoryKib: 8, passes: 1, lanes: 1 } })
  const { url, close } = await listen(service.app, { host: '127.0.0.1', port: 0, graceMs: 500 })
  const as = (userName: string) => basic(userName, password)

  const client = createInvokeClient(() => url)
  const invoke = (method: string, params: object, headers: Readonly<Record<string, string>> = as('admin')) =>
    client(method, params, headers)
  for (const organization of ['here', 'elsewhere'])
    await invoke('CreateUser', {
      userName: `operator-${organization}`,
      privileges: 'operator',
      organizations: [organization],
      password,
    })
  return {
    url,
    as,
    invoke,
    /** Every line that was logged, as it was written. */
    logLines,
    close: async () => {
      await close()
      await service.close()
      await folder.remove()
    },
  }
}
export type ComposedService = Awaited<ReturnType<typeof startComposedService>>
