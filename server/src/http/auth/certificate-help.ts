import { AppError } from '@stillbox/shared/errors/app-error.ts'
import type { RequestHandler } from 'express'
import type { CertificateFault, ClientCertificate } from '../../ports/client-certificates.ts'
import { escapeHtml } from '../escape-html.ts'

/** Why somebody sees the page; `asked`: he came for it. */
export type HelpCause = CertificateFault | 'unmapped' | 'asked'

export type HelpContent = {
  readonly cause: HelpCause
  readonly certificate: ClientCertificate | null
  readonly contact: string
  /** Where to try again. */
  readonly serviceUrl: string
}

const headings: Readonly<Record<HelpCause, readonly [heading: string, explanation: string]>> = {
  asked: [
    'How to get in with a certificate',
    'This service opens to browsers that hold one of its client certificates. A certificate is a file that is installed once.',
  ],
  missing: [
    'Your browser sent no certificate',
    'This service opens only to browsers that hold one of its client certificates, and yours has not shown one.',
  ],
  untrusted: [
    'Your certificate is not one of this service’s',
    'Your browser sent a certificate that was issued by somebody else, or for another purpose.',
  ],
  not_yet_valid: [
    'Your certificate is not valid yet',
    'Check the clock of this computer. If it is right, wait until the certificate becomes valid, or ask for another.',
  ],
  expired: ['Your certificate has expired', 'Ask for a new one, and install it in place of the old one.'],
  revoked: [
    'Your certificate has been revoked',
    'It was taken back, and does not open this service any more. Ask for a new one.',
  ],
  list_outdated: [
    'Certificates cannot be checked at the moment',
    'The service’s list of revoked certificates is out of date. There is nothing wrong on your side: tell the administrator.',
  ],
  unmapped: [
    'Your certificate belongs to no account yet',
    'The certificate is right, but the service does not know whose it is. Send these lines to the administrator, who can add it.',
  ],
}

const steps = `<h2>Install a certificate</h2>
<ol>
<li>Ask for a certificate. You get a file whose name ends in <code>.p12</code> and, by another way, its passphrase.</li>
<li>Import the file:
<ul>
<li><b>Firefox:</b> Settings, Privacy &amp; Security, View Certificates, Your Certificates, Import.</li>
<li><b>Chrome or Edge on Windows:</b> open the file and follow the assistant; keep what it suggests.</li>
<li><b>Safari, Chrome or Edge on a Mac:</b> open the file; it goes to the keychain “login”.</li>
<li><b>Chrome on Linux:</b> Settings, Privacy and security, Security, Manage certificates, Your certificates, Import.</li>
</ul></li>
<li>Close all windows of the browser, as it remembers that it had no certificate; then come back and choose the new one.</li>
</ol>`

const facts = ({ subject, fingerprint, validToMs }: ClientCertificate): string => `<dl>
<dt>Holder</dt><dd>${escapeHtml(subject)}</dd>
<dt>SHA-256 fingerprint</dt><dd><code>${escapeHtml(fingerprint)}</code></dd>
<dt>Valid until</dt><dd>${new Date(validToMs).toISOString().slice(0, 10)}</dd>
</dl>`

/** A page for people: no script, and styled by a file of its own. */
export const certificateHelpPage = ({ cause, certificate, contact, serviceUrl }: HelpContent): string => {
  const [heading, explanation] = headings[cause]
  const showsSteps = cause !== 'unmapped' && cause !== 'list_outdated' && cause !== 'not_yet_valid'
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(heading)} · Stillbox</title>
<link rel="stylesheet" href="/certificate-help.css">
</head>
<body>
<main>
<p class="name">Stillbox</p>
<h1>${escapeHtml(heading)}</h1>
<p>${escapeHtml(explanation)}</p>
${certificate ? facts(certificate) : ''}
${showsSteps ? steps : ''}
<h2>Whom to ask</h2>
<p class="contact">${escapeHtml(contact === '' ? 'Ask the administrator of this service.' : contact)}</p>
<p><a href="${escapeHtml(serviceUrl)}">Try again</a></p>
</main>
</body>
</html>
`
}

export const certificateHelpStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#fbfcfc, #151d24); color: light-dark(#1c2830, #e6ecee); }
body { margin: 0 auto; max-width: 40rem; padding: 2rem 1.25rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 0.5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
.name { font-weight: 600; letter-spacing: 0.02em; border-bottom: 3px double GrayText; padding-bottom: 0.5rem; }
.contact { white-space: pre-line; }
li { margin: 0.35rem 0; }
dl { border-left: 3px solid GrayText; margin: 1.25rem 0; padding-left: 1rem; }
dt { font-weight: 600; }
dd { margin: 0 0 0.5rem; overflow-wrap: anywhere; }
code { font: 0.9em ui-monospace, monospace; }
a { color: light-dark(#0b5c63, #8fd6dc); display: inline-block; padding: 0.25rem 0; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`

/** `/certificate-help` and its style; they exist only where certificates are asked for. */
export const createCertificateHelp = (
  access: { readonly contact: string } | null,
): Readonly<Record<'certificateHelp' | 'certificateHelpStyle', RequestHandler>> => {
  if (!access) {
    const none: RequestHandler = () => {
      throw new AppError('address_unknown')
    }
    return { certificateHelp: none, certificateHelpStyle: none }
  }
  const page = certificateHelpPage({ cause: 'asked', certificate: null, contact: access.contact, serviceUrl: '/' })
  return {
    certificateHelp: (_request, response) => void response.type('html').send(page),
    certificateHelpStyle: (_request, response) => void response.type('css').send(certificateHelpStyle),
  }
}
