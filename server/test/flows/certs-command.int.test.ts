import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSecureContext } from 'node:tls'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort, ownFolder, startChild, waitForPort } from '../../testkit/servers/child.ts'
import { needs } from '../../testkit/servers/needs.ts'
import { askTls } from '../doubles/certificates.ts'

const repository = join(import.meta.dirname, '../../..')
const execute = promisify(execFile)

type Ended = { readonly stdout: string; readonly stderr: string; readonly code: number }

const run = async (program: string, args: readonly string[]): Promise<Ended> => {
  try {
    return { ...(await execute(program, args, { cwd: repository })), code: 0 }
  } catch (error) {
    return error as Ended
  }
}
const certs = (...args: string[]) =>
  run(join(repository, 'node_modules/.bin/node'), [
    '--disable-warning=ExperimentalWarning',
    'server/src/cli.ts',
    'certs',
    ...args,
  ])
const openssl = (...args: string[]) => run('/usr/bin/openssl', args)

describe.skipIf(!needs('openssl'))('stillbox certs', () => {
  let folder: Awaited<ReturnType<typeof ownFolder>>
  let path: string
  beforeAll(async () => {
    folder = await ownFolder('certs')
    path = join(folder.path, 'pki')
  })
  afterAll(() => folder.remove())
  const at = (name: string) => join(path, name)

  test('makes an authority, a certificate for the service and one for a browser that OpenSSL agrees with', async () => {
    const made = await certs(
      '--out',
      path,
      '--host',
      'localhost',
      '--host',
      '127.0.0.1',
      '--user',
      'Anna Ähre',
      '--email',
      'anna@example.org',
      '--days',
      '30',
    )
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const passphrase = /passphrase {3}(\S+)/.exec(made.stdout)![1]!
    const p12 = /file {9}(\S+\.p12)/.exec(made.stdout)![1]!
    expect(passphrase).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
    for (const name of ['ca.key', 'server.key', p12.slice(path.length + 1)])
      expect([name, statSync(at(name)).mode & 0o777]).toEqual([name, 0o600])

    const info = await openssl('pkcs12', '-info', '-in', p12, '-passin', `pass:${passphrase}`, '-nodes')
    expect(info.stderr).toContain('PBES2, PBKDF2, AES-256-CBC')
    expect(info.stdout).toContain('BEGIN PRIVATE KEY')
    expect((await openssl('pkcs12', '-in', p12, '-passin', 'pass:wrong', '-nodes')).code).not.toBe(0)
    expect(() => createSecureContext({ pfx: readFileSync(p12), passphrase })).not.toThrow()

    const crt = p12.replace(/p12$/, 'crt')
    const verify = (purpose: string, file: string) =>
      openssl('verify', '-CAfile', at('ca.crt'), '-purpose', purpose, file)
    expect(await verify('sslclient', crt)).toMatchObject({ code: 0 })
    expect(await verify('sslserver', at('server.crt'))).toMatchObject({ code: 0 })
    expect((await verify('sslclient', at('server.crt'))).code).not.toBe(0)
    const fingerprint = (await openssl('x509', '-in', crt, '-noout', '-fingerprint', '-sha256')).stdout
    const digits = fingerprint.trim().split('=')[1]!.replaceAll(':', '').toLowerCase()
    expect(made.stdout).toContain(`- { certificate: '${digits}', userName: "Anna Ähre" }`)
    expect(made.stdout).toContain(`crlFile: ${JSON.stringify(at('ca.crl'))}`)
  })

  test('keeps the authority for the next call, and takes certificates back', async () => {
    const authority = readFileSync(at('ca.crt'), 'utf8')
    const made = await certs('--out', path, '--user', 'olga')
    expect(made.stdout).not.toContain('made an authority')
    expect(readFileSync(at('ca.crt'), 'utf8')).toBe(authority)
    const serial = /serial {7}(\S+)/.exec(made.stdout)![1]!
    const crt = at(readdirSync(path).find((name) => /^olga-.*\.crt$/.test(name))!)
    const anna = at(readdirSync(path).find((name) => /^Anna.*\.crt$/.test(name))!)

    const check = (file: string) =>
      openssl('verify', '-CAfile', at('ca.crt'), '-crl_check', '-CRLfile', at('ca.crl'), file)
    expect((await check(crt)).code).toBe(0)
    expect((await certs('--out', path, '--revoke', serial.toLowerCase())).stdout).toMatch(
      /^revoked: the certificate of olga/,
    )
    expect((await check(crt)).stderr).toMatch(/certificate revoked/)
    expect((await check(anna)).code).toBe(0)
    expect((await certs('--out', path, '--revoke', anna)).code).toBe(0)
    expect((await check(anna)).stderr).toMatch(/certificate revoked/)
    expect((await check(crt)).stderr).toMatch(/certificate revoked/)
    expect((await openssl('crl', '-in', at('ca.crl'), '-noout', '-text')).stdout).toMatch(/CRL Number: *\n *3\n/)
  })

  test('what cannot be made is refused with what to write', async () => {
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [['--user', 'x'], /--out <folder>/],
      [['--out', path], /--host <name> for the service, --user <userName> for a browser/],
      [['--out', path, '--host', 'not a host'], /is no host name/],
      [['--out', path, '--user', 'x', '--days', '0'], /whole number from 1 to 3650/],
      [['--out', path, '--revoke', '0123'], /No certificate with the serial number 123/],
      [['--out', at('none'), '--revoke', '01'], /There is no authority in/],
    ]
    const ended = await Promise.all(refusals.map(([args]) => certs(...args)))
    for (const [index, [args, problem]] of refusals.entries()) {
      expect([args, ended[index]!.code]).toEqual([args, 2])
      expect(ended[index]!.stderr).toMatch(problem)
    }
    expect(existsSync(at('none'))).toBe(false)
  })

  test('the service runs on what was printed, takes a revocation at SIGHUP, and says what is wrong with the files', async () => {
    const own = await ownFolder('certs-service')
    const made = await certs('--out', path, '--host', '127.0.0.1', '--user', 'admin')
    const config = join(own.path, 'stillbox.config.yaml')
    writeFileSync(config, `sample: true\n${made.stdout.slice(made.stdout.indexOf('tls:'))}`)
    const serial = /serial {7}(\S+)/.exec(made.stdout)![1]!
    const pfx = readFileSync(/file {9}(\S+)/.exec(made.stdout)![1]!)
    const passphrase = /passphrase {3}(\S+)/.exec(made.stdout)![1]!
    const port = await freePort()
    const start = () =>
      startChild(
        join(repository, 'node_modules/.bin/node'),
        ['--disable-warning=ExperimentalWarning', join(repository, 'server/src/main.ts')],
        {
          cwd: own.path,
          group: true,
          graceMs: 20_000,
          env: {
            STILLBOX_HOST: '127.0.0.1',
            STILLBOX_PORT: String(port),
            STILLBOX_DATA_DIR: join(own.path, 'data'),
            STILLBOX_CONFIG: config,
            DATABASE_URL: '',
          },
        },
      )
    const child = start()
    try {
      await waitForPort(port, child, 60_000)
      const ca = readFileSync(at('ca.crt'), 'utf8')
      const ask = async () =>
        askTls(`https://127.0.0.1:${port}/session`, { cert: ca, key: '' }, { more: { pfx, passphrase } })
      const before = await ask()
      expect([before.status, JSON.parse(before.body).userName]).toEqual([200, 'admin'])
      expect((await certs('--out', path, '--revoke', serial)).code).toBe(0)
      child.kill('SIGHUP')
      const deadline = Date.now() + 20_000
      while (!child.output().includes('read the certificate files again') && Date.now() < deadline) await sleep(50)
      expect((await ask()).status).toBe(403)
    } finally {
      await child.stop()
    }
    writeFileSync(config, `tls: { certFile: none.crt, keyFile: ${at('ca.key')} }\n`)
    const refused = start()
    expect(await refused.exited).toBe(1)
    expect(refused.output()).toContain(`- tls.certFile ${join(own.path, 'none.crt')} cannot be read (ENOENT).`)
    await own.remove()
  })
})
