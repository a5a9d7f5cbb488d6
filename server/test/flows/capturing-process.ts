/**
 * A process of the product for the tests that kill it: `capturing-process.ts <folder> <DATABASE_URL or ->`. It takes jobs, captures for ever,
 * and prints a line when a capture has begun. Without jobs in the queue it makes one, and prints its id and token.
 */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { snapshotMethods } from '@stillbox/shared/contract/snapshot-methods.ts'
import { openDatabase } from '../../src/adapters/database/open-database.ts'
import { placeCluster } from '../../testkit/embedded-cluster.ts'
import { someAdministrator } from '../doubles/callers.ts'
import { openSnapshotBench } from './snapshot-bench.ts'

const [folder, url] = process.argv.slice(2)
if (folder === undefined || url === undefined)
  throw new Error('usage: capturing-process.ts <folder> <DATABASE_URL or ->')

if (url === '-') await placeCluster(folder)
const database = await openDatabase({ url: url === '-' ? null : url, folder })
const bench = await openSnapshotBench({
  database,
  folder,
  queue: { heartbeatSeconds: 10, superviseSeconds: 2 },
})
bench.scripts.set('anna', async ({ request, signal }) => {
  await writeFile(join(request.workFolder, 'half an archive'), 'x'.repeat(100_000))
  console.log(`capturing ${request.snapshotId}`)
  // A timer, since a promise alone does not keep a process alive.
  const alive = setInterval(() => {}, 1_000)
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  clearInterval(alive)
  throw signal.reason
})
await bench.start()
const { snapshotId, statusToken } = await bench.create(
  snapshotMethods.CreateSnapshot.params.parse({
    userName: 'anna',
    type: ['mailbox'],
    start: '2026-01-01',
    end: '2026-02-01',
  }),
  someAdministrator,
)
console.log(`created ${snapshotId} ${statusToken}`)
