import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export type Certificate = { readonly ca: string; readonly certificatePath: string; readonly keyPath: string }

/** An authority, and a certificate of it for 127.0.0.1 and localhost, in `folder`. */
export const makeCertificate = async (folder: string): Promise<Certificate> => {
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => promisify(execFile)('openssl', args)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  await writeFile(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  await openssl('req', '-x509', ...key, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-subj', '/CN=Test authority')
  await openssl(
    'req',
    ...key.slice(0, 4),
    '-nodes',
    '-keyout',
    at('tls.key'),
    '-out',
    at('tls.csr'),
    '-subj',
    '/CN=localhost',
  )
  const signing = [
    '-CA',
    at('ca.pem'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('names'),
  ]
  await openssl('x509', '-req', '-in', at('tls.csr'), ...signing, '-out', at('tls.pem'))
  return { ca: await readFile(at('ca.pem'), 'utf8'), certificatePath: at('tls.pem'), keyPath: at('tls.key') }
}
