/** A piece of a sentence; `isWhole` when no line may break inside it. */
export type Piece = { readonly text: string; readonly isWhole: boolean }

const wholeUpTo = 16
const atTheEnds = 3

const quoted = ({ open, inner, close }: { open: string; inner: string; close: string }): readonly Piece[] => {
  const letters = [...new Intl.Segmenter().segment(inner)].map(({ segment }) => segment)
  if (letters.length <= wholeUpTo) return [{ text: open + inner + close, isWhole: !/\s/.test(inner) }]
  return [
    { text: open + letters.slice(0, atTheEnds).join(''), isWhole: true },
    { text: letters.slice(atTheEnds, -atTheEnds).join(''), isWhole: false },
    { text: letters.slice(-atTheEnds).join('') + close, isWhole: true },
  ]
}

/**
 * A sentence in pieces, so that a quotation mark never stands alone at the end or the beginning of a line: a short
 * quotation stays in one piece, a long one keeps its first and last letters with their marks.
 */
export const quotedPieces = (sentence: string): readonly Piece[] => {
  const pieces: Piece[] = []
  let done = 0
  for (const match of sentence.matchAll(/(?<open>“)(?<inner>[^“”]+)(?<close>”[.,;:!?]*)/g)) {
    const { open = '', inner = '', close = '' } = match.groups ?? {}
    if (match.index > done) pieces.push({ text: sentence.slice(done, match.index), isWhole: false })
    pieces.push(...quoted({ open, inner, close }))
    done = match.index + match[0].length
  }
  if (done < sentence.length) pieces.push({ text: sentence.slice(done), isWhole: false })
  return pieces
}
