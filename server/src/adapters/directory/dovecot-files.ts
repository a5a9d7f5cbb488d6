/** The numbers of a Maildir folder as Dovecot keeps them in `dovecot-uidlist`; keys are base names (up to the `:`). */
export type UidList = {
  readonly uidValidity: string
  readonly uidNext: string | null
  readonly uids: ReadonlyMap<string, number>
}

const highestUid = 0xffff_ffff

export const baseNameOf = (fileName: string): string => {
  const colon = fileName.indexOf(':')
  return colon < 0 ? fileName : fileName.slice(0, colon)
}

/**
 * Reads `dovecot-uidlist`, version 3 (`3 V<uidvalidity> N<next> G<guid>`, then `<uid> <extensions> :<file>`) and version 1
 * (`1 <uidvalidity> <next>`, then `<uid> <file>`). Null when it is neither, as for a file that is still being written:
 * numbers that are not certain are worse than none.
 */
export const parseUidList = (text: string): UidList | null => {
  const [header = '', ...lines] = text.split('\n')
  const third = /^3 (?=.*\bV(\d+))(?:.*\bN(\d+))?/.exec(header)
  const first = third ? null : /^1 (\d+) (\d+)$/.exec(header)
  const uidValidity = third?.[1] ?? first?.[1]
  if (uidValidity === undefined || Number(uidValidity) < 1 || Number(uidValidity) > highestUid) return null
  const uids = new Map<string, number>()
  for (const line of lines) {
    const match = third ? /^(\d+) (?:[^:]* )?:(.+)$/.exec(line) : /^(\d+) (.+)$/.exec(line)
    const uid = Number(match?.[1])
    if (match && uid >= 1 && uid <= highestUid) uids.set(baseNameOf(match[2]!), uid)
  }
  return { uidValidity: String(Number(uidValidity)), uidNext: third?.[2] ?? first?.[2] ?? null, uids }
}

/** Keywords by their letter (`a` is line 0 of `dovecot-keywords`: `0 $Forwarded`). */
export const parseKeywords = (text: string): ReadonlyMap<string, string> => {
  const keywords = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^(\d{1,2}) (\S+)$/.exec(line)
    if (match && Number(match[1]) < 26) keywords.set(String.fromCharCode(97 + Number(match[1])), match[2]!)
  }
  return keywords
}

const systemFlags: Readonly<Record<string, string>> = {
  D: '\\Draft',
  F: '\\Flagged',
  P: '$Forwarded',
  R: '\\Answered',
  S: '\\Seen',
  T: '\\Deleted',
}

/** Flags and keywords out of the `:2,` part of a Maildir file name, sorted; letters without a meaning here are left out. */
export const flagsOf = (fileName: string, keywords: ReadonlyMap<string, string>): readonly string[] => {
  const letters = /:2,([^,]*)/.exec(fileName)?.[1] ?? ''
  const flags = new Set<string>()
  for (const letter of letters) {
    const flag = systemFlags[letter] ?? keywords.get(letter)
    if (flag !== undefined) flags.add(flag)
  }
  return [...flags].sort()
}
