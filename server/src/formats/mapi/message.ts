import type { PropertyBag } from './property.ts'

/**
 * One item as MAPI has it, the same for a PST and an MSG file: what the projection makes of a message, an event or a contact. A writer adds what
 * its own format wants (sizes, table rows, the two characters before a subject in a PST, …).
 */
export type MapiMessage = {
  /** With the message class (PidTagMessageClass) at least. Bodies are in it, bounded by the projection. */
  readonly properties: PropertyBag
  readonly recipients: readonly PropertyBag[]
  readonly attachments: readonly MapiAttachment[]
}

export type MapiAttachment = {
  /** Names, MIME type, rendering position, …; neither size nor content. */
  readonly properties: PropertyBag
  readonly content:
    | {
        readonly kind: 'bytes' /** From the beginning at each call; a chunk is good until the next is asked for. */
        open(signal: AbortSignal): AsyncIterable<Uint8Array>
      }
    | { readonly kind: 'message'; readonly message: MapiMessage }
}

/** Something that MAPI cannot express, and what was done instead. `code` is from the list in docs/pst.md. */
export type Degradation = { readonly code: string; readonly text: string }

export type Projected = { readonly message: MapiMessage; readonly degraded: readonly Degradation[] }

/** What the archive knows of an item beside its bytes. */
export type ItemFacts = {
  /** Flags and keywords of IMAP (RFC 9051 §2.3.2). */
  readonly flags: readonly string[]
  /** INTERNALDATE in milliseconds; null for what is no message. */
  readonly receivedAtMs: number | null
}
