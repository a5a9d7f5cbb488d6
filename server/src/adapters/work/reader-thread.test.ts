import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { expect, test } from 'vitest'
import type { PackedEntry } from '../../ports/readers.ts'
import type { ItemSink, Source } from '../../ports/source.ts'
import type { FromReader } from './reader-messages.ts'
import { type Packer, serveReader } from './reader-thread.ts'

test('an item whose last byte came just before the connection was cut is packed before the task is done', async () => {
  const { port1, port2 } = new MessageChannel()
  const asked: unknown[] = []
  const source: Source = {
    folders: async () => [],
    list: async () => ({ expectedCount: 0, items: [], issues: [] }),
    read: async (_, refs, sink: ItemSink) => {
      asked.push(refs)
      if (refs.length === 0) return
      sink.begin({ ref: 1, receivedAtMs: null }, 3)
      void sink.end()
      throw new AppError('source_unreachable', { details: { host: 'a', reason: 'cut' } })
    },
    close: async () => {},
  }
  serveReader(
    port2,
    { sources: [{ technology: 'directory', kind: 'mail', path: '/nowhere' }], threadNo: 0, workFolder: '/nowhere' },
    {
      openSource: async () => source,
      batchBytes: 1024,
      createSpool: () => Promise.reject(new Error('not needed')),
      layOut: () => (_, needs) => {
        const packer: Packer = {
          begin: () => {},
          write: () => {},
          // As for a large item: its compressed bytes are still on their way to the disk.
          end: async () => {
            await sleep(1_500)
            void needs.emit({ form: 'spool', entry: {} as PackedEntry, path: 'spool' })
          },
          skip: () => {},
          flush: () => {},
          discard: async () => {},
        }
        return packer
      },
    },
  )
  const types: string[] = []
  const done = new Promise<void>((resolve, reject) => {
    port1.on('message', (message: FromReader) => {
      types.push(message.type)
      if (message.type === 'done') resolve()
      if (message.type === 'failed') reject(new Error(JSON.stringify(message.error)))
    })
  })
  port1.postMessage({ type: 'layout', folders: [{}] })
  port1.postMessage({ type: 'read', id: 1, sourceIndex: 0, folderIndex: 0, refs: Uint32Array.of(1) })
  await done
  port1.close()
  expect(asked).toEqual([[1], []])
  expect(types).toEqual(['spool', 'done'])
})
