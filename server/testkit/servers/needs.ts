import { existsSync } from 'node:fs'

const servers = {
  dovecot: { program: '/usr/sbin/dovecot', install: 'apt-get install dovecot-imapd' },
  radicale: { program: '/usr/bin/radicale', install: 'apt-get install radicale' },
  cyrus: { program: '/opt/stillbox-cyrus/usr/lib/cyrus/bin/master', install: 'bash scripts/setup-servers.sh' },
  postgres: { program: '/usr/lib/postgresql/15/bin/postgres', install: 'apt-get install postgresql-15' },
  sshd: { program: '/usr/sbin/sshd', install: 'apt-get install openssh-server' },
  chromium: { program: '/usr/bin/chromium', install: 'apt-get install chromium' },
  mbsync: { program: '/usr/bin/mbsync', install: 'apt-get install isync' },
  openssl: { program: '/usr/bin/openssl', install: 'apt-get install openssl' },
  unzip: { program: '/usr/bin/unzip', install: 'apt-get install unzip' },
  sevenZip: { program: '/usr/bin/7z', install: 'apt-get install p7zip-full' },
  msgconvert: {
    program: '/usr/bin/msgconvert',
    install: 'apt-get install libemail-outlook-message-perl libemail-address-perl',
  },
  python3: { program: '/usr/bin/python3', install: 'apt-get install python3' },
} as const
export type ServerName = keyof typeof servers

/**
 * Whether a server's program is on this machine. Use as `describe.skipIf(!needs('dovecot'))`.
 * @throws Error where a skip is not allowed: with REQUIRE_SERVERS or CI set, a test that did not run is a failure.
 */
export const needs = (name: ServerName): boolean => {
  const { program, install } = servers[name]
  if (existsSync(program)) return true
  const line = `${name} is not installed: ${install}`
  if (process.env.REQUIRE_SERVERS || process.env.CI) throw new Error(line)
  console.warn(`skipped, ${line}`)
  return false
}
