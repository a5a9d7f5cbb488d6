import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { Session } from '../api/session.ts'

type Certificate = NonNullable<Session['certificate']>

const dayMs = 86_400_000
const warnDays = 30

/** Whole days until the certificate ends; null while that is further off than anybody needs to know. */
export const daysToWarnOf = ({ validTo }: Certificate, nowMs: number): number | null => {
  const days = Math.max(0, Math.floor((Date.parse(validTo) - nowMs) / dayMs))
  return days > warnDays ? null : days
}

const endText = (days: number): string =>
  days === 0 ? 'ends within a day' : days === 1 ? 'ends in 1 day' : `ends in ${days} days`

/** Beside the name, on every page, when it is time to ask for a new certificate. */
export const CertificateWarning = ({ certificate }: { certificate: Certificate }) => {
  const [openedAtMs] = useState(() => Date.now())
  const days = daysToWarnOf(certificate, openedAtMs)
  if (days === null) return null
  return (
    <span className="flex items-center gap-1 rounded-small bg-failed-wash px-1.5 py-0.5 text-12 font-medium text-failed">
      <TriangleAlert size={14} aria-hidden="true" />
      Certificate {endText(days)}
    </span>
  )
}

/** Who the certificate is made out to, and until when. */
export const CertificateNote = ({ certificate }: { certificate: Certificate }) => (
  <div className="max-w-80 border-t border-line px-2.5 py-2">
    <p className="text-12 text-soft">Signed in by the certificate of</p>
    <p className="break-words">{certificate.subject}</p>
    <p className="mt-1 text-12 text-soft">
      Valid until <time dateTime={certificate.validTo}>{certificate.validTo.slice(0, 10)}</time>
    </p>
    <p className="mt-1 text-12 break-all text-soft">
      SHA-256 <span className="font-mono">{certificate.fingerprint}</span>
    </p>
  </div>
)
