import { cleanText } from './clean-text.ts'
import { decodeWords, encodedWordAt } from './decode-words.ts'

const plain = /^[^"(<>,:;\\=]*(?:<[^"(<>,:;\\=\s]*>)?\s*$/

const shown = (phrase: string, address: string | null, comment: string): string => {
  const name = cleanText(decodeWords(phrase))
  if (address === null) {
    const remark = comment === '' ? '' : cleanText(decodeWords(comment))
    return remark !== '' && name.includes('@') ? `${remark} <${name.replaceAll(' ', '')}>` : name || remark
  }
  // A route (RFC 5322 §4.4) says how the message once travelled, not who it is from.
  const route = address.startsWith('@') ? address.indexOf(':') : -1
  const spec = cleanText(decodeWords(route < 0 ? address : address.slice(route + 1))).replaceAll(' ', '')
  if (spec === '') return name
  return name === '' || name === spec ? spec : `${name} <${spec}>`
}

type Entry = { readonly phrase: string; readonly address: string | null; readonly comment: string }

/**
 * An address list (RFC 5322 §3.4 and §4.4) as people read it: `Name <address>, …`, decoded. What is not well formed is kept
 * as it stands rather than lost; an empty group leaves its name. Linear in the length.
 */
export const readAddresses = (value: string): string => {
  if (plain.test(value)) {
    const angle = value.indexOf('<')
    if (angle < 0) return cleanText(value)
    return shown(value.slice(0, angle), value.slice(angle + 1, value.lastIndexOf('>')), '')
  }
  return scanAddresses(
    value,
    ({ phrase, address, comment }) => shown(phrase, address, comment) || null,
    (group) => group,
  ).join(', ')
}

export type Mailbox = { readonly name: string; readonly address: string }

const mailboxOf = ({ phrase, address, comment }: Entry): Mailbox | null => {
  const name = cleanText(decodeWords(phrase))
  if (address === null) {
    // A bare address, perhaps with its owner's name in a comment (RFC 5322 §3.4.1 calls that obsolete).
    const remark = comment === '' ? '' : cleanText(decodeWords(comment))
    const bare = name.includes('@') ? name.replaceAll(' ', '') : name
    return bare === ''
      ? remark === ''
        ? null
        : { name: remark, address: '' }
      : { name: remark || bare, address: bare }
  }
  const route = address.startsWith('@') ? address.indexOf(':') : -1
  const spec = cleanText(decodeWords(route < 0 ? address : address.slice(route + 1))).replaceAll(' ', '')
  return name === '' && spec === '' ? null : { name: name || spec, address: spec }
}

/** The people of an address list, members of groups among them; a group itself is nobody. The name is never empty. */
export const readMailboxes = (value: string): Mailbox[] => scanAddresses(value, mailboxOf, () => null)

/** Walks an address list; what the two functions make of an entry, and of a group without members, is gathered unless it is null. */
const scanAddresses = <T>(
  value: string,
  ofEntry: (entry: Entry) => T | null,
  ofGroup: (name: string) => T | null,
): T[] => {
  const people: T[] = []
  let phrase = ''
  let address: string | null = null
  let comment = ''
  let group = ''
  let groupStart = 0
  const flush = () => {
    const person = ofEntry({ phrase, address, comment })
    if (person !== null) people.push(person)
    phrase = ''
    address = null
    comment = ''
  }
  const endGroup = () => {
    const named = group !== '' && people.length === groupStart ? ofGroup(group) : null
    if (named !== null) people.push(named)
  }
  let wordClose = -1
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code === 34 /* " */) {
      let end = at + 1
      let quoted = ''
      let from = end
      for (; end < value.length && value.charCodeAt(end) !== 34; end++) {
        if (value.charCodeAt(end) === 92) {
          quoted += value.slice(from, end)
          from = ++end
        }
      }
      if (address !== null) flush()
      phrase += quoted + value.slice(from, end)
      at = end
    } else if (code === 40 /* ( */) {
      let depth = 1
      let end = at + 1
      for (; end < value.length && depth > 0; end++) {
        const inner = value.charCodeAt(end)
        if (inner === 92) end++
        else if (inner === 40) depth++
        else if (inner === 41) depth--
      }
      const text = value.slice(at + 1, depth === 0 ? end - 1 : end)
      comment = comment === '' ? text : `${comment} ${text}`
      phrase += ' '
      at = end - 1
    } else if (code === 60 /* < */) {
      let end = at + 1
      let isQuoted = false
      for (; end < value.length; end++) {
        const inner = value.charCodeAt(end)
        if (inner === 92) end++
        else if (inner === 34) isQuoted = !isQuoted
        else if (inner === 62 && !isQuoted) break
      }
      if (address !== null) flush()
      address = value.slice(at + 1, end)
      at = end
    } else if (code === 44 /* , */) flush()
    else if (code === 59 /* ; */) {
      flush()
      endGroup()
      group = ''
    } else if (code === 58 /* : */) {
      group = cleanText(decodeWords(phrase))
      groupStart = people.length
      phrase = ''
      comment = ''
    } else if (code === 61 && value.charCodeAt(at + 1) === 63) {
      // Some senders leave commas and brackets bare inside an encoded word.
      const word = encodedWordAt(value, at)
      if (word !== null && wordClose < word.textStart) {
        wordClose = value.indexOf('?=', word.textStart)
        if (wordClose < 0) wordClose = value.length
      }
      const end = word === null || wordClose >= value.length ? at + 1 : wordClose + 2
      if (address !== null) flush()
      phrase += value.slice(at, end)
      at = end - 1
    } else if (code === 92 /* \ */ && at + 1 < value.length) phrase += value[++at]
    else {
      let end = at + 1
      while (end < value.length && !isSpecial(value.charCodeAt(end))) end++
      const text = value.slice(at, end)
      // Text after an address: a comma was forgotten.
      if (address !== null && text.trim() !== '') flush()
      phrase += text
      at = end - 1
    }
  }
  flush()
  endGroup()
  return people
}

const isSpecial = (code: number): boolean =>
  code === 34 || code === 40 || code === 60 || code === 44 || code === 59 || code === 58 || code === 61 || code === 92
