/** The part of a logger the domain needs: a fixed sentence, the rest as fields. Never subjects, addresses, bodies or credentials. */
export type Log = {
  info(fields: Readonly<Record<string, unknown>>, sentence: string): void
  error(fields: Readonly<Record<string, unknown>>, sentence: string): void
}
export const silentLog: Log = { info: () => {}, error: () => {} }
