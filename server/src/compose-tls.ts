import type { Logger } from 'pino'
import { type OpenTls, openTls } from './adapters/tls/open-tls.ts'
import { type Config, ConfigError } from './config/read-config.ts'
import { createCertificateAccount } from './domain/account/certificate-account.ts'
import type { CertificateAccess } from './http/auth/certificate-gate.ts'
import type { AccountStore } from './ports/account-store.ts'
import type { Clock } from './ports/clock.ts'

/**
 * Opens the files of the service's certificate and those that tell the certificates of people; null without `tls`.
 * @throws ConfigError with everything that is wrong with the files
 */
export const composeTls = (config: Config, clock: Clock, logger: Logger): OpenTls | null => {
  const { tls, clientCertificates } = config
  if (!tls) return null
  const onReload = (problems: readonly string[]) =>
    problems.length > 0
      ? logger.error({ problems }, 'something is wrong with the certificate files; what cannot be used stays as it was')
      : logger.info('read the certificate files again')
  const { problems, opened } = openTls({ tls, clientCertificates }, { clock, onReload })
  if (!opened) throw new ConfigError(problems)
  return opened
}

/** Who gets in by a certificate; null when nobody is asked for one. */
export const certificateAccess = (
  { clientCertificates: settings }: Config,
  tls: OpenTls | null,
  accounts: AccountStore,
): CertificateAccess | null =>
  settings && tls?.clientCertificates
    ? {
        certificates: tls.clientCertificates,
        accountOf: createCertificateAccount({ accounts }, settings),
        isRequired: settings.required,
        contact: settings.contact,
      }
    : null
