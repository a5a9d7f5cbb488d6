import { describe, expect, it } from 'vitest'
import { htmlToText } from './html-to-text.ts'

/** CPU time of this thread: what a busy machine does meanwhile does not count. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

describe('words of HTML', () => {
  it.each([
    ['<p>one</p><p>two</p>', 'one two'],
    ['<b>W</b>ord', 'Word'],
    ['a<br/>b<td>c', 'a b c'],
    ['<script>var a = "</b>"; x</script >after', 'after'],
    ['<STYLE type=x>p {}</STYLE>after', 'after'],
    ['<script>never ends', ''],
    ['<!-- <p>no</p> -->yes<!-- open', 'yes'],
    ['<!DOCTYPE html><?xml x?>yes', 'yes'],
    ['<a title="a > b">x</a>', 'x'],
    ["<a title='>'>x</a>", 'x'],
    ['<a title="never closed>x</a> y', 'x y'],
    ["<p don't>x</p>", 'x'],
    ['1 < 2 <3 >', '1 < 2 <3 >'],
    ['open <b', 'open'],
    ['&lt;b&gt; &amp;amp; &auml;&Ouml;&szlig; &euro; &alpha;&Omega;', '<b> &amp; äÖß € αΩ'],
    ['&#228;&#xE4;&#Xe4 &#128; &#0; &#x110000; &#xD800;', 'äää € \ufffd \ufffd \ufffd'],
    ['&unknown; & &; &#; AT&T', '&unknown; & &; &#; AT&T'],
    ['a&nbsp;b c&shy;d', 'a b cd'],
    ['<sc', ''],
    ['', ''],
  ])('%s', (html, text) => {
    expect(htmlToText(html)).toBe(text)
  })

  it.each([
    ['tags never closed', '<a '.repeat(700_000)],
    ['quotes never closed', '<a b="'.repeat(400_000)],
    ['comments', '<!--'.repeat(500_000)],
    ['scripts', '<script>'.repeat(300_000)],
    ['scripts closed at the end', `${'<script></scrip'.repeat(100_000)}</script>`],
    ['ampersands', '&'.repeat(2_000_000)],
    ['quotes that close late', `${'<a b="> '.repeat(300_000)}`],
  ])('takes linear time: %s', (_, html) => {
    const startedAt = cpuMs()
    htmlToText(html)
    expect(cpuMs() - startedAt).toBeLessThan(2_000)
  })
})
