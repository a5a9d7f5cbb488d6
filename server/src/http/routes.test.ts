import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { methodNames } from '@stillbox/shared/contract/registry.ts'
import { accessLevels } from '@stillbox/shared/vocabulary/access.ts'
import { afterEach, describe, expect, test } from 'vitest'
import { basic, startTestService, type TestService } from '../../test/doubles/http-service.ts'
import { generatedDocs } from './describe/generated-docs.ts'
import type { metadata as describeAll } from './describe/metadata.ts'
import { type Route, routes } from './routes.ts'

let service: TestService | undefined
afterEach(async () => {
  await service?.close()
  service = undefined
})
const start = async (options?: Parameters<typeof startTestService>[0]): Promise<TestService> => {
  service = await startTestService(options)
  return service
}

type MountedRoute = { readonly path: string; readonly methods: Readonly<Record<string, boolean>> }

describe('access', () => {
  test('every mounted route is in the table, with the right it needs', async () => {
    const { app } = await start()
    const mounted = (app.router.stack as unknown as readonly { readonly route?: MountedRoute }[]).flatMap(
      ({ route }) => (route ? Object.keys(route.methods).map((verb) => `${verb} ${route.path}`) : []),
    )
    const declared = (Object.values(routes) as Route[]).flatMap(({ verbs, path }) =>
      verbs.map((verb) => `${verb} ${path}`),
    )
    expect(mounted.toSorted()).toEqual(declared.toSorted())
    for (const { access } of Object.values(routes) as Route[]) expect([...accessLevels, 'method']).toContain(access)
  })

  test('nobody gets past a route that is not public', async () => {
    const { url } = await start()
    for (const { verbs, path, access } of Object.values(routes) as Route[])
      for (const verb of verbs) {
        if (access === 'public') continue
        const address = path.replace(':method', 'GetServerInfo').replace(/:\w+/, 'x')
        const body = path === '/rpc' ? '{"jsonrpc":"2.0","id":1,"method":"GetServerInfo"}' : ''
        const response = await fetch(`${url}${address}`, {
          method: verb,
          headers: path === '/rpc' ? { 'content-type': 'application/json' } : {},
          ...(verb === 'post' ? { body } : {}),
        })
        expect([path, response.status]).toEqual([path, 401])
      }
  })

  test('an auditor reads, an operator operates, an administrator administers', async () => {
    const { url } = await start()
    const statusOf = async (userName: string, method: string) =>
      (await fetch(`${url}/JSON/Invoke/${method}`, { method: 'POST', headers: basic(userName) })).status
    // CreateSnapshot lacks its parameters: a 500 shows that the right was there.
    for (const [userName, ...statuses] of [
      ['arno', 200, 403, 403],
      ['olga', 200, 500, 403],
      ['johndoe', 200, 500, 200],
    ] as const)
      expect(
        await Promise.all(
          ['GetSnapshots', 'CreateSnapshot', 'RebuildStoreIndex'].map((one) => statusOf(userName, one)),
        ),
      ).toEqual(statuses)
  })
})

describe('verbs', () => {
  test.each([
    ['GET', '/JSON/Invoke/GetServerInfo', 500, 'POST'],
    ['PUT', '/XML/Status/x', 500, 'GET, HEAD, POST'],
    ['GET', '/rpc', 405, 'POST'],
    ['POST', '/download/x', 405, 'GET, HEAD'],
    ['PATCH', '/session', 405, 'POST, GET, HEAD, DELETE'],
    ['DELETE', '/metadata.json', 405, 'GET, HEAD'],
  ])('%s %s is refused with what the address takes', async (method, path, status, allow) => {
    const { url } = await start()
    const response = await fetch(`${url}${path}`, { method, headers: basic() })
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow])
    expect(await response.text()).toContain(`This address takes ${allow}, not ${method}.`)
  })

  test('an address that is none takes nothing', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/metadataxjson`, { method: 'DELETE', headers: basic() })
    expect([response.status, response.headers.get('allow')]).toEqual([404, null])
  })
})

describe('descriptions', () => {
  test('metadata tells every method and every error', async () => {
    const { url } = await start()
    const metadata = (await (await fetch(`${url}/metadata.json`)).json()) as ReturnType<typeof describeAll>
    expect(metadata.methods.map(({ name }) => name)).toEqual(methodNames)
    expect(metadata.methods[0]).toMatchObject({
      name: 'CreateSnapshot',
      kind: 'async',
      access: 'operate',
      params: { type: 'object', required: ['userName', 'type'], properties: { type: { type: 'array' } } },
      accepted: { properties: { snapshotId: {} } },
    })
    expect(metadata.errors).toContainEqual(expect.objectContaining({ code: 'not_found', http: 404, mayPass: false }))
  })

  test('every reference of the OpenAPI document leads somewhere', async () => {
    const { url } = await start()
    const text = await (await fetch(`${url}/openapi.json`)).text()
    const document = JSON.parse(text)
    expect(document.openapi).toBe('3.1.0')
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]!)
    expect(references.length).toBeGreaterThan(10)
    expect([...text.matchAll(/"\$ref":"([^"]+)"/g)]).toHaveLength(references.length)
    for (const name of new Set(references)) expect(document.components.schemas, name).toHaveProperty(name)
    for (const name of methodNames) expect(document.paths).toHaveProperty([`/JSON/Invoke/${name}`, 'post'])
  })

  test('the page of methods needs no script and nothing from elsewhere', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/methods`)
    const page = await response.text()
    for (const name of methodNames) expect(page).toContain(`<h2 id="${name}">${name}</h2>`)
    expect(page).not.toMatch(/<script|style=|https?:\/\//)
    expect(response.headers.get('content-security-policy')).toMatch(/script-src 'self';style-src 'self' '/)
    expect((await fetch(`${url}/methods.css`)).headers.get('content-type')).toBe('text/css; charset=utf-8')
  })

  test('docs/generated is what the registry says; “pnpm gen” writes it', () => {
    for (const [name, content] of Object.entries(generatedDocs()))
      expect(readFileSync(new URL(`../../../docs/generated/${name}`, import.meta.url), 'utf8') === content, name).toBe(
        true,
      )
  })
})

describe('headers', () => {
  test('browsers are told what our pages may do', async () => {
    const { url } = await start()
    const { headers } = await fetch(`${url}/healthz`)
    const policy = headers.get('content-security-policy')?.split(';')
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      expect.stringMatching(
        /^style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o=' 'sha256-[\w+/]{43}='$/,
      ),
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self'",
      "connect-src 'self'",
      "manifest-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'self'",
    ])
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('strict-transport-security')).toBeNull()
    expect(headers.get('x-powered-by')).toBeNull()
  })
})

test('healthz says whether the service can work, and nothing else', async () => {
  let isReady = false
  const { url } = await start({ ready: () => isReady })
  const before = await fetch(`${url}/healthz`)
  expect([before.status, await before.text()]).toEqual([503, 'not ready\n'])
  isReady = true
  const after = await fetch(`${url}/healthz`)
  expect([after.status, await after.text()]).toEqual([200, 'ok\n'])
})

describe('the web interface', () => {
  const html = { accept: 'text/html,application/xhtml+xml' }

  test('is served from its folder, and its addresses are pages', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stillbox-web-'))
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Stillbox</title>')
    writeFileSync(join(folder, 'assets', 'main-abc123.js'), 'export {}')
    writeFileSync(join(folder, '.secret'), 'hidden')
    try {
      const { url } = await start({ config: { webFolder: folder } })
      for (const path of ['/', '/snapshots/new', '/index.html']) {
        const page = await fetch(`${url}${path}`, { headers: html })
        expect([path, page.status, page.headers.get('cache-control')]).toEqual([path, 200, 'no-cache'])
        expect(page.headers.get('content-type')).toMatch(/^text\/html/)
      }
      const script = await fetch(`${url}/assets/main-abc123.js`)
      expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      for (const path of ['/assets/gone.js', '/.secret', '/download', '/..%2f..%2fetc/passwd'])
        expect([path, (await fetch(`${url}${path}`)).status]).toEqual([path, 404])
      expect((await fetch(`${url}/snapshots`, { headers: { accept: 'application/json' } })).status).toBe(404)
      expect((await fetch(`${url}/assets/gone.js`, { headers: html })).status).toBe(404)
    } finally {
      rmSync(folder, { recursive: true })
    }
    expect(existsSync(folder)).toBe(false)
  })

  test('says so when it is not built', async () => {
    const { url } = await start()
    const page = await fetch(url, { headers: html })
    expect([page.status, await page.text()]).toEqual([
      503,
      expect.stringMatching(/^The web interface is not built\. Run/),
    ])
  })
})
