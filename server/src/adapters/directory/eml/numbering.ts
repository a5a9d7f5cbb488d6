/** As our own archives and exports begin the names of messages: the UID in at least six digits. */
const numbered = /^(\d{6,10})(?: .*)?\.eml$/i
const highestUid = 0xffff_ffff

/**
 * The numbers of the messages of a folder by their names. Where all names begin with a number as in our own export, and no two with the
 * same, these are their UIDs again; else they are counted through in the order of their names.
 * @param names sorted
 */
export const numberMessages = (names: readonly string[]): ReadonlyMap<number, string> => {
  const stated = new Map<number, string>()
  for (const name of names) {
    const uid = Number(numbered.exec(name)?.[1] ?? 0)
    if (uid >= 1 && uid <= highestUid) stated.set(uid, name)
  }
  if (stated.size === names.length) return new Map([...stated].sort(([a], [b]) => a - b))
  return new Map(names.map((name, index) => [index + 1, name]))
}
