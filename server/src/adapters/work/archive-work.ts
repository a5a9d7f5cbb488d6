import { type ChildProcess, fork } from 'node:child_process'
import { AppError, fromErrorForm, isAppError, toErrorForm } from '@stillbox/shared/errors/app-error.ts'
import type { Progress } from '@stillbox/shared/vocabulary/job-state.ts'
import type { ArchiveWork } from '../../ports/capture.ts'
import type { FromWork, ToWork, Work, WorkResult, WorkSettings } from './work-messages.ts'

/** How long an aborted process may take to end its connections before it is killed, in ms. */
const abortGraceMs = 3_000
const endGraceMs = 5_000
/** Nothing else of the service's environment: it holds the database's address and the administrator's password. */
const handedOn = [
  'PATH',
  'TZ',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'NODE_COMPILE_CACHE',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'NO_PROXY',
]

export type ArchiveWorkOptions = {
  readonly entry: URL
  readonly settings: WorkSettings
  /** Heap of the main thread of a work process, in MB. Buffers come on top. */
  readonly heapMb: number
  /** How long one capture may take. */
  readonly captureMaxHours: number
  /** Hears of what a work process printed when it died: for the log, never for a caller. */
  readonly onCrash: (crash: { readonly kind: Work['kind']; readonly reason: string; readonly output: string }) => void
  /** Hears of each process once it runs, for tests and benchmarks. */
  readonly onStart?: (kind: Work['kind'], pid: number) => void
}

/** Every text at or below a key that names a secret, wherever it stands. */
const secretsIn = (value: unknown, isSecret = false): string[] => {
  if (typeof value === 'string') return isSecret ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) =>
    secretsIn(member, isSecret || /password|passphrase|secret|keyPems?$/i.test(key)),
  )
}

/** Lines as well: a key is often quoted with its line breaks written another way. */
const partsOf = (secret: string): string[] => [secret, ...secret.split(/\r?\n/).filter((line) => line.length >= 24)]

/** What a process prints or throws unforeseen may quote what it was given. */
const concealing = (given: unknown): ((text: string) => string) => {
  const secrets = secretsIn(given)
    .flatMap(partsOf)
    .filter((secret) => secret !== '')
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
}

/**
 * In most work a small young generation costs no time and saves tens of megabytes: what passes through are buffers, outside of the heap. An export
 * takes messages apart, and would spend a third of its time in full collections of a heap that begins small.
 */
const heapFlags = (kind: Work['kind']): readonly string[] =>
  kind === 'export'
    ? ['--max-semi-space-size=4', '--min-semi-space-size=4', '--initial-old-space-size=40']
    : ['--max-semi-space-size=1']

const startProcess = (entry: URL, kind: Work['kind'], heapMb: number): ChildProcess =>
  fork(entry, {
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      '--expose-gc',
      ...heapFlags(kind),
      `--max-old-space-size=${heapMb}`,
    ],
    env: {
      ...Object.fromEntries(
        handedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
      ),
      // The C library would keep memory for each thread apart (mallopt(3)): 25 MB more in an export, and no faster.
      ...(kind === 'export' ? { MALLOC_ARENA_MAX: '2' } : {}),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  })

/** Carries out each piece of work in a process of its own. */
export const createArchiveWork = ({
  entry,
  settings,
  heapMb,
  captureMaxHours,
  onCrash,
  onStart,
}: ArchiveWorkOptions): ArchiveWork => {
  const run = <W extends Work>(
    work: W,
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<WorkResult<W['kind']>> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason)
        return
      }
      const child = startProcess(entry, work.kind, heapMb)
      if (child.pid !== undefined) onStart?.(work.kind, child.pid)
      let outcome: { readonly value: WorkResult<W['kind']> } | { readonly error: unknown } | null = null
      let output = ''
      let isSettled = false
      const conceal = concealing({ work, settings })
      let timer: NodeJS.Timeout | undefined
      const killIn = (ms: number) => {
        timer ??= setTimeout(() => child.kill('SIGKILL'), ms)
      }
      // The channel may close at any moment; what cannot be sent any more is of no use to anybody.
      const send = (message: ToWork) => {
        if (child.connected) child.send(message, () => {})
      }
      const abort = () => {
        const reason: unknown = signal.reason
        send({ type: 'abort', reason: toErrorForm(isAppError(reason) ? reason : new AppError('shutting_down')) })
        killIn(abortGraceMs)
      }
      signal.addEventListener('abort', abort, { once: true })
      child.stderr?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString('utf8')).slice(-4_000)
      })
      child.on('message', (message: FromWork) => {
        if (message.type === 'progress') onProgress(message.progress)
        else {
          outcome =
            message.type === 'done'
              ? { value: message.value as WorkResult<W['kind']> }
              : {
                  error:
                    'code' in message.error
                      ? fromErrorForm(message.error)
                      : new Error(conceal(message.error.unexpected)),
                }
          killIn(endGraceMs)
        }
      })
      const settle = (reason: string) => {
        // A process that could not be started reports twice.
        if (isSettled) return
        isSettled = true
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        // What lies at a destination lies there, also when nobody wanted it any more at the last moment.
        const isDelivered = work.kind === 'deliver' && outcome !== null && 'value' in outcome
        if (signal.aborted && !isDelivered) reject(signal.reason)
        else if (outcome && 'value' in outcome) resolve(outcome.value)
        else if (outcome) reject(outcome.error)
        else {
          onCrash({ kind: work.kind, reason, output: conceal(output) })
          // V8 aborts a process whose heap is full.
          const isMemory = reason === 'SIGABRT' || output.includes('heap out of memory')
          reject(
            new AppError(isMemory ? 'out_of_memory' : 'worker_died', { details: { reason, limit: `${heapMb} MB` } }),
          )
        }
      }
      child.once('error', (error) => settle(error.message))
      // 'close' and not 'exit': all that was printed and sent has arrived then.
      child.once('close', (code, killedBy) => settle(killedBy ?? `exit code ${code}`))
      send({ type: 'run', work, settings })
    })

  return {
    capture: async (request, onProgress, signal) => {
      const late = new AbortController()
      const timer = setTimeout(
        () => late.abort(new AppError('timed_out', { details: { hours: captureMaxHours } })),
        captureMaxHours * 3_600_000,
      )
      try {
        return await run({ kind: 'capture', request }, onProgress, AbortSignal.any([signal, late.signal]))
      } finally {
        clearTimeout(timer)
      }
    },
    deliver: (order, onProgress, signal) => run({ kind: 'deliver', order }, onProgress, signal),
    export: (work, onProgress, signal) => run({ kind: 'export', export: work }, onProgress, signal),
    verify: (archivePath, onProgress, signal) => run({ kind: 'verify', archivePath }, onProgress, signal),
    buildFullText: (archivePath, indexPath, onProgress, signal) =>
      run({ kind: 'full-text', archivePath, indexPath }, onProgress, signal),
  }
}
