import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import { createLayout } from '../../src/domain/archive/archive-layout.ts'
import { batchBytes, createItemPacker } from '../../src/domain/capture/item-packer.ts'
import type { DraftFile } from '../../src/ports/draft-file.ts'
import type { CompactListing, OpenReaders, Packed, ReadTask } from '../../src/ports/readers.ts'
import type { ItemRef, SourceFolder } from '../../src/ports/source.ts'

export type ScriptedItem = {
  readonly ref: ItemRef
  readonly text: string
  readonly receivedAtMs?: number
  readonly flags?: readonly string[]
}
export type ScriptedFolder = { readonly folder: SourceFolder; items: readonly ScriptedItem[] }

export type ReadersScript = {
  /** One list of folders a source; may be changed while the capture runs. */
  readonly sources: ScriptedFolder[][]
  /** Called before each answer, to wait, to fail, or to change what there is. */
  readonly before?: (call: {
    readonly name: 'folders' | 'list' | 'read'
    /** How many calls of this name came before. */
    readonly nth: number
    readonly folder: SourceFolder | null
    readonly task: ReadTask | null
  }) => void | Promise<void>
  readonly size?: number
  readonly createSpool?: (name: string) => Promise<DraftFile>
}

export const scriptedFolder = (
  kind: SourceFolder['kind'],
  path: readonly string[],
  items: readonly ScriptedItem[],
  changes: Partial<SourceFolder> = {},
): ScriptedFolder => ({
  folder: {
    kind,
    path,
    serverName: kind === 'mail' ? path.join('/') : `/dav/${path.join('/')}/`,
    generation: kind === 'mail' ? '1' : null,
    isSelectable: true,
    properties: {},
    ...changes,
  },
  items,
})

/** Readers without threads or servers: real packing, and a script that says what the server holds at each moment. */
export const createScriptedReaders = (script: ReadersScript) => {
  const counts = { folders: 0, list: 0, read: 0, closed: 0 }
  let underWay = 0
  let widest = 0
  let spools = 0
  const openReaders: OpenReaders = (_, signal) => {
    let laidOut: readonly SourceFolder[] = []
    let layout = createLayout([])
    let isClosed = false
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    aborted.catch(() => {})
    const call = async <T>(
      name: 'folders' | 'list' | 'read',
      folder: SourceFolder | null,
      task: ReadTask | null,
      work: () => T | Promise<T>,
    ): Promise<T> => {
      if (isClosed) throw new Error('a call after the end')
      const nth = counts[name]++
      underWay += 1
      widest = Math.max(widest, underWay)
      const answer = async () => {
        await script.before?.({ name, nth, folder, task })
        return work()
      }
      try {
        signal.throwIfAborted()
        return await Promise.race([answer(), aborted])
      } finally {
        underWay -= 1
      }
    }
    const found = (sourceIndex: number, { serverName, generation }: SourceFolder): ScriptedFolder => {
      const named = script.sources[sourceIndex]!.find(({ folder }) => folder.serverName === serverName)
      if (!named) throw new AppError('source_gone', { details: { reason: 'the folder was deleted' } })
      if (named.folder.generation !== generation)
        throw new AppError('source_changed', { details: { folder: serverName } })
      return named
    }
    return {
      size: script.size ?? 2,
      folders: (sourceIndex) =>
        call('folders', null, null, () => script.sources[sourceIndex]!.map(({ folder }) => folder)),
      list: (sourceIndex, folder) =>
        call('list', folder, null, (): CompactListing => {
          const { items } = found(sourceIndex, folder)
          return {
            expectedCount: items.length,
            refs:
              folder.kind === 'mail'
                ? Uint32Array.from(items, ({ ref }) => Number(ref))
                : items.map(({ ref }) => String(ref)),
            sizes: Float64Array.from(items, ({ text }) => Buffer.byteLength(text)),
            receivedAtMs: Float64Array.from(items, ({ receivedAtMs }) => receivedAtMs ?? Number.NaN),
            issues: [],
          }
        }),
      layOut: (folders) => {
        laidOut = folders
        layout = createLayout(folders)
      },
      read: (task, receive) =>
        call('read', laidOut[task.folderIndex]!, task, async () => {
          const { items } = found(task.sourceIndex, laidOut[task.folderIndex]!)
          const packed: Packed[] = []
          const packer = createItemPacker(task.folderIndex, {
            folders: laidOut,
            layout,
            takeBuffer: () => new Uint8Array(batchBytes),
            emit: (each) => void packed.push(each),
            createSpool: async (): Promise<DraftFile> => {
              if (!script.createSpool) throw new Error('the scripted items are small')
              return script.createSpool(`spool-${++spools}.part`)
            },
            onIssue: receive.onIssue,
            onBytes: receive.onBytes,
          })
          for (const ref of task.refs) {
            const item = items.find((each) => each.ref === ref)
            if (!item) {
              packer.skip({ ref, code: 'vanished', text: 'It was gone.', isLost: true })
              continue
            }
            const { flags } = item
            packer.begin({ ref, receivedAtMs: item.receivedAtMs ?? null, ...(flags ? { flags } : {}) }, null)
            await packer.write(Buffer.from(item.text))
            await packer.end()
          }
          packer.flush()
          for (const each of packed) await receive.onPacked(each)
        }),
      close: async () => {
        isClosed = true
        counts.closed += 1
        await sleep(0)
      },
    }
  }
  return { openReaders, counts, widest: () => widest, underWay: () => underWay }
}
