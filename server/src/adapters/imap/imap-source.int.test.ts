import { describe } from 'vitest'
import { type DovecotOptions, startDovecot } from '../../../testkit/servers/dovecot.ts'
import { needs } from '../../../testkit/servers/needs.ts'
import { sourceContract } from '../../ports/source.contract.ts'
import type { ImapSourceSpec } from '../../ports/source.ts'
import { openImapSource } from './imap-source.ts'

const message = (n: number, bytes = 400): Buffer =>
  Buffer.from(
    `Message-ID: <${n}@example.org>\r\nSubject: number ${n}\r\n\r\n${'Grüße, (fünf} {12}\r\n'.repeat(Math.ceil(bytes / 20))}`,
  )

const dovecotWorld = (options: Partial<DovecotOptions>, spec: Partial<ImapSourceSpec>) => async () => {
  const server = await startDovecot({ users: { anna: 'secret' }, ...options })
  const separator = options.prefix?.slice(0, -1)
  const below = separator === undefined ? [] : [separator]
  const inbox = Array.from({ length: 40 }, (_, i) => message(i, 100 + i * 517))
  const umlauts = Array.from({ length: 3 }, (_, i) => message(100 + i))
  await server.deliver(
    'anna',
    ['INBOX'],
    inbox.map((bytes, i) => ({ bytes, receivedAtMs: 1_600_000_000_000 + i * 1_000, letters: i % 2 ? 'S' : 'FR' })),
  )
  await server.deliver(
    'anna',
    [...below, 'Übung & mehr', '日本 語'],
    umlauts.map((bytes) => ({ bytes })),
  )
  await server.deliver('anna', [...below, 'Leer'], [])
  return {
    open: (signal: AbortSignal) =>
      openImapSource(
        {
          technology: 'imap',
          kind: 'mail',
          host: server.host,
          port: server.port,
          tls: { mode: 'none' },
          auth: { method: 'password', userName: 'anna', password: 'secret' },
          compress: false,
          timeoutMs: 10_000,
          plainFetch: false,
          ...spec,
          ...(spec.tls && spec.tls.mode !== 'none' ? { tls: { ...spec.tls, ca: server.ca } } : {}),
          ...(spec.tls?.mode === 'implicit' ? { port: server.tlsPort } : {}),
        },
        signal,
      ),
    holds: [
      { path: ['INBOX'], items: inbox },
      { path: [...below, 'Übung & mehr', '日本 語'], items: umlauts },
      { path: [...below, 'Leer'], items: [] },
    ],
    absentRef: 4_000_000_000,
    stop: server.stop,
  }
}

describe.skipIf(!needs('dovecot'))('IMAP on Dovecot', () => {
  sourceContract('IMAP', dovecotWorld({}, {}))
  sourceContract('IMAP over TLS', dovecotWorld({}, { tls: { mode: 'implicit' } }))
  sourceContract(
    'IMAP over STARTTLS, with a prefix and a dot',
    dovecotWorld({ delimiter: '.', prefix: 'INBOX.' }, { tls: { mode: 'starttls', serverName: 'localhost' } }),
  )
  sourceContract('IMAP compressed', dovecotWorld({ compress: true }, { compress: true }))
  sourceContract('IMAP with plain FETCH', dovecotWorld({}, { plainFetch: true }))
})
