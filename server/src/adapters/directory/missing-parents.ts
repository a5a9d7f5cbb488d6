import type { SourceFolder } from '../../ports/source.ts'

/** Parents that exist only in the paths of their children, as folders in which nothing is to be read. */
export const missingParents = (paths: readonly (readonly string[])[]): readonly SourceFolder[] => {
  const known = new Set(paths.map((path) => path.join('\0')))
  const parents: SourceFolder[] = []
  for (const path of paths)
    for (let depth = 1; depth < path.length; depth++) {
      const parent = path.slice(0, depth)
      const key = parent.join('\0')
      if (known.has(key)) continue
      known.add(key)
      const serverName = `${parent.join('/')}//`
      parents.push({ kind: 'mail', path: parent, serverName, isSelectable: false, generation: null, properties: {} })
    }
  return parents
}
