// Everything a change must pass, in the order in which a failure is cheapest to find.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWeb, checkNode, install, root, run } from './prepare.mjs'

const reports = mkdtempSync(join(tmpdir(), 'stillbox-test-'))
const totals = { passed: 0, failed: 0, skipped: 0 }
// The tests start hundreds of processes of the product, each of which would compile all of it anew.
const compileCache = join(root, 'node_modules', '.cache', 'compiled')
const bin = (name) => join(root, 'node_modules', '.bin', name)

const step = (title) => console.log(`\n== ${title}`)

const runTests = (program, args, env) =>
  spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      NODE_COMPILE_CACHE: compileCache,
      ...process.env,
      PATH: `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
      ...env,
    },
  }).status === 0

const readReport = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

const vitest = (project) => {
  const path = join(reports, `${project}.json`)
  const ok = runTests(bin('vitest'), [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${path}`,
  ])
  const report = readReport(path)
  totals.passed += report?.numPassedTests ?? 0
  totals.failed += report?.numFailedTests ?? 0
  totals.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  // A run that died before it could report, or failed outside a test, counts as one failure.
  if (!ok && !report?.numFailedTests) totals.failed += 1
}

const playwright = () => {
  const path = join(reports, 'stories.json')
  const ok = runTests(bin('playwright'), ['test', '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: path })
  const stats = readReport(path)?.stats
  totals.passed += stats?.expected ?? 0
  totals.failed += (stats?.unexpected ?? 0) + (stats?.flaky ?? 0)
  totals.skipped += stats?.skipped ?? 0
  if (!ok && !stats?.unexpected) totals.failed += 1
}

checkNode()
install()
step('Servers the tests talk to')
run('bash', ['scripts/setup-servers.sh'], { why: 'Setting up the servers' })
step('Types')
for (const part of ['shared', 'server', 'web'])
  run(bin('tsc'), ['--noEmit', '-p', part], { why: `The types of ${part}` })
step('Lint and format')
run(bin('biome'), ['check', '--error-on-warnings', '.'], { why: 'Lint' })
step('Unit tests')
vitest('unit')
step('Integration tests, against real servers')
vitest('integration')
step('Stories in the browser')
buildWeb()
playwright()

rmSync(reports, { recursive: true, force: true })
// In CI a server that is missing must not pass for tested.
if (process.env.CI && totals.skipped > 0) {
  console.error(`\n${totals.skipped} skipped: in CI every test has to run.`)
  totals.failed += totals.skipped
  totals.skipped = 0
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`)
process.exit(totals.failed > 0 || totals.passed === 0 ? 1 : 0)
