import { networkInterfaces } from 'node:os'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createAddressRule, createCheckHost } from './address-rule.ts'

const own = ['192.0.2.10', 'fe80::1', '2001:db8::10']
const forbids = (address: string, allowed: readonly string[] = []) => createAddressRule(allowed, own).forbids(address)

describe('a destination is another machine', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['loopback', '::1'],
    ['loopback, written out', '0:0:0:0:0:0:0:1'],
    ['unspecified', '0.0.0.0'],
    ['unspecified', '0.1.2.3'],
    ['unspecified', '::'],
    ['link-local', '169.254.169.254'],
    ['a metadata service', 'fd00:ec2::254'],
    ['link-local', 'fe80::2'],
    ['link-local, with its interface', 'fe80::2%eth0'],
    ['link-local', 'febf:ffff::1'],
    ['a group', '224.0.0.1'],
    ['a group', '239.255.255.255'],
    ['a group', 'ff02::1'],
    ['everybody', '255.255.255.255'],
    ['this machine', '192.0.2.10'],
    ['this machine', '2001:DB8:0::0010'],
    ['mapped', '::ffff:127.0.0.1'],
    ['mapped, in hexadecimal', '::ffff:7f00:1'],
    ['mapped, of this machine', '::FFFF:192.0.2.10'],
    ['compatible', '::127.0.0.1'],
    ['translated', '::ffff:0:127.0.0.1'],
    ['NAT64', '64:ff9b::127.0.0.1'],
    ['NAT64, of the local link', '64:ff9b::a9fe:a9fe'],
    ['NAT64 of local use', '64:ff9b:1::198.51.100.7'],
    ['6to4', '2002:7f00:1::'],
    ['6to4, of this machine', '2002:c000:020a:1::5'],
  ])('not %s: %s', (_, address) => {
    expect(forbids(address)).toBe(true)
  })

  test.each([
    '192.0.2.11',
    '10.0.0.1',
    '192.168.1.1',
    '128.0.0.1',
    '169.253.255.255',
    '223.255.255.255',
    '2001:db8::11',
    'fd00::1',
    'fec0::1',
    '::ffff:192.0.2.11',
    '64:ff9b::192.0.2.11',
    '2002:c000:20b::1',
  ])('so %s is one', (address) => {
    expect(forbids(address)).toBe(false)
  })

  test('in every disguise as without one', () => {
    const someBytes = fc.oneof(
      fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)),
      fc.tuple(fc.constantFrom(0, 10, 127, 169, 192, 224), fc.constantFrom(0, 254), fc.nat(255), fc.nat(255)),
    )
    fc.assert(
      fc.property(someBytes, ([a, b, c, d]) => {
        const dotted = [a, b, c, d].join('.')
        const words = [a * 256 + b, c * 256 + d].map((word) => word.toString(16)).join(':')
        const disguises = ['::ffff:', '::', '::ffff:0:', '64:ff9b::'].flatMap((prefix) => [
          prefix + dotted,
          prefix + words,
        ])
        for (const disguise of [...disguises, `0:0:0:0:0:ffff:${words}`, `2002:${words}::1`])
          for (const allowed of [[], ['127.0.0.0/8']])
            expect([disguise, forbids(disguise, allowed)]).toEqual([disguise, forbids(dotted, allowed)])
      }),
    )
  })

  test('unless it is allowed, by address or network, in any disguise', () => {
    expect(forbids('127.0.0.1', ['127.0.0.1'])).toBe(false)
    expect(forbids('127.0.0.2', ['127.0.0.1'])).toBe(true)
    expect(forbids('127.0.0.2', ['127.0.0.0/8'])).toBe(false)
    expect(forbids('::ffff:127.0.0.1', ['127.0.0.1'])).toBe(false)
    expect(forbids('64:ff9b::127.0.0.1', ['127.0.0.1'])).toBe(false)
    expect(forbids('::1', ['127.0.0.1'])).toBe(true)
    expect(forbids('::1', ['::1'])).toBe(false)
    expect(forbids('fe80::2%eth0', ['fe80::/64'])).toBe(false)
    expect(forbids('fe80:0:0:1::2', ['fe80::/64'])).toBe(true)
    expect(forbids('192.0.2.10', ['192.0.2.0/24'])).toBe(false)
    expect(forbids('127.0.0.1', ['::/0'])).toBe(true)
  })

  test('which is said of an address before it is saved, and not of a name', () => {
    const check = createCheckHost([])
    expect(() => check('169.254.169.254')).toThrow(
      expect.objectContaining({
        code: 'destination_forbidden',
        details: { host: '169.254.169.254', address: '169.254.169.254' },
      }),
    )
    const here = Object.values(networkInterfaces()).flatMap((ofOne) => ofOne ?? [])
    for (const { address } of here) expect(() => check(address)).toThrow()
    for (const host of ['198.51.100.7', '2001:db8::7', 'localhost', 'backup.example']) check(host)
    createCheckHost(['127.0.0.1'])('127.0.0.1')
  })
})
