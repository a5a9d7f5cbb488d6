import { describe, expect, test } from 'vitest'
import { startDovecot } from '../testkit/servers/dovecot.ts'
import { needs } from '../testkit/servers/needs.ts'
import { fillMailbox, largeMailbox, smallMailbox } from './mailboxes.ts'
import { runMbsyncAndZip } from './peers.ts'

describe.skipIf(!needs('dovecot') || !needs('mbsync'))('the benchmark', () => {
  test('its mailboxes are the same each time, and the peer takes them whole', async () => {
    const server = await startDovecot({ users: { anna: 'secret' }, compress: true })
    try {
      const small = await fillMailbox(server, 'anna', smallMailbox({ messages: 120 }))
      const again = { messages: 0, bytes: 0 }
      for (const folder of smallMailbox({ messages: 120 }).folders)
        for (const message of folder.messages()) {
          again.messages++
          again.bytes += message.bytes.length
        }
      expect(small).toEqual(again)
      expect(small.messages).toBe(120)
      const large = await fillMailbox(server, 'anna', largeMailbox({ messages: 6 }))
      const run = await runMbsyncAndZip({ host: server.host, port: server.port, userName: 'anna', password: 'secret' })
      // Half of the large messages hardly compress; an archive much smaller than that is not all of it.
      expect(run.archiveBytes).toBeGreaterThan((small.bytes + large.bytes) / 4)
      expect(run.archiveBytes).toBeLessThan(small.bytes + large.bytes)
      expect(run.peakRssBytes).toBeGreaterThan(1_000_000)
      expect(run.wallMs).toBeGreaterThan(0)
    } finally {
      await server.stop()
    }
  })
})
