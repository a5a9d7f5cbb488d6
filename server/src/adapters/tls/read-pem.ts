import { X509Certificate } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

const largestBytes = 64 * 1024 * 1024

/** @throws Error with a short reason and nothing of the content */
export const readBounded = (path: string): Buffer => {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    if (size > largestBytes) throw new Error('it is larger than 64 MB')
    const bytes = Buffer.alloc(size)
    let read = 0
    while (read < size) {
      const count = readSync(file, bytes, read, size - read, read)
      if (count === 0) break
      read += count
    }
    return bytes.subarray(0, read)
  } finally {
    closeSync(file)
  }
}

/** Every certificate of a PEM file; text between them is passed over (RFC 7468 §5.2). @throws Error */
export const readCertificates = (pem: string): readonly X509Certificate[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(
    ([block]) => new X509Certificate(block),
  )

/** The subject on one line; node separates its parts by line breaks and has escaped every other one. */
export const subjectOf = (certificate: X509Certificate): string => certificate.subject.split('\n').join(', ')

export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10)
