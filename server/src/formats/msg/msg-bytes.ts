import type { MapiMessage } from '../mapi/message.ts'
import { createMemoryFile } from './memory-file.ts'
import { writeMsg } from './write-msg.ts'

const bufferBytes = 16 * 1024

/**
 * A small message as the bytes of its MSG file; undefined when they are more than `limitBytes`: that one wants a file. Never holds much
 * more than the limit.
 */
export const msgBytes = async (
  message: MapiMessage,
  limitBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> => {
  const file = createMemoryFile()
  const refusal = new Error('larger than the limit')
  try {
    await writeMsg(message, { file, signal, limitBytes, tooLarge: () => refusal, bufferBytes })
  } catch (error) {
    if (error === refusal) return undefined
    throw error
  }
  return file.bytes()
}
