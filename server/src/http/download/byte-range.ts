/** What of a representation a request asks for; both ends included. */
export type RangeDecision =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' }

const whole: RangeDecision = { kind: 'whole' }
const unsatisfiable: RangeDecision = { kind: 'unsatisfiable' }

type Ends = { readonly start: number; readonly end: number }

/** One range-spec of RFC 9110 §14.1.2 within `sizeBytes`; 'malformed' when it is none, 'outside' when no byte of it exists. */
const readSpec = (spec: string, sizeBytes: number): Ends | 'malformed' | 'outside' => {
  const match = /^(\d{0,19})-(\d{0,19})$/.exec(spec)
  if (!match || (match[1] === '' && match[2] === '')) return 'malformed'
  const last = sizeBytes - 1
  if (match[1] === '') {
    const suffix = Number(match[2])
    return suffix === 0 || sizeBytes === 0 ? 'outside' : { start: Math.max(0, sizeBytes - suffix), end: last }
  }
  const start = Number(match[1])
  if (match[2] !== '' && Number(match[2]) < start) return 'malformed'
  if (start > last) return 'outside'
  return { start, end: match[2] === '' ? last : Math.min(Number(match[2]), last) }
}

/**
 * Decides on a Range header (RFC 9110 §14.2). Other units and malformed headers are ignored, as the RFC has it; of several
 * ranges nothing is sent in parts: the whole, which a client must be ready for, or 416 when none of them exists.
 */
export const decideRange = (header: string | undefined, sizeBytes: number): RangeDecision => {
  const match = /^bytes=(.*)$/i.exec(header?.trim() ?? '')
  if (!match || match[1]!.length > 1_000) return whole
  const specs = match[1]!.split(',').map((part) => part.trim())
  const ends = specs.filter((spec) => spec !== '').map((spec) => readSpec(spec, sizeBytes))
  if (ends.length === 0 || ends.includes('malformed')) return whole
  const inside = ends.filter((one) => typeof one === 'object')
  if (inside.length === 0) return unsatisfiable
  return ends.length === 1 ? { kind: 'part', ...inside[0]! } : whole
}
