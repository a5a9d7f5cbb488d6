import type { SourceFolder } from '../../ports/source.ts'
import { againstProtocol, busy, isPassing } from './imap-errors.ts'
import { comparePaths, pathOf, serverNameOf } from './mailbox-name.ts'
import { type Completion, type ImapSession, tokensOf, unreadable } from './session.ts'
import { quote, type Token, tokenize } from './tokens.ts'

type Listed = {
  /** One character a byte. */
  readonly name: string
  readonly delimiter: string | null
  readonly attributes: ReadonlySet<string>
  isSubscribed: boolean | null
}

const maxFolders = 100_000
/** STATUS commands under way at once: enough to hide the way there and back, few enough for any server's buffers. */
const statusAtOnce = 32
/** RFC 6154 §2 and RFC 8457. */
const specialUses = ['\\All', '\\Archive', '\\Drafts', '\\Flagged', '\\Important', '\\Junk', '\\Sent', '\\Trash']

const asText = (token: Token | undefined): string | null => (typeof token === 'string' ? token : null)
const asTexts = (token: Token | undefined): string[] =>
  Array.isArray(token) ? token.filter((one): one is string => typeof one === 'string') : []

const refused = (session: ImapSession, what: string, { code, words }: Completion) =>
  isPassing(code, words) ? busy(session.peer, words) : againstProtocol(session.peer, `it refused to ${what}: ${words}`)

/** LIST of everything; with RETURN where the server knows it, else with LSUB for the subscriptions (RFC 5258, RFC 6154). */
const listAll = async (session: ImapSession): Promise<Listed[]> => {
  const found = new Map<string, Listed>()
  const untagged = (keyword: string, text: string) => {
    if (keyword !== 'LIST') return
    if (found.size >= maxFolders)
      throw againstProtocol(session.peer, `it lists more than ${maxFolders} folders, which is more than are captured`)
    const [attributes, delimiter, nameToken] = tokensOf(session, text)
    // An unquoted NIL is a folder of that name here, as a name is never absent (RFC 3501 §7.2.2).
    const name = nameToken === null ? 'NIL' : asText(nameToken)
    if (name === null || name === '' || found.has(name)) return
    const words = new Set(asTexts(attributes).map((word) => word.toLowerCase()))
    found.set(name, {
      name,
      delimiter: asText(delimiter),
      attributes: words,
      isSubscribed: words.has('\\subscribed') ? true : null,
    })
  }
  if (session.has('LIST-EXTENDED')) {
    const options = ['SUBSCRIBED', 'CHILDREN', ...(session.has('SPECIAL-USE') ? ['SPECIAL-USE'] : [])].join(' ')
    const { status } = await session.command([`LIST "" "*" RETURN (${options})`], { untagged })
    if (status === 'OK') {
      for (const one of found.values()) one.isSubscribed ??= false
      return [...found.values()]
    }
    found.clear()
  }
  const completion = await session.command(['LIST "" "*"'], { untagged })
  if (completion.status !== 'OK') throw refused(session, 'list the folders', completion)
  const subscribed = new Set<string>()
  const answer = await session.command(['LSUB "" "*"'], {
    untagged: (keyword, text) => {
      const name = keyword === 'LSUB' ? asText(tokensOf(session, text)[2]) : null
      if (name !== null) subscribed.add(name)
    },
  })
  if (answer.status === 'OK') for (const one of found.values()) one.isSubscribed = subscribed.has(one.name)
  return [...found.values()]
}

/**
 * Prefixes of the namespaces that are other people's or shared (RFC 2342). What lies there belongs to somebody else's
 * snapshot: with a hundred users a shared folder would be captured a hundred times.
 */
const foreignNamespaces = async (session: ImapSession): Promise<(name: string) => boolean> => {
  const own: string[] = []
  const foreign: string[] = []
  if (session.has('NAMESPACE'))
    await session.command(['NAMESPACE'], {
      untagged: (keyword, text) => {
        if (keyword !== 'NAMESPACE') return
        const [personal, other, shared] = tokensOf(session, text)
        const prefixes = (token: Token | undefined): string[] =>
          Array.isArray(token) ? token.map((one) => (Array.isArray(one) ? asText(one[0]) : null) ?? '') : []
        own.push(...prefixes(personal))
        foreign.push(...prefixes(other), ...prefixes(shared))
      },
    })
  // The longest prefix decides, as prefixes may lie within one another; INBOX is always the user's own.
  const longest = (name: string, prefixes: readonly string[]): number => {
    let length = -1
    for (const prefix of prefixes)
      if ((name.startsWith(prefix) || `${name}${prefix.at(-1)}` === prefix) && prefix.length > length)
        length = prefix.length
    return length
  }
  return (name) => name.toUpperCase() !== 'INBOX' && longest(name, foreign) > longest(name, own)
}

type Status = Readonly<Record<string, string>>

/** What STATUS tells of a folder: its name as a key, and the values by their items; null when the response cannot be read. */
const readStatus = (text: string): { readonly key: string; readonly values: Status } | null => {
  const tokens = tokenize(text)
  if (!tokens) return null
  const [name, list] = tokens
  const key = name === null ? 'NIL' : asText(name)
  if (key === null) return null
  const values: Record<string, string> = {}
  if (Array.isArray(list))
    for (let i = 0; i + 1 < list.length; i += 2) {
      const value: Token = list[i + 1]
      const word = Array.isArray(value) ? asText(value[0]) : asText(value)
      if (word !== null) values[String(list[i]).toUpperCase()] = word
    }
  return { key: key.toUpperCase() === 'INBOX' ? 'INBOX' : key, values }
}

const askStatus = async (
  session: ImapSession,
  names: readonly string[],
  items: readonly string[],
  onStatus: (text: string) => void,
): Promise<void> => {
  const untagged = (keyword: string, text: string) => {
    if (keyword === 'STATUS') onStatus(text)
  }
  const isPlain = (name: string) => /^[\u0020-\u007e]*$/.test(name)
  const lines = names.filter(isPlain).map((name) => `STATUS ${quote(name)} (${items.join(' ')})`)
  for (let i = 0; i < lines.length; i += statusAtOnce)
    await session.pipeline(lines.slice(i, i + statusAtOnce), { untagged })
  for (const name of names.filter((one) => !isPlain(one)))
    await session.command(['STATUS ', Buffer.from(name, 'latin1'), ` (${items.join(' ')})`], { untagged })
}

const statusOf = async (session: ImapSession, names: readonly string[]): Promise<Map<string, Status>> => {
  const items = ['UIDVALIDITY', 'UIDNEXT', ...(session.has('CONDSTORE') ? ['HIGHESTMODSEQ'] : [])]
  const found = new Map<string, Status>()
  await askStatus(session, names, items, (text) => {
    const status = readStatus(text)
    if (!status) throw unreadable(session)
    found.set(status.key, status.values)
  })
  return found
}

/**
 * MAILBOXID of each folder (RFC 8474 §4). Asked for alone, and passed over where it is no object id (§7): Cyrus 3.6 answers it out of memory
 * that it has freed, so that at times anything at all stands there, parentheses and control characters among it.
 */
const objectIdsOf = async (session: ImapSession, names: readonly string[]): Promise<Map<string, string>> => {
  const found = new Map<string, string>()
  if (!session.has('OBJECTID')) return found
  await askStatus(session, names, ['MAILBOXID'], (text) => {
    const status = readStatus(text)
    const id = status?.values.MAILBOXID
    if (status && id !== undefined && /^[\w-]{1,255}$/.test(id)) found.set(status.key, id)
  })
  return found
}

/** All folders of the user's own namespaces, in canonical order. A folder whose STATUS is refused has no generation. */
export const listFolders = async (session: ImapSession): Promise<readonly SourceFolder[]> => {
  const listed = await listAll(session)
  const isForeign = await foreignNamespaces(session)
  const own = listed.filter(({ name }) => !isForeign(name))
  const isSelectable = ({ attributes }: Listed) => !attributes.has('\\noselect') && !attributes.has('\\nonexistent')
  const names = own.filter(isSelectable).map(({ name }) => name)
  const states = await statusOf(session, names)
  const objectIds = await objectIdsOf(session, names)
  return own
    .map((one): SourceFolder => {
      const key = one.name.toUpperCase() === 'INBOX' ? 'INBOX' : one.name
      const status = states.get(key) ?? {}
      const specialUse = specialUses.find((use) => one.attributes.has(use.toLowerCase()))
      const properties = {
        delimiter: one.delimiter,
        specialUse,
        subscribed: one.isSubscribed === null ? null : String(one.isSubscribed),
        uidNext: status.UIDNEXT,
        highestModSeq: status.HIGHESTMODSEQ,
        objectId: objectIds.get(key),
      }
      return {
        kind: 'mail',
        path: pathOf(one.name, one.delimiter),
        serverName: serverNameOf(one.name),
        isSelectable: isSelectable(one),
        generation: /^[1-9]\d{0,9}$/.test(status.UIDVALIDITY ?? '') ? status.UIDVALIDITY! : null,
        properties: Object.fromEntries(
          Object.entries(properties).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
        ),
      }
    })
    .sort((a, b) => comparePaths(a.path, b.path) || (a.serverName < b.serverName ? -1 : 1))
}
