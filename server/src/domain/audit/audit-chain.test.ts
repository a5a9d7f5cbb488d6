import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { someDraft } from '../../ports/audit-log.contract.ts'
import { canonicalJson } from '../archive/canonical-json.ts'
import { auditHash, createChainCheck, noHash } from './audit-chain.ts'

/** Three entries in a row. */
const chain = () => {
  let previousHash = noHash
  return ['olga', 'jörg “J” \u20ac', null].map((actor, index) => {
    const content = { ...someDraft({ actor, details: { b: 1, a: 'x', half: 0.5 } }), number: index + 1, previousHash }
    previousHash = auditHash(content)
    return { ...content, hash: previousHash }
  })
}

describe('the chain of the audit log', () => {
  it('is what the contract says, as another program computes it', () => {
    for (const { hash, ...content } of chain()) {
      // Python writes this JSON as RFC 8785 does: its keys are ASCII and its numbers short.
      const script = `import hashlib,json,sys
entry=json.loads(sys.argv[1])
text=entry['previousHash']+chr(10)+json.dumps(entry,sort_keys=True,separators=(',',':'),ensure_ascii=False)
print(hashlib.sha256(text.encode()).hexdigest())`
      expect(execFileSync('python3', ['-c', script, JSON.stringify(content)], { encoding: 'utf8' }).trim()).toBe(hash)
    }
  })

  it('does not depend on the order of keys, and on everything else', () => {
    const [{ hash, ...content }] = chain() as [ReturnType<typeof chain>[number]]
    expect(auditHash(JSON.parse(canonicalJson(content)))).toBe(hash)
    for (const name of Object.keys(content) as (keyof typeof content)[])
      expect([name, auditHash({ ...content, [name]: 'x' })]).not.toEqual([name, hash])
  })

  it('is whole when every entry follows the one before', () => {
    const check = createChainCheck()
    expect(check.last()).toBeNull()
    const entries = chain()
    for (const entry of entries) expect(check.take(entry)).toBeNull()
    expect(check.last()).toEqual({ number: 3, hash: entries[2]!.hash })
  })

  it.each([
    ['the first is missing', (entries: ReturnType<typeof chain>) => entries.slice(1), 1, 'is missing'],
    ['one is missing', ([one, , three]: ReturnType<typeof chain>) => [one!, three!], 2, 'is missing'],
    ['one comes twice', ([one]: ReturnType<typeof chain>) => [one!, one!], 1, 'once more'],
    ['one was changed', ([one, two]: ReturnType<typeof chain>) => [one!, { ...two!, actor: 'arno' }], 2, 'was changed'],
    [
      'one was changed and hashed anew',
      ([one, two, three]: ReturnType<typeof chain>) => {
        const { hash: _, ...content } = { ...two!, actor: 'arno' }
        return [one!, { ...content, hash: auditHash(content) }, three!]
      },
      3,
      'does not follow',
    ],
  ])('tells that %s', (_, change, number, words) => {
    const check = createChainCheck()
    const faults = change(chain()).map((entry) => check.take(entry))
    expect(faults.find((fault) => fault !== null)).toEqual({ number, text: expect.stringContaining(words) })
  })
})
