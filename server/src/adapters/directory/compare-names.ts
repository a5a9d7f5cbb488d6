import type { SourceFolder } from '../../ports/source.ts'

export const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0)

/** Canonical order: segment by segment in UTF-16 code units, a parent before its children. */
export const comparePaths = (a: readonly string[], b: readonly string[]): number => {
  for (const [index, segment] of a.entries()) {
    const order = index < b.length ? compare(segment, b[index]!) : 1
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** In canonical order; the first in which something is to be read tells how many files were passed over in all of them. */
export const foldersInOrder = (folders: readonly SourceFolder[], otherFiles: number): readonly SourceFolder[] => {
  const sorted = [...folders].sort((a, b) => comparePaths(a.path, b.path) || compare(a.serverName, b.serverName))
  const first = sorted.find(({ isSelectable }) => isSelectable)
  return sorted.map((folder) =>
    folder === first && otherFiles > 0
      ? { ...folder, properties: { ...folder.properties, otherFilesInSource: String(otherFiles) } }
      : folder,
  )
}
