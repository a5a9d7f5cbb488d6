import { describe, expect, it } from 'vitest'
import { contentOf, innerOf, mail, project } from '../../../../test/export/projected-mail.ts'
import { buildMessage } from '../../../../testkit/builders/message-builder.ts'
import * as a from '../../../formats/mapi/properties-attachment.ts'
import * as p from '../../../formats/mapi/properties-message.ts'

const signedBody = mail(
  'This is an S/MIME signed message',
  '--s',
  'Content-Type: multipart/mixed; boundary=i',
  '',
  '--i',
  'Content-Type: text/plain; charset=iso-8859-1',
  '',
  'signed \xfc',
  '--i',
  'Content-Type: application/pdf; name=a.pdf',
  '',
  '%PDF',
  '--i--',
  '',
  '--s',
  'Content-Type: application/pkcs7-signature; name=smime.p7s',
  'Content-Transfer-Encoding: base64',
  '',
  'AAAA',
  '--s--',
  '',
)
const signedType = (protocol: string) =>
  `Content-Type: multipart/signed; boundary=s;\r\n protocol="application/${protocol}"; micalg=sha-256`

describe('S/MIME', () => {
  it.each(['pkcs7-signature', 'x-pkcs7-signature'])('clear-signed by %s is kept byte for byte', async (protocol) => {
    const made = await project(mail('Subject: s', 'MIME-Version: 1.0', signedType(protocol), '', signedBody))
    expect(made.get(p.PidTagMessageClass)).toBe('IPM.Note.SMIME.MultipartSigned')
    expect(made.get(p.PidTagBody)).toBe('signed ü')
    expect(made.names).toEqual(['smime.p7m'])
    expect(made.codes).toEqual([])
    const attachment = made.file('smime.p7m')
    expect(attachment.properties.get(a.PidTagAttachMimeTag)).toBe('multipart/signed')
    expect((await contentOf(attachment)).toString('latin1')).toBe(
      mail(signedType(protocol).replace('\r\n', ''), '', signedBody),
    )
  })

  it.each([
    ['application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m', 'smime.p7m'],
    ['application/x-pkcs7-mime; smime-type=signed-data', 'smime.p7m'],
    ['application/octet-stream; name=mail.P7M', 'mail.P7M'],
  ])('opaque as %s is the one attachment', async (type, name) => {
    const bytes = Buffer.from([0x30, 0x82, 0, 255])
    const made = await project(
      mail('Subject: s', `Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', '', bytes.toString('base64')),
    )
    expect(made.get(p.PidTagMessageClass)).toBe('IPM.Note.SMIME')
    expect(made.get(p.PidNameContentType)).toBe(type)
    expect([made.get(p.PidTagBody), made.get(p.PidTagNativeBody)]).toEqual([undefined, undefined])
    expect(made.names).toEqual([name])
    expect(await contentOf(made.file(name))).toEqual(bytes)
  })

  it('is kept although a text or a part in it is broken', async () => {
    const body = mail(
      '--s',
      'Content-Type: text/plain; charset=nobody-knows',
      'no field',
      '',
      'x\0',
      '--s',
      '',
      'sig',
      '--s--',
      'late',
    )
    const made = await project(mail(signedType('pkcs7-signature'), '', body))
    expect([made.get(p.PidTagMessageClass), made.names, made.codes]).toEqual([
      'IPM.Note.SMIME.MultipartSigned',
      ['smime.p7m'],
      [],
    ])
  })

  it('with a header that does not fit is a note with the original', async () => {
    const made = await project(mail(`X-Long: ${'x'.repeat(300_000)}`, signedType('pkcs7-signature'), '', signedBody))
    expect(made.get(p.PidTagMessageClass)).toBe('IPM.Note')
    expect(made.names).toEqual(['smime.p7m', 'original.eml'])
    expect(made.codes).toEqual(['headers_shortened', 'smime_as_note', 'original_kept'])
  })

  it('within another message is what it is there', async () => {
    const inner = mail('Subject: inner', signedType('pkcs7-signature'), '', signedBody)
    const made = await project(mail('Content-Type: message/rfc822', '', inner))
    expect(innerOf(made.file('inner')).properties.get(p.PidTagMessageClass)).toBe('IPM.Note.SMIME.MultipartSigned')
    expect((await contentOf(innerOf(made.file('inner')).attachments[0]!)).toString('latin1')).toContain('%PDF')
  })

  it('within a list mail keeps what its signature covers', async () => {
    const made = await project(
      mail(
        'Content-Type: multipart/mixed; boundary=l',
        '',
        '--l',
        signedType('pkcs7-signature'),
        '',
        signedBody,
        '--l',
        '',
        'footer',
        '--l--',
      ),
    )
    expect(made.get(p.PidTagMessageClass)).toBe('IPM.Note')
    expect(made.get(p.PidTagBody)).toBe('signed ü\r\nfooter')
    expect(made.names).toEqual(['a.pdf', 'smime.p7s', 'signed-part.eml'])
    expect(made.codes).toEqual(['signed_part_kept'])
    const covered = signedBody.slice(
      signedBody.indexOf('Content-Type: multipart'),
      signedBody.indexOf('\r\n--s\r\nContent-Type: application/pkcs7'),
    )
    expect((await contentOf(made.file('signed-part.eml'))).toString('latin1')).toBe(covered)
  })
})

describe('PGP', () => {
  it('encrypted keeps its parts byte for byte', async () => {
    const { bytes } = buildMessage(5, { kind: 'pgp-encrypted' })
    const made = await project(bytes)
    expect(made.get(p.PidTagMessageClass)).toBe('IPM.Note')
    expect(made.names).toEqual(['version.asc', 'encrypted.asc'])
    const armor = (await contentOf(made.file('encrypted.asc'))).toString()
    expect(armor).toMatch(/^-----BEGIN PGP MESSAGE-----[\s\S]+-----END PGP MESSAGE-----\r\n$/)
    expect(bytes.toString()).toContain(armor)
    expect(made.get(p.PidTagBody)).toBeUndefined()
  })

  it('signed shows its text and keeps what is needed to check it', async () => {
    const covered = mail(
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'gr=C3=BCn',
      '',
    )
    const raw = mail(
      'Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"',
      '',
      '--s',
      covered,
      '--s',
      'Content-Type: application/pgp-signature; name=signature.asc',
      '',
      '-----BEGIN PGP SIGNATURE-----',
      '--s--',
      '',
    )
    const made = await project(raw)
    expect(made.get(p.PidTagBody)).toBe('grün\r\n')
    expect(made.names).toEqual(['signature.asc', 'signed-part.eml'])
    expect((await contentOf(made.file('signed-part.eml'))).toString('latin1')).toBe(covered)
    expect((await contentOf(made.file('signature.asc'))).toString()).toBe('-----BEGIN PGP SIGNATURE-----')
  })

  it('within the text stays there', async () => {
    const made = await project(buildMessage(7, { kind: 'pgp-inline' }).bytes)
    expect(made.get(p.PidTagBody)).toContain('-----END PGP MESSAGE-----')
    expect(made.names).toEqual([])
  })
})
