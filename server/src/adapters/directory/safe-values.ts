// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused here
const control = /[\u0000-\u001f\u007f]/

/** Whether a value may be sent as a login at all: SASL PLAIN separates by NUL (RFC 4616 §2), IMAP by line ends. */
export const isPlainValue = (value: string): boolean => value !== '' && value.isWellFormed() && !control.test(value)

/**
 * Percent-encodes a value for one segment of a URL. Null for what some server could take as a way up even when encoded:
 * many decode %2F before they look at the path.
 */
export const encodeForUrl = (value: string): string | null =>
  isPlainValue(value) && !value.split(/[/\\]/).some((segment) => /^\.{1,2}$/.test(segment))
    ? encodeURIComponent(value)
    : null

/** A value as part of one name in a path; null for what would be a path itself, or a hidden name. */
export const encodeForPath = (value: string): string | null =>
  isPlainValue(value) && !/[/\\]/.test(value) && !value.startsWith('.') ? value : null
