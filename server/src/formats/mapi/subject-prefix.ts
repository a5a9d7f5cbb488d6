/** Up to three letters, a colon and a space, as in `RE: ` or `AW: `; of any script, so that `回复:` counts too ([MS-OXCMSG] §2.2.1.9). */
const prefix = /^\p{L}{1,3}: /u

/** A subject without the prefix of a reply, and that prefix ([MS-OXCMSG] §2.2.1.10). */
export const splitSubject = (subject: string): { prefix: string; normalized: string } => {
  const found = prefix.exec(subject)?.[0] ?? ''
  return { prefix: found, normalized: subject.slice(found.length) }
}
