import { quotedPieces } from './quoted.ts'

/** A sentence that may quote names of any length: long ones wrap, and their quotation marks stay with them. */
export const Sentence = ({ text }: { text: string }) => {
  let at = 0
  return quotedPieces(text).map((piece) => {
    const key = at
    at += piece.text.length
    return (
      <span key={key} className={piece.isWhole ? 'whitespace-nowrap' : 'wrap-anywhere'}>
        {piece.text}
      </span>
    )
  })
}
