/** A value of a response: an atom, string or literal as text (one character a byte), NIL as null, a list. */
export type Token = string | null | readonly Token[]

const maxDepth = 32

/** Puts a literal into the text of its response as a quoted string. */
export const quote = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&')}"`

/** Reads a quoted string that begins at `from`. `end` is behind the closing quote, or -1 when there is none. */
export const readQuoted = (text: string, from: number): { value: string; end: number } => {
  let end = from + 1
  let hasEscape = false
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === 0x22) {
      const raw = text.slice(from + 1, end)
      return { value: hasEscape ? raw.replace(/\\(.)/gs, '$1') : raw, end: end + 1 }
    }
    if (code === 0x5c) {
      hasEscape = true
      end++
    }
  }
  return { value: '', end: -1 }
}

/** The tokens of a response without literals. Null when it is not well-formed, or nested absurdly deep. */
export const tokenize = (text: string): readonly Token[] | null => {
  const open: Token[][] = [[]]
  let at = 0
  while (at < text.length) {
    const character = text[at]
    if (character === ' ') at++
    else if (character === '(') {
      if (open.length > maxDepth) return null
      open.push([])
      at++
    } else if (character === ')') {
      const list = open.pop()!
      const outer = open.at(-1)
      if (!outer) return null
      outer.push(list)
      at++
    } else if (character === '"') {
      const { value, end } = readQuoted(text, at)
      if (end < 0) return null
      open.at(-1)!.push(value)
      at = end
    } else {
      let end = at
      while (end < text.length && !' ()"'.includes(text[end]!)) end++
      const atom = text.slice(at, end)
      open.at(-1)!.push(atom.toUpperCase() === 'NIL' ? null : atom)
      at = end
    }
  }
  return open.length === 1 ? open[0]! : null
}
