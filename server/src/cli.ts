import { createReadStream, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { AppError, isAppError } from '@stillbox/shared/errors/app-error.ts'
import { openArchiveIndex } from './adapters/sqlite/archive-index.ts'
import { createWorkFiles } from './adapters/work/work-files.ts'
import type { ExportOptions } from './cli-export.ts'
import type { ImportOptions } from './cli-import.ts'
import type { CertsOrder } from './compose-certs.ts'
import { ConfigError, readConfig } from './config/read-config.ts'
import { openArchive } from './domain/archive/read-archive.ts'
import { verifyArchive } from './domain/archive/verify-archive.ts'
import { mostFaults } from './domain/archive/verify-faults.ts'
import { verifyExport } from './domain/audit/verify-export.ts'
import { verifyMsg } from './formats/msg-check/verify-msg.ts'
import { verifyPst } from './formats/pst-check/verify-pst.ts'

const usage = `Usage:
  pnpm stillbox verify <archive.zip> [--key <public key>]
      Checks an archive without the service: every entry, the hash tree, the signature. Ends with 0 when it is
      whole, with 1 when it is not, and then names each entry that is wrong. With --key (base64 as GetServerInfo
      gives it, or a file that holds it) the signature must be of that key; otherwise of the key the archive names.
  pnpm stillbox verify-audit <audit-log.jsonl> [--head <hash>]
      Checks an exported audit log without the service: every entry and its place in the chain. Ends with 0 when it is
      whole, with 1 when it is not, and then names the first entry that is wrong. With --head the entry of that hash
      (as VerifyAuditLog gives it, written down earlier) must be in it, so that nothing up to there was made anew.
  pnpm stillbox export --format <name> --out <folder> [--folder <name>] [--words <words>] [--max-gb <n>] <archive.zip>
      Writes the items of an archive in another format, without the service: zip-eml, mbox, ics, vcf, msg or pst
      (files of --max-gb 1 to 49 at most; 9 if left out). Each item is compared with its SHA-256 on the way, and a report
      tells what became of it. The folder must be new or empty. Ends with 0 when all that was asked for is written, with 1
      when something was skipped.
  pnpm stillbox import --format <name> --user <userName> [--organization <id>] --out <folder> [--quoting <name>] <path>
      Makes an archive, signed by the key of the service, of mail files, without the service: mbox (a file, or a folder or
      ZIP file of them), maildir, eml (a folder or a ZIP file of .eml, .ics and .vcf files, or one of them). Put into the folder archives of the data
      folder, “stillbox rebuild” lists it. Ends with 0 when all that is there was taken, with 1 when something was not.
      --quoting tells how an mbox keeps lines that begin with “From ”: mboxrd, mboxo or none; if left out, none in
      files of Dovecot and mboxrd in others.
  pnpm stillbox verify-pst <file.pst>
  pnpm stillbox verify-msg <file.msg>
      Checks a PST (Unicode) or a MSG file as strictly as Outlook's own repair program does. Ends with 0 when it finds
      nothing, with 1 and a line for each finding when it does, with 2 when the file could not be read.
  pnpm stillbox rebuild
      Restores the database's rows from the archives in the data folder. The service must be stopped.
  pnpm stillbox certs --out <folder> --host <name> [--host <address>] --user <userName> [--email <address>] [--days <n>]
      Makes an authority (kept in the folder for the next call), the service's certificate and a .p12 for a browser,
      and prints its passphrase and what belongs in the configuration file.
  pnpm stillbox certs --out <folder> --revoke <serial number or .crt file>
      Takes a certificate back and writes the folder's list of revoked certificates anew.
`

const count = new Intl.NumberFormat('en')
const plural = (number: number, word: string): string => `${count.format(number)} ${word}${number === 1 ? '' : 's'}`

const readKey = (given: string): string => {
  try {
    return readFileSync(given, 'utf8').trim()
  } catch {
    return given
  }
}

const requireFile = (path: string, what: string): void => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new Error(`There is no file ${path}. Give the path of ${what}.`)
  if (!found.isFile()) throw new Error(`${path} is a folder or a device. Give the path of ${what}.`)
}

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const verify = async (path: string, key: string | undefined): Promise<number> => {
  requireFile(path, 'an archive')
  const file = await createWorkFiles(dirname(path)).open(path)
  // The archive may lie where nothing can be written.
  const folder = await mkdtemp(join(tmpdir(), 'stillbox-verify-'))
  const stop = new AbortController()
  const onSignal = () => stop.abort(new Error('Stopped.'))
  for (const name of stopSignals) process.once(name, onSignal)
  try {
    const showsProgress = process.stderr.isTTY
    const { ok, itemCount, rootHash, faults } = await verifyArchive(file, {
      ...(key === undefined ? {} : { trustedKeys: [readKey(key)] }),
      onProgress: ({ itemsDone }) => {
        if (showsProgress) process.stderr.write(`\r${plural(itemsDone, 'entry').replace(/entrys$/, 'entries')} read`)
      },
      index: { files: createWorkFiles(folder), copyName: 'index.sqlite', open: openArchiveIndex },
      signal: stop.signal,
    }).catch((error: unknown) => {
      if (isAppError(error, 'disk_full'))
        throw new Error(
          `There is no room in ${tmpdir()} for a copy of the archive’s index. Set TMPDIR to a folder that has.`,
        )
      throw error
    })
    if (showsProgress) process.stderr.write('\r\x1b[K')
    for (const { entry, code, text } of faults)
      console.log(`${entry === '' ? `${path}: ` : text.includes(entry) ? '' : `${entry}: `}${text} [${code}]`)
    if (!ok) {
      const most = faults.length === mostFaults ? 'at least ' : ''
      console.log(`\nNOT WHOLE: ${most}${plural(faults.length, 'fault')} found in ${path}`)
      return 1
    }
    const { manifest } = await openArchive(file)
    const { subject, capture, signature, issues } = manifest
    console.log(`whole: ${path}
  items      ${count.format(itemCount)}
  of         ${subject.userName} (${subject.organizationName})
  taken      ${capture.startedAt} to ${capture.finishedAt}
  remarks    ${count.format(issues.count)}${issues.count > 0 ? ', see issues.jsonl in the archive' : ''}
  root hash  ${rootHash}
  signed by  ${signature.algorithm} key with SHA-256 ${signature.fingerprint}${key === undefined ? '\n             (any key was accepted; give --key to insist on the service’s)' : ''}`)
    return 0
  } finally {
    for (const name of stopSignals) process.removeListener(name, onSignal)
    await file.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const verifyAudit = async (path: string, head: string | undefined): Promise<number> => {
  requireFile(path, 'an exported audit log')
  const wanted = head === undefined ? null : readKey(head).toLowerCase()
  const { entryCount, firstAt, lastAt, headHash, hasHead, fault } = await verifyExport(createReadStream(path), wanted)
  if (fault !== null) {
    console.log(`NOT WHOLE: ${fault.text}`)
    if (entryCount > 0) console.log(`whole up to entry ${count.format(entryCount)} of ${lastAt}`)
    return 1
  }
  if (!hasHead) {
    console.log(
      `NOT THE SAME LOG: no entry of ${path} has the hash ${wanted}; it was made anew, or ends before that entry`,
    )
    return 1
  }
  console.log(
    entryCount === 0
      ? `whole: ${path}, and empty`
      : `whole: ${path}
  entries    ${count.format(entryCount)}
  from       ${firstAt} to ${lastAt}
  head hash  ${headHash}`,
  )
  return 0
}

const exportTo = async (path: string, options: ExportOptions): Promise<number> => {
  requireFile(path, 'an archive')
  const { exportArchive } = await import('./cli-export.ts')
  return exportArchive(path, options)
}

const importFrom = async (path: string, options: ImportOptions): Promise<number> => {
  const { importFiles, requirePath } = await import('./cli-import.ts')
  await requirePath(path)
  return importFiles(path, options, readConfig(process.env, process.cwd()))
}

type Finding = { readonly check: string; readonly place: string; readonly text: string }

const sayFindings = (kind: string, findings: readonly Finding[], total: number): void => {
  for (const { check, place, text } of findings) console.log(`${kind}: ${place}: ${text} [${check}]`)
  if (total > findings.length) console.log(`${kind}: and ${count.format(total - findings.length)} more`)
}

/** Checks a file for another program, says what was found, and gives the exit code. */
const verifyOutlookFile = async (path: string, what: 'PST' | 'MSG'): Promise<number> => {
  requireFile(path, `a ${what} file`)
  const file = await createWorkFiles(dirname(path)).open(path)
  const { signal } = new AbortController()
  try {
    const report = await (what === 'PST' ? verifyPst(file, { signal }) : verifyMsg(file, { signal }))
    const { ok, faults, warnings, faultCount, warningCount } = report
    sayFindings('fault', faults, faultCount)
    sayFindings('warning', warnings, warningCount)
    if (!ok) {
      console.log(`\nNOT SOUND: ${plural(faultCount, 'fault')} found in ${path}`)
      return 1
    }
    const contents =
      'blocks' in report
        ? { folders: report.folders, messages: report.messages, nodes: report.nodes, blocks: report.blocks }
        : {
            messages: report.messages,
            recipients: report.recipients,
            attachments: report.attachments,
            streams: report.streams,
          }
    console.log(`sound: ${path}`)
    for (const [name, number] of Object.entries({ ...contents, warnings: warningCount }))
      console.log(`  ${name.padEnd(11)} ${count.format(number)}`)
    return 0
  } finally {
    await file.close()
  }
}

const rebuild = async (): Promise<number> => {
  // It may make the database, which is for the account of the service alone.
  process.umask(0o077)
  const { composeRebuild } = await import('./compose-rebuild.ts')
  const { run, close } = await composeRebuild(readConfig(process.env, process.cwd()))
  try {
    const { adopted, alreadyKnown, failed } = await run()
    for (const { snapshotId, text } of failed) console.log(`${snapshotId}: ${text}`)
    console.log(
      `${plural(adopted, 'snapshot')} restored from archives, ${count.format(alreadyKnown)} known already, ${count.format(failed.length)} not readable`,
    )
    return failed.length > 0 ? 1 : 0
  } finally {
    await close()
  }
}

const certs = async (order: CertsOrder): Promise<number> => {
  // Loaded here alone: nothing else of the product writes certificates.
  const { runCerts } = await import('./compose-certs.ts')
  process.stdout.write(runCerts(order))
  return 0
}

const main = async (): Promise<number> => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      head: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      out: { type: 'string' },
      host: { type: 'string', multiple: true },
      user: { type: 'string' },
      email: { type: 'string' },
      days: { type: 'string' },
      revoke: { type: 'string' },
      format: { type: 'string' },
      folder: { type: 'string' },
      words: { type: 'string' },
      'max-gb': { type: 'string' },
      organization: { type: 'string' },
      quoting: { type: 'string' },
    },
  })
  const [command, path, ...more] = positionals
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (command === 'verify' && path !== undefined && more.length === 0) return verify(path, values.key)
  if (command === 'verify-audit' && path !== undefined && more.length === 0) return verifyAudit(path, values.head)
  if (command === 'export' && path !== undefined && more.length === 0) return exportTo(path, values)
  if (command === 'import' && path !== undefined && more.length === 0) return importFrom(path, values)
  if (command === 'verify-pst' && path !== undefined && more.length === 0) return verifyOutlookFile(path, 'PST')
  if (command === 'verify-msg' && path !== undefined && more.length === 0) return verifyOutlookFile(path, 'MSG')
  if (command === 'rebuild' && path === undefined) return rebuild()
  if (command === 'certs' && path === undefined) return certs(values)
  console.error(command === undefined ? usage : `stillbox does not understand “${positionals.join(' ')}”.\n\n${usage}`)
  return 2
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const isKnown =
      error instanceof AppError || error instanceof ConfigError || (error instanceof TypeError && 'code' in error)
    console.error(isKnown || error instanceof Error ? (error as Error).message : error)
    process.exitCode = 2
  },
)
