/**
 * The product as `main.ts` starts it, made for the tests of faults: it tries three times, a second apart, notices within seconds that another process
 * has died, and prints a line for every process it starts.
 */
import { serve } from '../../src/serve.ts'

await serve({
  retryDelaysSeconds: [1, 1, 1, 1],
  queue: { maxAttempts: 3, heartbeatSeconds: 10, superviseSeconds: 2 },
  onWorkProcess: (pid, kind) => console.log(`work process ${pid} ${kind}`),
})
