import type { MimePart } from '../../../formats/eml/index-parts.ts'
import { attachmentName } from '../../../formats/eml/read-parameters.ts'

/** Something a reader sees in the body, in up to two renderings; each is read from its first part to its last. */
export type BodyPiece = { readonly text: readonly MimePart[]; readonly html: readonly MimePart[] }

export type MailLayout = {
  readonly pieces: readonly BodyPiece[]
  readonly attachments: readonly MimePart[]
  /** First parts of multipart/signed (RFC 1847 §2.1) within the message: what a signature covers. */
  readonly signed: readonly MimePart[]
}

const nothing: MailLayout = { pieces: [], attachments: [], signed: [] }

const joined = (layouts: readonly MailLayout[]): MailLayout => ({
  pieces: layouts.flatMap(({ pieces }) => pieces),
  attachments: layouts.flatMap(({ attachments }) => attachments),
  signed: layouts.flatMap(({ signed }) => signed),
})

/** All of it as attachments. */
const asAttachments = ({ pieces, attachments, signed }: MailLayout): MailLayout => ({
  pieces: [],
  attachments: [...pieces.flatMap(({ text, html }) => [...text, ...html]), ...attachments],
  signed,
})

const isText = (part: MimePart): boolean => part.mediaType === 'text/plain' || part.mediaType === 'text/html'

/** Whether a leaf is meant to be read in the body, not to be saved. */
const isBody = (part: MimePart, isWhole: boolean): boolean => {
  if (part.disposition.value === 'attachment' || part.encoding.includes('uue')) return false
  if (isWhole)
    return (isText(part) || part.mediaType.startsWith('multipart/')) && !part.disposition.parameters.has('filename')
  return isText(part) && attachmentName(part.disposition, part.type) === ''
}

const layOutAlternative = (part: MimePart): MailLayout => {
  const choices = part.children.map((child) => layOut(child, false))
  const hasHtml = ({ pieces }: MailLayout) => pieces.some(({ html }) => html.length > 0)
  // RFC 2046 §5.1.4: the last rendering is the best one.
  const html = choices.findLast(hasHtml)
  const text = choices.findLast((choice) => choice.pieces.length > 0 && !hasHtml(choice))
  const others = choices.filter((choice) => choice !== html && choice !== text).map(asAttachments)
  if (text === undefined || html === undefined) return joined([text ?? html ?? nothing, ...others])
  const piece: BodyPiece = {
    text: text.pieces.flatMap((own) => own.text),
    html: html.pieces.flatMap((own) => (own.html.length > 0 ? own.html : own.text)),
  }
  // A text that already had an HTML rendering of its own, deeper down: there is a better one now.
  const second = html.pieces.flatMap((own) => (own.html.length > 0 ? own.text : []))
  return joined([
    { ...nothing, pieces: [piece], attachments: second },
    { ...text, pieces: [] },
    { ...html, pieces: [] },
    ...others,
  ])
}

const layOutRelated = (part: MimePart): MailLayout => {
  const start = (part.type.parameters.get('start') ?? '').replace(/^<|>$/g, '')
  const root = part.children.find(({ contentId }) => start !== '' && contentId === start) ?? part.children[0]!
  return joined(
    [root, ...part.children.filter((child) => child !== root)].map((child) =>
      child === root ? layOut(child, false) : asAttachments(layOut(child, false)),
    ),
  )
}

/** Says of every leaf and every message within whether it is body or attachment: each is in the answer exactly once. */
export const layOut = (part: MimePart, isWhole: boolean): MailLayout => {
  if (part.kind === 'message') return { ...nothing, attachments: [part] }
  if (part.kind === 'leaf') {
    if (!isBody(part, isWhole)) return { ...nothing, attachments: [part] }
    const piece = part.mediaType === 'text/html' ? { text: [], html: [part] } : { text: [part], html: [] }
    return { ...nothing, pieces: [piece] }
  }
  switch (part.mediaType) {
    case 'multipart/alternative':
      return layOutAlternative(part)
    case 'multipart/related':
      return layOutRelated(part)
    case 'multipart/encrypted':
      return asAttachments(joined(part.children.map((child) => layOut(child, false))))
    case 'multipart/signed': {
      const own = joined(part.children.map((child) => layOut(child, false)))
      return { ...own, signed: [part.children[0]!, ...own.signed] }
    }
    default:
      return joined(part.children.map((child) => layOut(child, false)))
  }
}
