/**
 * Text as PostgreSQL takes it: it has no U+0000, and its jsonb no half of a surrogate pair. A server may send either in the name of a
 * folder, which must not cost the whole snapshot, so both become U+FFFD. The archive keeps what was sent.
 */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd')

/** A value as JSON that jsonb takes. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? storableText(part) : part))
