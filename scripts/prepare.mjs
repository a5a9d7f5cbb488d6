// What every command needs before it can run: the right Node, the packages, the built web interface.
// Plain JavaScript without dependencies, as it runs on whatever Node 20 or newer the machine has.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
export const pinnedNode = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
const pnpm = 'pnpm@12.21.0'

const filesBelow = (path) =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path)
        .filter((name) => name !== 'node_modules' && name !== 'dist')
        .sort()
        .flatMap((name) => filesBelow(join(path, name)))

const fingerprint = (paths) => {
  const hash = createHash('sha256')
  for (const file of paths.map((path) => join(root, path)).flatMap(filesBelow))
    hash.update(file.slice(root.length)).update(readFileSync(file))
  return hash.digest('hex')
}

/** Runs `work` unless its stamp already holds the fingerprint of what it depends on. */
const onceFor = (stamp, paths, work) => {
  const path = join(root, stamp)
  const wanted = fingerprint(paths)
  if (existsSync(path) && readFileSync(path, 'utf8') === wanted) return
  work()
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, wanted)
}

/** Runs a program to its end; ends this process with a sentence when it fails. */
export const run = (program, args, { why, env = {}, quiet = false } = {}) => {
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
      ...env,
    },
  })
  if (status === 0) return
  if (quiet) process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
  console.error(`\n${why ?? `${program} ${args.join(' ')}`} failed${error ? `: ${error.message}` : ''}.`)
  process.exit(status || 1)
}

export const checkNode = () => {
  if (Number(process.versions.node.split('.')[0]) >= 20) return
  console.error(
    `Stillbox needs Node 20 or newer to start; this is ${process.versions.node}. Install a newer one from your system's packages.`,
  )
  process.exit(1)
}

export const install = () =>
  onceFor(
    'node_modules/.stillbox-installed',
    [
      'pnpm-lock.yaml',
      'pnpm-workspace.yaml',
      'package.json',
      'shared/package.json',
      'server/package.json',
      'web/package.json',
    ],
    () => {
      console.log('Installing packages (first start, or they changed) …')
      run('npx', ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'], {
        why: 'Installing the packages',
        quiet: true,
      })
    },
  )

export const buildWeb = () =>
  onceFor(
    'web/dist/.stillbox-built',
    [
      'web/src',
      'web/public',
      'web/index.html',
      'web/vite.config.ts',
      'web/package.json',
      'shared/src',
      'pnpm-lock.yaml',
    ],
    () => {
      console.log('Building the web interface …')
      run(pinnedNode, [join(root, 'web/node_modules/vite/bin/vite.js'), 'build', 'web', '--logLevel', 'warn'], {
        why: 'Building the web interface',
      })
    },
  )

/** Starts a program in the foreground and hands signals on to it; this process ends as it does. */
export const become = (program, args) => {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    console.error(`${program} could not be started: ${error.message}`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)))
}
