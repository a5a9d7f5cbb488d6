import { randomUUID } from 'node:crypto'
import { existsSync, openAsBlob, readFileSync } from 'node:fs'
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'

/** The version of PGlite, whose package does not export its own package.json. */
const version = (): string => {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const { version: found } = JSON.parse(readFileSync(join(dirname(entry), '../package.json'), 'utf8')) as {
    version: string
  }
  return found
}

const cache = join(import.meta.dirname, '../node_modules/.cache/stillbox')

/**
 * An embedded database without tables, as a first start makes it, once as a folder and once as a tar file. Making one takes seconds of
 * computing, and copying it a tenth of that; so it is made once for each version of PGlite and kept.
 */
const made = async (): Promise<{ readonly folder: string; readonly tar: string }> => {
  const place = join(cache, `embedded-${version()}`)
  const cluster = { folder: join(place, 'database'), tar: join(place, 'database.tar') }
  if (existsSync(place)) return cluster
  const draft = `${place}.${randomUUID()}`
  await mkdir(draft, { recursive: true })
  const pglite = new PGlite(join(draft, 'database'))
  await pglite.waitReady
  await writeFile(join(draft, 'database.tar'), Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer()))
  await pglite.close()
  try {
    await rename(draft, place)
  } catch (error) {
    // Another process was quicker.
    await rm(draft, { recursive: true })
    if (!existsSync(place)) throw error
  }
  return cluster
}

/** Puts an embedded database without tables into a data folder that has none yet, so that nobody has to wait until one is made. */
export const placeCluster = async (dataFolder: string): Promise<void> => {
  const target = join(dataFolder, 'database')
  if (existsSync(target)) return
  await cp((await made()).folder, target, { recursive: true })
}

/** The same for one in memory, as PGlite loads it. */
export const clusterInMemory = async (): Promise<Blob> => openAsBlob((await made()).tar)
