import { describe, expect, test } from 'vitest'
import { names } from './dav-kinds.ts'
import { type DavResponse, hrefsOf, type MultistatusLimits, readMultistatus } from './multistatus.ts'

const limits: MultistatusLimits = { bytes: 1_000_000, responseBytes: 10_000, responses: 100 }
/** Feeds the text in pieces of `step` bytes, so that tags, entities and characters are cut anywhere. */
const read = async (text: string, step = 7, own = limits) => {
  const bytes = Buffer.from(text)
  const responses: DavResponse[] = []
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
  }
  const { syncToken } = await readMultistatus(chunks(), (response) => responses.push(response), own)
  return { responses, syncToken }
}
const wrapped = (inside: string): string =>
  `<?xml version="1.0"?><a:multistatus xmlns:a="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">${inside}</a:multistatus>`
const prop = (inside: string, status = 'HTTP/1.1 200 OK'): string =>
  `<a:propstat><a:prop>${inside}</a:prop><a:status>${status}</a:status></a:propstat>`

describe('readMultistatus', () => {
  test.each([1, 2, 7, 100_000])('reads text, CDATA and entities in pieces of %i bytes', async (step) => {
    const name = '<a:displayname> 1.50 <![CDATA[<ü> &amp; ]]>&amp;&#x20AC;&lt;true </a:displayname>'
    const { responses, syncToken } = await read(
      wrapped(
        `<a:response><a:href>/x%20y/&amp;</a:href>${prop(name)}${prop('<c:gone/>', 'HTTP/1.1 404 Not Found')}</a:response>` +
          '<a:sync-token>urn:1</a:sync-token>',
      ),
      step,
    )
    expect(syncToken).toBe('urn:1')
    expect(responses).toHaveLength(1)
    expect(responses[0]).toMatchObject({ href: '/x%20y/&', status: null })
    expect([...responses[0]!.properties.keys()]).toEqual([names.displayName])
    expect(responses[0]!.properties.get(names.displayName)!.text).toBe(' 1.50 <ü> &amp; &€<true ')
  })

  test('reads hrefs inside a property, and a status for several hrefs', async () => {
    const { responses } = await read(
      wrapped(
        `<a:response><a:href>/p/</a:href>${prop('<c:calendar-home-set><a:href>/a/</a:href><a:href> /b/ </a:href></c:calendar-home-set>')}</a:response>` +
          '<a:response><a:href>/1</a:href><a:href>/2</a:href><a:status>HTTP/1.1 403 Forbidden</a:status></a:response>',
      ),
    )
    const [first, ...others] = responses
    expect(hrefsOf(first!.properties.get('{urn:ietf:params:xml:ns:caldav}calendar-home-set'))).toEqual(['/a/', '/b/'])
    expect(others.map(({ href, status }) => [href, status])).toEqual([
      ['/1', 403],
      ['/2', 403],
    ])
  })

  test.each([
    ['a document type', '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>', 'document type'],
    ['an entity of its own', wrapped('<a:response><a:href>&boom;</a:href></a:response>'), 'well-formed'],
    ['another document', '<html><body>Sign in</body></html>', 'no multistatus'],
    ['nothing', '', 'well-formed|empty'],
    ['an end in the middle', wrapped('<a:response><a:href>/1</a:href></a:response>').slice(0, -9), 'well-formed'],
    ['too deep a nesting', wrapped('<a:response>'.repeat(50)), 'nested'],
    ['too large a response', wrapped(`<a:response><a:href>${'x'.repeat(20_000)}`), 'too large'],
    ['too many responses', wrapped('<a:response><a:href>/</a:href></a:response>'.repeat(101)), 'no end'],
    ['a prolog without end', `<?xml version="1.0"?>${' '.repeat(80_000)}`, 'too large'],
  ])('refuses %s', async (_, text, reason) => {
    await expect(read(text, 1_000)).rejects.toThrow(new RegExp(reason))
  })
})
