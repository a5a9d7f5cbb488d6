import { describe, expect, it } from 'vitest'
import { mail, project } from '../../../../test/export/projected-mail.ts'
import * as p from '../../../formats/mapi/properties-message.ts'

const simple = (...lines: string[]) => mail('From: Ada <ada@x.example>', ...lines, '', 'text', '')

describe('flags', () => {
  const flagged = (...flags: string[]) => project(simple('Subject: s'), flags)

  it.each([
    [[], 2],
    [['\\Seen'], 3],
    [['\\Draft'], 8],
    [['\\seen', '\\DRAFT'], 9],
    [['\\Recent'], 2],
  ])('%j', async (flags, bits) => {
    expect((await flagged(...flags)).get(p.PidTagMessageFlags)).toBe(bits)
  })

  it.each([
    [['\\Answered'], 0x105, 102, []],
    [['$Forwarded'], 0x106, 104, []],
    [['\\Answered', '$Forwarded'], 0x105, 102, ['answered_and_forwarded']],
    [['\\Deleted'], undefined, undefined, ['flag_deleted']],
  ])('%j', async (flags, icon, verb, told) => {
    const { get, codes } = await flagged(...flags)
    expect([get(p.PidTagIconIndex), get(p.PidTagLastVerbExecuted), codes]).toEqual([icon, verb, told])
  })

  it('ask to follow up', async () => {
    const { get } = await flagged('\\Flagged')
    expect([get(p.PidTagFlagStatus), get(p.PidTagFollowupIcon), get(p.PidTagToDoItemFlags)]).toEqual([2, 6, 1])
    expect(get(p.PidLidFlagRequest)).toBe('Follow up')
    expect((await flagged()).get(p.PidTagFlagStatus)).toBeUndefined()
  })

  it('are categories when a person gave them', async () => {
    const { get } = await flagged('$label1', 'Projekt', '&ANY-l', '$MDNSent', 'NonJunk', 'projekt', '\\Seen')
    expect(get(p.PidNameKeywords)).toEqual(['Important', 'Projekt', 'Öl'])
    expect((await flagged('\\Seen', 'Junk')).get(p.PidNameKeywords)).toBeUndefined()
  })

  it('are categories from the header too', async () => {
    const { get } = await project(simple('Keywords: a, "b c"', 'Keywords: =?utf-8?q?=C3=A4?='), ['a'])
    expect(get(p.PidNameKeywords)).toEqual(['a', 'b c', 'ä'])
  })

  it('say whether it is spam', async () => {
    expect((await flagged('$Junk')).get(p.PidTagContentFilterSpamConfidenceLevel)).toBe(9)
    expect((await flagged('$NotJunk')).get(p.PidTagContentFilterSpamConfidenceLevel)).toBe(-1)
  })
})
