/** What may stand in braces in a login, path or URL of the configuration. `uid` and `cid` come from an HTTP directory. */
export const placeholderNames = ['userName', 'login', 'mail', 'uid', 'cid'] as const
export type PlaceholderName = (typeof placeholderNames)[number]
export type PlaceholderValues = Readonly<Partial<Record<PlaceholderName, string>>>

const placeholder = /\{([^{}]*)\}/g

export const placeholdersIn = (template: string): readonly string[] =>
  [...template.matchAll(placeholder)].map((match) => match[1]!)

/** What is wrong with a template, as a sentence that says what to write instead; null when nothing is. */
export const templateProblem = (template: string, allowed: readonly PlaceholderName[]): string | null => {
  const list = allowed.map((name) => `{${name}}`).join(', ')
  for (const name of placeholdersIn(template))
    if (!(allowed as readonly string[]).includes(name)) return `does not know {${name}} here: write one of ${list}`
  return /[{}]/.test(template.replace(placeholder, '')) ? `has a brace without its partner: write one of ${list}` : null
}

/** Fills a template; null when a value is missing, or when `encode` refuses one by answering null. */
export const fillTemplate = (
  template: string,
  values: PlaceholderValues,
  encode: (value: string) => string | null = (value) => value,
): string | null => {
  let isWhole = true
  const filled = template.replace(placeholder, (_, name: PlaceholderName) => {
    const value = values[name]
    const encoded = value === undefined ? null : encode(value)
    if (encoded === null) isWhole = false
    return encoded ?? ''
  })
  return isWhole ? filled : null
}
