import type { MapiMessage } from '../mapi/message.ts'
import type { WritableFile } from '../mapi/writable-file.ts'
import {
  type AddedMessage,
  createPst,
  type FolderRef,
  type PstFolder,
  PstFull,
  type PstOptions,
  type PstWriter,
} from './create-pst.ts'

export type PartFile = WritableFile & {
  /** Called once the part is complete. */
  close(): Promise<void>
}

export type PstPart = {
  /** From 1. */
  readonly part: number
  readonly sizeBytes: number
  readonly folders: number
  readonly messages: number
  /** Whether it is larger than the limit, for the single item in it is. */
  readonly isOversized: boolean
}

export type SplitPstOptions = Omit<PstOptions, 'file'> & {
  /** Opens the file of a part, numbered from 1. */
  create(part: number): Promise<PartFile>
  /** No part is larger, but for one with a single item that is. */
  readonly limitBytes: number
}

export type AddedToPart = AddedMessage & { readonly part: number; readonly isOversized: boolean }

export type SplitPstWriter = {
  /** As with `createPst`. The folder is in the part that is open now, and in each later one that gets something for it. */
  addFolder(path: readonly string[], containerClass: string): Promise<PstFolder>
  /**
   * As with `createPst`, in the first part that has room.
   * @param expectedBytes about how large it will be: a part that could not take it is closed before it is tried
   */
  add(folder: PstFolder, message: MapiMessage, signal: AbortSignal, expectedBytes?: number): Promise<AddedToPart>
  /** Completes the last part; there is one at least. */
  finish(): Promise<{ readonly parts: readonly PstPart[] }>
}

type OpenPart = {
  readonly part: number
  readonly file: PartFile
  readonly writer: PstWriter
  readonly refs: Map<PstFolder, FolderRef>
  messages: number
  isOversized: boolean
}

/** Writes as many PST files as a size limit asks for, each complete in itself. */
export const createSplitPst = (options: SplitPstOptions): SplitPstWriter => {
  const { create, limitBytes, displayName, folders = [], ...others } = options
  const closed: PstPart[] = []
  let open: OpenPart | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work)
    turn = result.catch(() => undefined)
    return result
  }
  const openPart = async (): Promise<OpenPart> => {
    if (open) return open
    const part = closed.length + 1
    const file = await create(part)
    const writer = createPst({ ...others, displayName, file, ...(part === 1 ? { folders } : {}) })
    open = { part, file, writer, refs: new Map(), messages: 0, isOversized: false }
    return open
  }
  const closePart = async ({ part, file, writer, isOversized }: OpenPart, isLast: boolean): Promise<void> => {
    const isAlone = part === 1 && isLast
    const facts = await writer.finish({ displayName: isAlone ? displayName : `${displayName} (part ${part})` })
    await file.close()
    closed.push({ part, ...facts, isOversized })
    open = undefined
  }
  const refIn = ({ writer, refs }: OpenPart, folder: PstFolder): FolderRef => {
    const ref = refs.get(folder) ?? writer.addFolder(folder.path, folder.containerClass)
    refs.set(folder, ref)
    return ref
  }

  const addOnce = async (
    folder: PstFolder,
    message: MapiMessage,
    signal: AbortSignal,
    expectedBytes: number,
  ): Promise<AddedToPart | undefined> => {
    const current = await openPart()
    const { writer, part } = current
    // A part takes its first item however large it is: there is no other place for it.
    const isFirst = current.messages === 0
    if (!isFirst && writer.projectedSizeBytes(expectedBytes) > limitBytes) return undefined
    try {
      const added = await writer.add(refIn(current, folder), message, signal, isFirst ? {} : { limitBytes })
      current.messages++
      current.isOversized ||= isFirst && writer.projectedSizeBytes(0) > limitBytes
      return { ...added, part, isOversized: current.isOversized }
    } catch (error) {
      if (error instanceof PstFull) return undefined
      throw error
    }
  }

  return {
    addFolder: (path, containerClass) =>
      inTurn(async () => {
        const folder = { path: [...path], containerClass }
        refIn(await openPart(), folder)
        return folder
      }),
    add: (folder, message, signal, expectedBytes = 0) =>
      inTurn(async () => {
        for (;;) {
          const added = await addOnce(folder, message, signal, expectedBytes)
          if (added) return added
          await closePart(open!, false)
        }
      }),
    finish: () =>
      inTurn(async () => {
        await closePart(await openPart(), true)
        return { parts: closed }
      }),
  }
}
