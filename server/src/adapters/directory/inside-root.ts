import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync, type Stats } from 'node:fs'
import { sep } from 'node:path'
import { nullWhenGone } from './directory-errors.ts'

/** Access below one folder only: a link that leads out of it is not followed. */
export type InsideRoot = {
  /** Where `path` really is; null when it is not there, `outside` when a link leads out of the root. */
  locate(path: string): string | 'outside' | null
  /** Facts of a regular file; null when it is gone, `outside` for a link that leaves, `special` for what is no file. */
  facts(path: string): Stats | 'outside' | 'special' | null
  /** Opens a regular file for reading; the caller closes `fd`. Null when it is gone or is no regular file inside the root. */
  open(path: string): { readonly fd: number; readonly stats: Stats } | null
  /** A small text file as UTF-8; null when it is gone, lies outside or is larger than `limitBytes`. */
  text(path: string, limitBytes: number): string | null
}

/** @throws Error with ENOENT or ENOTDIR when the root is not there. */
export const insideRoot = (root: string): InsideRoot => {
  const real = realpathSync(root)
  const below = real.endsWith(sep) ? real : real + sep
  const attempt = <T>(act: () => T): T | null => {
    try {
      return act()
    } catch (cause) {
      return nullWhenGone(cause)
    }
  }
  const locate: InsideRoot['locate'] = (path) => {
    const found = attempt(() => realpathSync(path))
    return found === null || found === real || found.startsWith(below) ? found : 'outside'
  }
  const open: InsideRoot['open'] = (path) => {
    const target = attempt(() => lstatSync(path))?.isSymbolicLink() ? locate(path) : path
    if (target === null || target === 'outside') return null
    // Not following and not blocking: what was a file when it was listed may be a link or a FIFO by now.
    const fd = attempt(() => openSync(target, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK))
    if (fd === null) return null
    const stats = fstatSync(fd)
    if (stats.isFile()) return { fd, stats }
    closeSync(fd)
    return null
  }
  return {
    locate,
    open,
    text: (path, limitBytes) => {
      const file = open(path)
      if (!file) return null
      try {
        return file.stats.size > limitBytes ? null : readFileSync(file.fd, 'utf8')
      } finally {
        closeSync(file.fd)
      }
    },
    facts: (path) => {
      const own = attempt(() => lstatSync(path))
      if (!own || own.isFile()) return own
      if (!own.isSymbolicLink()) return 'special'
      const target = locate(path)
      if (target === null || target === 'outside') return target
      const stats = attempt(() => lstatSync(target))
      return stats === null || stats.isFile() ? stats : 'special'
    },
  }
}
