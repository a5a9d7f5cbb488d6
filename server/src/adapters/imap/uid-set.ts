/** Whether a ref can be a UID at all: a number of 32 bits, not zero (RFC 3501 §9 nz-number). */
export const isUid = (ref: number | string): ref is number =>
  typeof ref === 'number' && Number.isInteger(ref) && ref > 0 && ref <= 0xffff_ffff

/**
 * Writes ascending numbers as sequence sets (RFC 3501 §9 sequence-set), runs as ranges, each set at most `maxLength`
 * characters long: servers limit the length of a command line (RFC 7162 §4 asks for 8192 octets).
 */
export const toSequenceSets = (numbers: readonly number[], maxLength = 7_500): { set: string; count: number }[] => {
  const sets: { set: string; count: number }[] = []
  let set = ''
  let count = 0
  for (let i = 0; i < numbers.length; ) {
    let last = i
    while (last + 1 < numbers.length && numbers[last + 1] === numbers[last]! + 1) last++
    const part = last === i ? String(numbers[i]) : `${numbers[i]}:${numbers[last]}`
    if (set !== '' && set.length + part.length + 1 > maxLength) {
      sets.push({ set, count })
      set = ''
      count = 0
    }
    set = set === '' ? part : `${set},${part}`
    count += last - i + 1
    i = last + 1
  }
  if (set !== '') sets.push({ set, count })
  return sets
}
