import { mkdtempSync, rmSync } from 'node:fs'
import { Agent } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTls } from '../../src/adapters/tls/open-tls.ts'
import { createCertificateAccount } from '../../src/domain/account/certificate-account.ts'
import { askTls, makeAuthority, makePerson, makeServer, type TlsAsk, writeInto } from './certificates.ts'
import { startTestService } from './http-service.ts'

/** The service over TLS, open to holders of certificates; `ask` is what the browser of johndoe, an administrator, sends. */
export const startCertificateService = async () => {
  const authority = makeAuthority('People')
  const server = makeServer(authority)
  const john = makePerson(authority, 'johndoe')
  const folder = mkdtempSync(join(tmpdir(), 'stillbox-csrf-'))
  const files = writeInto(folder, { 'server.crt': server.cert, 'server.key': server.key, 'ca.crt': authority.cert })
  const mapping = 'subject' as const
  const accounts = [{ certificate: 'CN=johndoe', userName: 'johndoe' }]
  const { opened, problems } = openTls(
    {
      tls: { certFile: files['server.crt'], keyFile: files['server.key'], minVersion: 'TLSv1.2' },
      clientCertificates: { caFile: files['ca.crt'], required: true, contact: '', mapping, accounts },
    },
    { clock: { now: () => new Date() }, onReload: () => {} },
  )
  if (!opened) throw new Error(problems.join(', '))
  const service = await startTestService({
    config: { isTls: true },
    listen: { tls: opened.server },
    certificates: (store) => ({
      certificates: opened.clientCertificates!,
      accountOf: createCertificateAccount({ accounts: store }, { mapping, accounts }),
      isRequired: true,
      contact: '',
    }),
  })
  // A browser keeps its connections, and with them the certificate that it was asked for once.
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  return {
    ...service,
    ask: (path: string, ask: TlsAsk = {}) => askTls(`${service.url}${path}`, authority, { by: john, agent, ...ask }),
    close: async () => {
      agent.destroy()
      await service.close()
      opened.close()
      rmSync(folder, { recursive: true })
    },
  }
}
