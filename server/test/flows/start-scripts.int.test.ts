import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'

const prepare = pathToFileURL(join(import.meta.dirname, '../../../scripts/prepare.mjs')).href
const script = (body: string) => [
  '--input-type=module',
  '-e',
  `import * as prepare from ${JSON.stringify(prepare)}\n${body}`,
]
const become = (program: string) => script(`prepare.become(process.execPath, ['-e', ${JSON.stringify(program)}])`)

describe('the scripts that start the product', () => {
  it.each([0, 1, 7])('end as the program ends, with %i', (code) => {
    expect(spawnSync(process.execPath, become(`process.exit(${code})`)).status).toBe(code)
  })

  it.each([
    ['ends in its own time', "process.on('SIGTERM', () => setTimeout(() => process.exit(5), 200))", 5],
    ['is ended by it', '', 0],
  ] as const)('hand a signal on to a program that %s', async (_, handler, code) => {
    const child = spawn(process.execPath, become(`${handler}; console.log('up'); setInterval(() => {}, 1000)`), {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = new Promise((resolve) => child.once('exit', resolve))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.kill('SIGTERM')
    expect(await exited).toBe(code)
  })

  it('say what failed, with what it printed, and pass its code on', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      script(
        `prepare.run(process.execPath, ['-e', 'console.error("the cause"); process.exit(3)'], { why: 'Doing it', quiet: true })`,
      ),
      { encoding: 'utf8' },
    )
    expect(status).toBe(3)
    expect(stderr).toMatch(/the cause\n\nDoing it failed\./)
    const missing = spawnSync(process.execPath, script(`prepare.run('no-such-program', [])`), { encoding: 'utf8' })
    expect(missing.status).toBe(1)
    expect(missing.stderr).toMatch(/no-such-program .*failed: .*ENOENT/)
  })
})
