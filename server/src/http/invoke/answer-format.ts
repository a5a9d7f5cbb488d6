import { toXml } from './to-xml.ts'

/** The two formats a method can be answered in; everything else about them is the same. */
export type AnswerFormat = {
  readonly statusPath: string
  readonly contentType: string
  write(answer: unknown): string
}

export const jsonFormat: AnswerFormat = {
  statusPath: '/JSON/Status/',
  contentType: 'application/json; charset=utf-8',
  write: (answer) => JSON.stringify(answer ?? null),
}

export const xmlFormat: AnswerFormat = {
  statusPath: '/XML/Status/',
  contentType: 'application/xml; charset=utf-8',
  write: (answer) => toXml(answer),
}
