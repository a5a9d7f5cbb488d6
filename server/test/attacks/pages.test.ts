import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { certificateHelpPage } from '../../src/http/auth/certificate-help.ts'
import { createHelpApp } from '../../src/http/create-help-app.ts'
import { listen } from '../../src/http/listen.ts'
import { type Route, routes } from '../../src/http/routes.ts'
import { startCertificateService } from '../doubles/certificate-service.ts'
import {
  basic,
  jsonType,
  startTestService,
  type TestService,
  testSnapshot,
  testToken,
} from '../doubles/http-service.ts'
import { sendRaw } from '../doubles/raw-connection.ts'

const markup = `<img src=x onerror=alert(1)>"'><script>alert(1)</script><a href="javascript:alert(1)">`
const script = /<script|<img|<a href="javascript:/i

let service: TestService
beforeAll(async () => {
  service = await startTestService({
    snapshot: { userName: markup, state: 'failed', error: { code: 'internal', message: markup } },
  })
})
afterAll(() => service.close())

const valuesOf: Readonly<Record<string, string>> = { snapshotId: testSnapshot.snapshotId, token: testToken }
const filled = (path: string) => path.replace(/:(\w+)/g, (_, name: string) => valuesOf[name] ?? 'GetServerInfo')
const everyAddress = (Object.values(routes) as Route[]).flatMap(({ verbs, path }) =>
  verbs.map((verb) => [verb.toUpperCase(), filled(path).replace('{*path}', 'snapshots')] as const),
)

describe('every answer keeps a browser from doing more than showing it', () => {
  const expectClosed = (name: string, headers: Headers) => {
    const policy = headers.get('content-security-policy') ?? ''
    const directives = new Map(policy.split(';').map((part) => [part.split(' ')[0], part]))
    expect([name, directives.get('default-src')]).toEqual([name, "default-src 'none'"])
    expect([name, directives.get('script-src')]).toEqual([name, "script-src 'self'"])
    expect([name, directives.get('frame-ancestors')]).toEqual([name, "frame-ancestors 'none'"])
    expect([name, directives.get('base-uri'), directives.get('form-action')]).toEqual([
      name,
      "base-uri 'none'",
      "form-action 'self'",
    ])
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|style-src [^;]*unsafe-inline|\*|https?:/)
    expect([name, headers.get('x-frame-options')]).toEqual([name, 'DENY'])
    expect([name, headers.get('x-content-type-options')]).toEqual([name, 'nosniff'])
    expect([name, headers.get('referrer-policy')]).toEqual([name, 'no-referrer'])
    expect([name, headers.get('cross-origin-opener-policy')]).toEqual([name, 'same-origin'])
    expect([name, headers.get('x-powered-by'), headers.get('server')]).toEqual([name, null, null])
  }

  test.each(everyAddress)('%s %s, with and without a sign-in', async (method, path) => {
    for (const headers of [{}, basic(), { accept: 'text/html' }] as Record<string, string>[]) {
      const response = await fetch(`${service.url}${path}`, { method, headers })
      await response.arrayBuffer()
      expectClosed(`${method} ${path}`, response.headers)
    }
  })

  test('errors too', async () => {
    for (const path of ['/nowhere', '/%ff', '/download/x', '/JSON/Invoke/x', '/v1/intercept/nowhere', '/assets/x.js']) {
      const response = await fetch(`${service.url}${path}`)
      await response.arrayBuffer()
      expectClosed(path, response.headers)
    }
    const foreign = await fetch(`${service.url}/session`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    })
    expectClosed('cross-site', foreign.headers)
  })

  test('what needs a sign-in is kept in no cache but the owner’s', async () => {
    for (const [method, path] of everyAddress) {
      const response = await fetch(`${service.url}${path}`, { method, headers: basic() })
      await response.arrayBuffer()
      const route = (Object.values(routes) as Route[]).find((one) => filled(one.path) === path)
      if (route === undefined || route.access === 'public') continue
      expect([path, response.headers.get('cache-control')]).toEqual([path, expect.stringMatching(/no-store|private/)])
    }
  })
})

describe('markup that somebody puts into a value', () => {
  const isPage = (response: Response) => /html|xml/.test(response.headers.get('content-type') ?? '')

  test('comes back in no page, whatever is asked for and however', async () => {
    const encoded = encodeURIComponent(markup)
    const asked: readonly (readonly [string, RequestInit])[] = [
      [`/${encoded}`, {}],
      [`/?q=${encoded}`, {}],
      [`/methods?q=${encoded}`, {}],
      [`/methods/${encoded}`, {}],
      [`/certificate-help?${encoded}`, {}],
      [`/download/${encoded}`, {}],
      [`/JSON/Status/${encoded}`, {}],
      [`/XML/Status/${encoded}`, {}],
      [`/JSON/Invoke/${encoded}`, { method: 'POST' }],
      [`/XML/Invoke/${encoded}`, { method: 'POST' }],
      [`/XML/Invoke/GetSnapshots`, { method: 'POST' }],
      [
        `/XML/Invoke/GetSnapshotInfo`,
        { method: 'POST', body: new URLSearchParams({ snapshotId: testSnapshot.snapshotId }) },
      ],
      [`/XML/Invoke/GetUserInfo`, { method: 'POST', body: new URLSearchParams({ userName: markup }) }],
      [`/JSON/Invoke/GetServerInfo`, { method: 'POST', body: new URLSearchParams({ [markup]: markup }) }],
      [`/intercept/snapshots?status=${encoded}`, {}],
      [`/intercept/snapshots/${encoded}`, {}],
      [`/v1/intercept/${encoded}`, {}],
    ]
    for (const [path, init] of asked) {
      const headers = { ...basic(), accept: 'text/html,application/xhtml+xml,*/*' }
      const response = await fetch(`${service.url}${path}`, { ...init, headers })
      const text = await response.text()
      expect([path, response.headers.get('content-type')]).toEqual([
        path,
        expect.stringMatching(/^(text\/plain|text\/html|application\/(json|xml))/),
      ])
      if (isPage(response)) expect([path, text]).toEqual([path, expect.not.stringMatching(script)])
    }
  })

  test('stays text in the XML of an answer', async () => {
    await fetch(`${service.url}/JSON/Invoke/SetUserFullName`, {
      method: 'POST',
      headers: { ...basic(), ...jsonType },
      body: JSON.stringify({ userName: 'olga', fullName: `${markup} ]]> <!ENTITY x SYSTEM "file:///etc/passwd">` }),
    })
    const response = await fetch(`${service.url}/XML/Invoke/GetUsers`, { method: 'POST', headers: basic() })
    const text = await response.text()
    expect(text).toContain('&lt;script&gt;')
    expect(text).not.toMatch(/<script|<img|<!ENTITY|<!DOCTYPE|\]\]>/)
  })

  test('stays text where an error names what was asked for', async () => {
    for (const accept of ['text/html', '*/*', 'application/xhtml+xml', 'image/svg+xml']) {
      const response = await fetch(`${service.url}/JSON/Invoke/${encodeURIComponent(markup)}`, {
        method: 'POST',
        headers: { ...basic(), accept },
      })
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    }
  })

  test('comes from no certificate, contact or Host into the pages about certificates', async () => {
    const certificate = {
      subject: markup,
      fingerprint: markup,
      validToMs: 0,
      emailAddresses: [markup],
    }
    for (const cause of ['asked', 'missing', 'untrusted', 'expired', 'revoked', 'unmapped'] as const) {
      const given = { ...certificate, validFromMs: 0, serial: '' }
      const page = certificateHelpPage({ cause, certificate: given, contact: markup, serviceUrl: markup })
      expect(page).not.toMatch(script)
      // Within quotes an attribute's value ends no sooner than they do.
      expect(page.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\s(on\w+|style)=/i)
    }
  })

  test('and no Host makes the help lead somewhere but by https', async () => {
    const help = await listen(createHelpApp({ contact: '', publicUrl: null, servicePort: 8462 }), {
      host: '127.0.0.1',
      port: 0,
    })
    try {
      for (const host of [
        'x" onclick="y',
        'javascript:alert(1)',
        'evil.example/path',
        'a@evil.example',
        '<b>',
        'x\\evil.example',
        '',
      ]) {
        const page = await sendRaw(help.url, `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
        const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, link]) => link!)
        for (const link of links)
          expect([host, link]).toEqual([
            host,
            expect.stringMatching(/^(https:\/\/[a-z0-9.-]+(:\d+)?$|\/[a-z-]+(\.css)?$)/),
          ])
        expect(page).not.toMatch(/onclick|javascript:|<b>evil/)
      }
    } finally {
      await help.close()
    }
  })
})

test('an archive is saved and never shown, whatever it holds', async () => {
  const page = Buffer.from('<script>alert(1)</script>')
  const other = await startTestService({
    snapshot: { archiveName: 'x.html' },
    archive: {
      sizeBytes: page.length,
      modifiedAtMs: 0,
      stream: async function* () {
        yield page
      },
      close: async () => {},
    },
  })
  try {
    for (const path of [
      `/download/${testSnapshot.snapshotId}`,
      `/intercept/snapshots/${testSnapshot.snapshotId}/download`,
    ]) {
      const response = await fetch(`${other.url}${path}`, { headers: { ...basic(), accept: 'text/html' } })
      await response.arrayBuffer()
      expect([
        response.headers.get('content-type'),
        response.headers.get('x-content-type-options'),
        response.headers.get('content-disposition')?.split(';')[0],
        response.headers.get('content-security-policy'),
      ]).toEqual(['application/zip', 'nosniff', 'attachment', expect.stringContaining("default-src 'none'")])
    }
  } finally {
    await other.close()
  }
})

test('a page of ours runs nothing of its own making: no inline script, style or handler', async () => {
  const tls = await startCertificateService()
  try {
    const pages = [
      await (await fetch(`${service.url}/methods`)).text(),
      (await tls.ask('/certificate-help', { headers: { accept: 'text/html' } })).body,
    ]
    for (const page of pages) {
      expect(page).toContain('<!doctype html>')
      expect(page).not.toMatch(/<script|<style|<iframe|<object|<base|javascript:|<[^>]*\s(on\w+|style)\s*=/i)
    }
  } finally {
    await tls.close()
  }
})
