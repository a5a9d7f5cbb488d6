import type { Findings } from './findings.ts'

const mostCharacters = 255
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const controls = /[\u0000-\u001f\u007f]/

/** M10 for a name of something. */
export const checkName = ({ fault }: Findings, text: string, place: string, what: string): void => {
  if (text.length > mostCharacters)
    fault('M10', place, `${what} has ${text.length} characters, more than ${mostCharacters}`)
  if (controls.test(text)) fault('M10', place, `${what} has control characters`)
}

export type Subject = {
  readonly full: string
  readonly prefix: string | null
  readonly normalized: string | null
  readonly topic: string | null
}

/** M10 for a subject: two characters before it say how long its prefix is ([MS-PST] 2.5.3.1.1.1). */
export const checkSubject = (findings: Findings, { full, prefix, normalized, topic }: Subject, place: string): void => {
  const { fault } = findings
  if (full === '') return
  if (full.charCodeAt(0) !== 1 || full.length < 2) {
    fault('M10', place, 'its subject does not begin with the two characters that tell its prefix')
    return
  }
  const prefixLength = full.charCodeAt(1) - 1
  const text = full.slice(2)
  checkName(findings, text, place, 'its subject')
  if (full.length > mostCharacters)
    fault('M10', place, `its subject has ${full.length} characters, more than ${mostCharacters}`)
  if (prefixLength < 0 || prefixLength > text.length) {
    fault('M10', place, `its subject says its prefix has ${prefixLength} characters, and has ${text.length} in all`)
    return
  }
  if (prefix !== null && prefix !== text.slice(0, prefixLength))
    fault('M10', place, 'its prefix is not the one before its subject')
  for (const [name, value] of [
    ['its subject without prefix', normalized],
    ['the topic of its conversation', topic],
  ] as const)
    if (value !== null && value !== text.slice(prefixLength))
      fault('M10', place, `${name} is not the rest of its subject`)
}
