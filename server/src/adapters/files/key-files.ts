import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyFiles } from '../../ports/key-files.ts'
import { codeOf } from './file-errors.ts'

/** Keeps keys in `<folder>/keys`, which nobody else may look into. */
export const openKeyFiles = async (folder: string): Promise<KeyFiles> => {
  const keys = join(folder, 'keys')
  await mkdir(keys, { recursive: true, mode: 0o700 })
  await chmod(keys, 0o700)
  return {
    readOrMake: async (name, make, isKey, loss) => {
      const path = join(keys, name)
      const found = (await readKey(path)) ?? (await keep(path, await make()))
      if (!isKey(found))
        throw new Error(
          `The key file ${path} is damaged. Put it back from a backup. It is not replaced by itself: ${loss}.`,
        )
      return found
    },
  }
}

const readKey = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw new Error(
      `The key file ${path} cannot be read (${codeOf(error) ?? 'unknown'}). Let the user that runs the service read it, or put it back from a backup.`,
      { cause: error },
    )
  }
}

/** A key appears whole or not at all. */
const keep = async (path: string, text: string): Promise<string> => {
  const draft = `${path}.${randomUUID()}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    await link(draft, path)
    return text
  } catch (error) {
    const other = codeOf(error) === 'EEXIST' ? await readKey(path) : null
    if (other === null) throw error
    return other
  } finally {
    await rm(draft, { force: true })
  }
}
