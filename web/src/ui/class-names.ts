/** Joins the classes that apply. */
export const classNames = (...names: (string | false | null | undefined)[]): string => names.filter(Boolean).join(' ')

/** A link inside text. */
export const textLinkLook = 'text-ink underline decoration-line-strong underline-offset-2 hover:decoration-ink'
