import { describe, expect, it } from 'vitest'
import { contentOf, mail, multi, project } from '../../../../test/export/projected-mail.ts'
import * as p from '../../../formats/mapi/properties-message.ts'

const htmlOf = (get: Awaited<ReturnType<typeof project>>['get']) => {
  const bytes = get(p.PidTagHtml)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8')
}

describe('bodies', () => {
  it('of two renderings are both kept', async () => {
    const { get, names } = await project(
      multi(
        'alternative',
        '--b',
        '',
        'plain',
        '--b',
        'Content-Type: text/html; charset=utf-8',
        '',
        '<b>rich \xc3\xbc</b>',
      ),
    )
    expect([get(p.PidTagBody), htmlOf(get), get(p.PidTagNativeBody)]).toEqual(['plain', '<b>rich ü</b>', 3])
    expect(get(p.PidTagInternetCodepage)).toBe(65_001)
    expect(names).toEqual([])
  })

  it('of renderings within renderings are all kept', async () => {
    const inner = ['--i', '', 'second text', '--i', 'Content-Type: text/html', '', '<i>rich</i>', '--i--']
    const made = await project(
      multi(
        'alternative',
        '--b',
        '',
        'first text',
        '--b',
        'Content-Type: multipart/alternative; boundary=i',
        '',
        ...inner,
      ),
    )
    expect([made.get(p.PidTagBody), htmlOf(made.get)]).toEqual(['first text', '<i>rich</i>'])
    expect((await contentOf(made.file('text.txt'))).toString()).toBe('second text')
  })

  it('of HTML alone lend their words to the text', async () => {
    const { get } = await project(
      mail('Content-Type: text/html', '', '<p>one  <b>t</b>wo</p><div>three &amp; four</div>'),
    )
    expect(get(p.PidTagBody)).toBe('one two\r\n\r\nthree & four')
  })

  it('declare themselves as UTF-8', async () => {
    const given =
      '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"><meta charset=\'latin1\'>\xe4 charset=latin1'
    const { get } = await project(mail('Content-Type: text/html; charset=iso-8859-1', '', given))
    expect(htmlOf(get)).toBe(
      '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><meta charset=\'utf-8\'>ä charset=latin1',
    )
  })

  it('of several parts in a row are one', async () => {
    const { get, names } = await project(
      multi('mixed', '--b', '', 'one', '--b', 'Content-Type: image/png; name=i.png', '', 'x', '--b', '', 'two'),
    )
    expect(get(p.PidTagBody)).toBe('one\r\ntwo')
    expect(names).toEqual(['i.png'])
  })

  it('of text behind HTML are shown in both', async () => {
    const { get } = await project(multi('mixed', '--b', 'Content-Type: text/html', '', '<i>a</i>', '--b', '', '1 < 2'))
    expect(get(p.PidTagBody)).toBe('a\r\n1 < 2')
    expect(htmlOf(get)).toBe('<i>a</i>\r\n<pre style="white-space: pre-wrap">1 &lt; 2</pre>')
  })

  it('read what no charset is declared for', async () => {
    for (const [bytes, text] of [
      ['K\xf6ln', 'Köln'],
      ['K\xc3\xb6ln', 'Köln'],
    ] as const)
      expect((await project(mail('Subject: s', '', bytes))).get(p.PidTagBody)).toBe(text)
  })

  it('have CRLF as line ends', async () => {
    expect((await project('Subject: s\n\na\nb\r\nc')).get(p.PidTagBody)).toBe('a\r\nb\r\nc')
  })

  it('are absent where there are none', async () => {
    const { get } = await project(mail('Content-Type: application/pdf', '', 'x'))
    expect([get(p.PidTagBody), get(p.PidTagHtml), get(p.PidTagNativeBody)]).toEqual([undefined, undefined, undefined])
  })

  it('that are too long become files', async () => {
    const text = 'x'.repeat(16_777_217)
    const { names, codes, get, file } = await project(mail('Subject: s', '', text))
    expect([names, codes, get(p.PidTagBody)]).toEqual([['text.txt'], ['body_too_large'], undefined])
    expect((await contentOf(file('text.txt'))).length).toBe(text.length)
  })
})
