import type { ItemKind } from '@stillbox/shared/vocabulary/item-kind.ts'

/**
 * One folder, calendar or address book of a source. `path` are the decoded names from the root, `serverName` is what the
 * server calls it (IMAP mailbox name as sent, collection href); together with `generation` it identifies the folder.
 */
export type SourceFolder = {
  readonly kind: ItemKind
  readonly path: readonly string[]
  readonly serverName: string
  /** False for a \Noselect parent: it is kept in the manifest, and there is nothing to read in it. */
  readonly isSelectable: boolean
  /** UIDVALIDITY as decimal digits; for a DAV collection null. Refs mean nothing under another generation. */
  readonly generation: string | null
  /** What else the server said of it: specialUse, delimiter, subscribed, displayName, color, description, uidNext, highestModSeq, objectId, ctag, syncToken … */
  readonly properties: Readonly<Record<string, string>>
}

/** What identifies an item within its folder: the UID of a message, the href of an object. */
export type ItemRef = number | string

/** The cheap facts of one item, known before its bytes are read. Unknown ones are null. */
export type ListedItem = {
  readonly ref: ItemRef
  readonly sizeBytes: number | null
  /** INTERNALDATE in milliseconds since 1970; null for calendar and contact objects. */
  readonly receivedAtMs: number | null
}

/** All that is needed to put an item back, beside its bytes. */
export type ItemFacts = {
  readonly ref: ItemRef
  /** Message: INTERNALDATE in ms since 1970. */
  readonly receivedAtMs: number | null
  /** INTERNALDATE as the server wrote it, with its zone (`17-Jul-1996 02:44:25 -0700`). */
  readonly internalDate?: string
  /** Flags and keywords as the server spells them, sorted, without \Recent (RFC 9051 §2.3.2). */
  readonly flags?: readonly string[]
  readonly modSeq?: string
  readonly emailId?: string
  readonly threadId?: string
  readonly etag?: string
}

/**
 * An item that could not be taken, or that came with a remark.
 * `isLost` true: no bytes were taken, so it counts as not taken. False: taken, but something about it is odd.
 */
export type ItemIssue = {
  /** null when the whole folder is meant. */
  readonly ref: ItemRef | null
  readonly code: IssueCode
  /** A sentence for a person, without any content of the item. */
  readonly text: string
  readonly isLost: boolean
}

export const issueCodes = [
  'folder_unreadable', // the server refused to open or list the folder
  'not_returned', // asked for, alone too, and not sent
  'fetch_refused', // the server answered NO or an HTTP error for it
  'vanished', // was listed, and was gone when it was to be read
  'not_listed', // the server counts it but would not list it
  'size_differs', // taken; the server had announced another size
  'empty_body', // the server sent NIL or nothing for it
  'malformed', // taken as it is; it is not what its type says
  'removed_meanwhile', // taken; it was gone from the server when the capture ended
  'arrived_meanwhile', // came after the capture had begun: not part of this snapshot
] as const
export type IssueCode = (typeof issueCodes)[number]

/**
 * Where a reader puts what it reads. Calls come strictly as `begin write* end` for each item, or `skip`.
 * A promise returned is awaited before the next call: that is the back-pressure, up to the socket.
 * `chunk` belongs to the reader again as soon as the call (or its promise) is over: copy what must be kept.
 */
export type ItemSink = {
  begin(facts: ItemFacts, announcedSizeBytes: number | null): void
  write(chunk: Uint8Array): void | Promise<void>
  end(): void | Promise<void>
  skip(issue: ItemIssue): void
}

/**
 * One signed-in connection to one user's mail, calendars or contacts. It changes nothing at the server: not a flag, not
 * \Seen, not \Recent. Not for two calls at once.
 *
 * Every call rejects with an AppError: `source_unreachable`, `source_busy`, `source_timeout`, `source_certificate`,
 * `source_sign_in_refused`, `source_protocol`, `source_changed`, `source_gone`; with `signal.reason` once aborted, within
 * a second or two even in the middle of a large item. After a rejection the connection is closed and only `close` may follow.
 */
export type Source = {
  /** All folders, in canonical order of `path` (code units, segment by segment), \Noselect parents included. */
  folders(signal: AbortSignal): Promise<readonly SourceFolder[]>

  /**
   * Every item of a folder, in batches, ascending by ref. `expectedCount` is what the server says the folder holds (EXISTS);
   * what it counts but will not list comes out as `issues`.
   * @throws AppError `source_changed` when the folder is of another generation now; `source_gone` when it is not there.
   */
  list(folder: SourceFolder, signal: AbortSignal): Promise<FolderListing>

  /**
   * Reads the items with these refs (ascending, all of one folder) into the sink, in any order. Each ref comes out exactly
   * once: `begin … end`, or `skip`. What the server leaves out of an answer is asked for again by itself before it is skipped.
   * @throws AppError `source_changed` when the folder's generation is not `folder.generation`.
   */
  read(folder: SourceFolder, refs: readonly ItemRef[], sink: ItemSink, signal: AbortSignal): Promise<void>

  /** Ends the session and frees the socket. Never rejects; a second call does nothing. */
  close(): Promise<void>
}

export type FolderListing = {
  readonly expectedCount: number
  readonly items: readonly ListedItem[]
  readonly issues: readonly ItemIssue[]
}

/** How to reach and open one source: plain data, so that it can go to a worker. It holds credentials: never log it. */
export type SourceSpec = ImapSourceSpec | DavSourceSpec | DirectorySourceSpec | MboxSourceSpec | EmlSourceSpec

export type TlsSpec = {
  /** `implicit` TLS from the first byte, `starttls` upgraded and required, `none` only where the configuration says so. */
  readonly mode: 'implicit' | 'starttls' | 'none'
  /** PEM of authorities to trust instead of the system's. */
  readonly ca?: string
  /** Name to check the certificate against, when it is not the host. */
  readonly serverName?: string
}

export type SourceAuth =
  | { readonly method: 'password'; readonly userName: string; readonly password: string }
  /** SASL PLAIN with authorization identity (RFC 4616): signs in as `userName`, acts for `authorizationId`. */
  | {
      readonly method: 'plain-authzid'
      readonly userName: string
      readonly password: string
      readonly authorizationId: string
    }
  /** XOAUTH2 with a token fetched from a token endpoint just before the sign-in. */
  | { readonly method: 'xoauth2'; readonly userName: string; readonly tokenEndpoint: OAuthEndpoint }

/** OAuth 2.0 token endpoint; client credentials grant (RFC 6749 §4.4), `{userName}` allowed in `parameters`. */
export type OAuthEndpoint = {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly parameters: Readonly<Record<string, string>>
}

export type ImapSourceSpec = {
  readonly technology: 'imap'
  readonly kind: 'mail'
  readonly host: string
  readonly port: number
  readonly tls: TlsSpec
  readonly auth: SourceAuth
  /** COMPRESS=DEFLATE (RFC 4978): off unless the link is slower than the server's deflate. */
  readonly compress: boolean
  readonly timeoutMs: number
  /** Read with imapflow's own FETCH instead of the streaming reader. */
  readonly plainFetch: boolean
}

export type DavSourceSpec = {
  readonly technology: 'dav'
  readonly kind: 'calendar' | 'contact'
  /** Any URL from which the principal can be found (RFC 6764 §6), or the home set itself. */
  readonly url: string
  readonly ca?: string
  readonly auth: SourceAuth
  readonly timeoutMs: number
}

/** A folder on disk: Maildir++ for mail, one folder of .ics or .vcf files for each collection. */
export type DirectorySourceSpec = {
  readonly technology: 'directory'
  readonly kind: ItemKind
  readonly path: string
}

/** An mbox (RFC 4155), or a folder of them. */
export type MboxSourceSpec = {
  readonly technology: 'mbox'
  readonly kind: 'mail'
  readonly path: string
  /** How lines that begin with "From " were kept apart from separators; `auto` by what shows who has written the file. */
  readonly quoting: 'auto' | 'mboxrd' | 'mboxo' | 'none'
  /** A folder of this job alone, where what was found of the files is written down. */
  readonly scratchFolder: string
}

/** A folder or a ZIP file of `.eml`, `.ics` and `.vcf` files, or one of these files. */
export type EmlSourceSpec = {
  readonly technology: 'eml'
  readonly kind: ItemKind
  readonly path: string
}

/** Opens and signs in. @throws AppError as listed at `Source`; `signal.reason` when aborted. */
export type OpenSource = (spec: SourceSpec, signal: AbortSignal) => Promise<Source>
