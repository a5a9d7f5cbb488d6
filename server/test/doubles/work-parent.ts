/** A service that dies: starts a work process, prints its id, and waits to be killed. */
import { createArchiveWork } from '../../src/adapters/work/archive-work.ts'

const work = createArchiveWork({
  entry: new URL('./failing-work.ts', import.meta.url),
  settings: { signingKeyPem: '', signingPublicKey: '', productVersion: '', readerCount: 1, memoryLimitMb: 512 },
  heapMb: 128,
  captureMaxHours: 1,
  onCrash: () => {},
  onStart: (_, pid) => console.log(`started ${pid}`),
})
await work.verify('never ends', () => {}, new AbortController().signal)
