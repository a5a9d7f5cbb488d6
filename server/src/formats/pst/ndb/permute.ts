import { Buffer } from 'node:buffer'

/** The table of "compressible encryption" ([MS-PST] §5.1), for writing: byte b is stored as `permuteTable[b]`. */
export const permuteTable: Uint8Array = Buffer.from(
  '41361362a8216ebbf416cc047f64e85d1ef2cb2a74c55e35d295479e962d9a88' +
    '4c7d843fdbac31b6485ff6c4d8398be7233b388ec8c1df25b120a546604e9cfb' +
    'aad35651457c550007c92b9d859b09a08fadb30f63ab894bd7a7155a716642bf' +
    '264a6b98faea7753b270052cfd593a867ece06eb827857c78d43afb41cd45bcd' +
    'e2e9274fc3087280cfb0eff5286dbe304d3492d50e3c2232e5e4f99fc2d10a81' +
    '12e1ee918376e397e6618a1779a4b7dc907a5c8c02a6ca69de501a1193b95287' +
    '58fced1d37491b6ae0293399bd6cd994f340546ff0c673b8d63e6518441fdd67' +
    '10f10c19ecae03a1147ba90bfff8a3c0a201f72ebc2468750dfeba2fb5d0da3d',
  'hex',
)

/** The same for two bytes at a time, which is more than twice as fast; each byte is stored on its own, so their order does not matter. */
const pairTable = Uint16Array.from(
  { length: 65_536 },
  (_, pair) => permuteTable[pair & 255]! | (permuteTable[pair >>> 8]! << 8),
)

/** Copies `length` bytes and encodes them on the way. */
export const permuteInto = (
  target: Uint8Array,
  targetStart: number,
  source: Uint8Array,
  sourceStart: number,
  length: number,
): void => {
  target.set(source.subarray(sourceStart, sourceStart + length), targetStart)
  let index = targetStart
  const end = targetStart + length
  const words = (end - index) >>> 2
  // Blocks begin at multiples of 64, so this is the usual case.
  if (words > 0 && ((target.byteOffset + index) & 3) === 0) {
    const view = new Uint32Array(target.buffer, target.byteOffset + index, words)
    for (let word = 0; word < words; word++) {
      const value = view[word]!
      view[word] = pairTable[value & 0xffff]! | (pairTable[value >>> 16]! << 16)
    }
    index += words * 4
  }
  for (; index < end; index++) target[index] = permuteTable[target[index]!]!
}
