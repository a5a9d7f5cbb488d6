/** The same text as a person reads it and as bytes of a charset; Node encodes UTF-8 only, so the bytes are written out. */
export const charsetSamples = [
  { charset: 'iso-8859-1', text: 'Grüße aus Köln', hex: '4772fcdf6520617573204bf66c6e' },
  { charset: 'iso-8859-15', text: 'Façade à 5 €', hex: '4661e761646520e0203520a4' },
  { charset: 'windows-1252', text: '„Größe“ – 12 €', hex: '844772f6df659320962031322080' },
  { charset: 'iso-8859-2', text: 'Zażółć gęślą jaźń', hex: '5a61bff3b3e62067eab66cb1206a61bcf1' },
  { charset: 'koi8-r', text: 'Привет, как дела', hex: 'f0d2c9d7c5d42c20cbc1cb20c4c5ccc1' },
  { charset: 'windows-1251', text: 'Счёт за ноябрь', hex: 'd1f7b8f220e7e020edeeffe1f0fc' },
  { charset: 'iso-2022-jp', text: '会議の日程', hex: '1b244232713544244e467c44781b2842' },
  { charset: 'shift_jis', text: '出張の写真', hex: '8f6f92a382cc8eca905e' },
  { charset: 'euc-kr', text: '회의 일정', hex: 'c8b8c0c720c0cfc1a4' },
  { charset: 'gb18030', text: '会议通知', hex: 'bbe1d2e9cda8d6aa' },
  { charset: 'big5', text: '會議通知', hex: 'b77cc4b3b371aabe' },
  { charset: 'iso-8859-7', text: 'Καλημέρα κόσμε', hex: 'cae1ebe7ecddf1e120eafcf3ece5' },
  { charset: 'windows-1255', text: 'שלום עולם', hex: 'f9ece5ed20f2e5eced' },
  { charset: 'utf-8', text: 'Ünïcödé 🎉 終わり', hex: 'c39c6ec3af63c3b664c3a920f09f8e8920e7b582e3828fe3828a' },
] as const
export type CharsetSample = (typeof charsetSamples)[number]

/** RFC 2047 §4: `Q` shows most letters, `B` none. */
export const encodedWord = ({ charset, hex }: CharsetSample, encoding: 'B' | 'Q'): string => {
  const bytes = Buffer.from(hex, 'hex')
  const body =
    encoding === 'B'
      ? bytes.toString('base64')
      : [...bytes]
          .map((byte) =>
            byte === 32
              ? '_'
              : /[A-Za-z0-9]/.test(String.fromCharCode(byte))
                ? String.fromCharCode(byte)
                : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`,
          )
          .join('')
  return `=?${charset}?${encoding}?${body}?=`
}

/** Any text as UTF-8 encoded words of at most 75 characters, folded; as it is when it is printable ASCII. */
export const utf8Words = (text: string): string => {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  const words = ['']
  for (const character of text) {
    if (Buffer.byteLength(words.at(-1)! + character) > 45) words.push('')
    words[words.length - 1] += character
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}
