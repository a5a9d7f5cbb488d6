import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asOperand, shellCommand } from './remote-shell.ts'

const shells = ['/bin/sh', '/bin/bash', '/bin/zsh', '/bin/ksh', '/bin/tcsh', '/bin/csh', '/usr/bin/fish'].filter(
  existsSync,
)
const printed = (shell: string, command: string): Buffer => execFileSync(shell, ['-c', command])

describe('a command for any login shell', () => {
  test.each(shells)('hands arguments over byte for byte through %s', (shell) => {
    const script = 'printf %s "$a1"; printf :; printf %s "$a2"'
    const nasty = [
      "'; id; '",
      '$(id)`id`',
      '-n',
      '\n\n',
      '\\0041\\n',
      '!!',
      '%s%d',
      '"',
      '',
      'ünï ✓',
      '*',
      '~',
      '#',
      '\x01\x7f',
    ]
    for (const text of nasty) expect(printed(shell, shellCommand(script, [text, 'x'])).toString()).toBe(`${text}:x`)
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
        (text) => {
          expect(printed(shell, shellCommand(script, ['x', text]))).toEqual(Buffer.from(`x:${text}`))
        },
      ),
      { numRuns: 20 },
    )
  })

  test('holds no character of an argument that a shell could read', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
        (text) => {
          const argument = shellCommand('true', [text]).split(" sh '")[1]!
          expect(argument).toMatch(/^(?:[A-Za-z0-9._/-]|\\0[0-7]{3})*'$/)
        },
      ),
    )
  })

  test('refuses what cannot be said safely', () => {
    expect(() => shellCommand('true', ['a\0b'])).toThrow('NUL')
    for (const script of ["echo 'x'", 'echo !', 'a\nb', 'printf a\\n']) expect(() => shellCommand(script)).toThrow()
  })

  test('makes operands of paths', () => {
    expect(asOperand('-rf')).toBe('./-rf')
    expect(asOperand('/a')).toBe('/a')
  })
})
