/** A thread that answers like a reader, or fails in the way that the number of the source says. */
import { setInterval } from 'node:timers'
import { parentPort, threadId } from 'node:worker_threads'
import type { FromReader, ToReader } from '../../src/adapters/work/reader-messages.ts'

/** Sources of this double, by number. */
export const failures = {
  none: 0,
  exits: 1,
  runsOutOfMemory: 2,
  throwsInACallback: 3,
  neverAnswers: 4,
  names: 5,
  isUnforeseen: 6,
} as const

const port = parentPort
if (port) {
  const answer = (message: FromReader) => port.postMessage(message)
  const fail: Readonly<Record<number, (id: number) => void>> = {
    [failures.none]: (id) => void setTimeout(() => answer({ type: 'done', id, value: [] }), 10 + (threadId % 3)),
    [failures.exits]: () => process.exit(3),
    [failures.runsOutOfMemory]: () => {
      const kept: object[][] = []
      for (;;) kept.push(Array.from({ length: 10_000 }, (_, at) => ({ at })))
    },
    [failures.throwsInACallback]: () => {
      setImmediate(() => {
        throw new RangeError('unforeseen')
      })
    },
    [failures.neverAnswers]: () => void setInterval(() => {}, 1_000),
    [failures.names]: (id) =>
      answer({ type: 'failed', id, error: { code: 'source_busy', details: { host: 'h', reason: 'later' } } }),
    [failures.isUnforeseen]: (id) => answer({ type: 'failed', id, error: { unexpected: 'TypeError: x' } }),
  }
  port.on('message', (message: ToReader) => {
    if (message.type === 'folders') fail[message.sourceIndex]!(message.id)
    if (message.type === 'close') {
      // One that hangs does not even hear that it should end.
      if (process.getActiveResourcesInfo().includes('Timeout')) return
      answer({ type: 'closed' })
      port.close()
    }
  })
}
