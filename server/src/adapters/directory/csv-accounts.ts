import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { SnapshotType } from '@stillbox/shared/vocabulary/snapshot-type.ts'
import { type Account, type FindAccount, nameKey } from './accounts.ts'
import { CsvError, parseCsv } from './csv.ts'
import { errnoOf } from './directory-errors.ts'

const columns = [
  'userName',
  'login',
  'mail',
  'mailLogin',
  'calendarLogin',
  'contactsLogin',
  'mailPassword',
  'calendarPassword',
  'contactsPassword',
] as const
type Column = (typeof columns)[number]
const columnOf = new Map<string, Column>(columns.map((name) => [name.toLowerCase(), name]))
const sizeLimitBytes = 64 * 1024 * 1024

/** Accounts of a CSV file by name. @throws CsvError that names the line and never a field's content. */
export const readAccounts = (text: string): ReadonlyMap<string, Account> => {
  const [header, ...records] = parseCsv(text)
  if (!header) throw new CsvError(1, `the file is empty: its first line names the columns, ${columns.join(',')}`)
  const names = header.fields.map((field) => columnOf.get(field.trim().toLowerCase()))
  const unknown = names.indexOf(undefined)
  if (unknown >= 0)
    throw new CsvError(header.line, `column ${unknown + 1} is not known: the columns are ${columns.join(', ')}`)
  if (new Set(names).size < names.length) throw new CsvError(header.line, 'a column is there twice')
  if (!names.includes('userName')) throw new CsvError(header.line, 'the column userName is missing')

  const accounts = new Map<string, Account>()
  const lines = new Map<string, number>()
  for (const { line, fields } of records) {
    if (fields.length !== names.length)
      throw new CsvError(line, `${fields.length} fields where the first line names ${names.length} columns`)
    const row: Partial<Record<Column, string>> = {}
    for (const [index, name] of names.entries()) {
      const isPassword = name!.endsWith('Password')
      const value = isPassword ? fields[index]! : fields[index]!.trim()
      if (value !== '') row[name!] = value
    }
    if (row.userName === undefined) throw new CsvError(line, 'userName is empty')
    const key = nameKey(row.userName)
    if (lines.has(key)) throw new CsvError(line, `this userName is already on line ${lines.get(key)}`)
    lines.set(key, line)
    const ofTypes = (suffix: 'Login' | 'Password') => {
      const found: Partial<Record<SnapshotType, string>> = {}
      const own = {
        mailbox: row[`mail${suffix}`],
        calendar: row[`calendar${suffix}`],
        contacts: row[`contacts${suffix}`],
      }
      for (const type of ['mailbox', 'calendar', 'contacts'] as const)
        if (own[type] !== undefined) found[type] = own[type]
      return found
    }
    accounts.set(key, {
      userName: row.userName,
      login: row.login ?? row.userName,
      ...(row.mail === undefined ? {} : { mail: row.mail }),
      logins: ofTypes('Login'),
      passwords: ofTypes('Password'),
    })
  }
  return accounts
}

/** Users of a CSV file, read again when the file has changed. */
export const csvAccounts = ({ file }: { readonly file: string }): FindAccount => {
  let known: { readonly stamp: string; readonly accounts: ReadonlyMap<string, Account> } | null = null
  const fail = (reason: string, cause: unknown) =>
    new AppError('directory_unreachable', { details: { host: basename(file), reason }, cause })

  return async (userName, signal) => {
    signal.throwIfAborted()
    try {
      const { ino, size, mtimeMs } = await stat(file)
      const stamp = `${ino} ${size} ${mtimeMs}`
      if (known?.stamp !== stamp) {
        if (size > sizeLimitBytes) throw new CsvError(1, 'the file is larger than 64 MB')
        known = {
          stamp,
          accounts: readAccounts(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file, { signal }))),
        }
      }
    } catch (cause) {
      signal.throwIfAborted()
      if (cause instanceof CsvError) throw fail(cause.message, cause)
      if (cause instanceof TypeError) throw fail('the file is not UTF-8', cause)
      throw fail(`the file cannot be read (${errnoOf(cause)})`, cause)
    }
    return known.accounts.get(nameKey(userName)) ?? null
  }
}
