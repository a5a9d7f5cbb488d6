#!/usr/bin/env bash
# Puts the servers and tools that the integration tests use on a Debian 12 machine. Idempotent, and quick when all is there.
# Nothing that it installs is started, now or at boot: the tests start their own copies on loopback.
set -euo pipefail

packages=(
  dovecot-imapd radicale openssh-server postgresql-15 isync pst-utils pff-tools libemail-outlook-message-perl libemail-address-perl chromium p7zip-full
  libsasl2-modules sasl2-bin zip unzip python3
)
# cyrus-imapd conflicts with dovecot-imapd, so it is unpacked beside the system instead of being installed.
cyrus_packages=(cyrus-common cyrus-imapd cyrus-caldav)
cyrus_root=/opt/stillbox-cyrus
cyrus_programs=(master imapd httpd ctl_cyrusdb)

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || echo "$package"
  done
}

cyrus_runs() {
  local program missing
  for program in "${cyrus_programs[@]}"; do
    [ -x "$cyrus_root/usr/lib/cyrus/bin/$program" ] || return 1
    missing=$(LD_LIBRARY_PATH="$(echo "$cyrus_root"/usr/lib/*-linux-gnu)" ldd "$cyrus_root/usr/lib/cyrus/bin/$program" | grep 'not found' || true)
    [ -z "$missing" ] || return 1
  done
}

mapfile -t missing < <(missing_packages "${packages[@]}")
if [ ${#missing[@]} -eq 0 ] && cyrus_runs; then
  echo 'All servers for the tests are installed.'
  exit 0
fi

if [ "$(id -u)" -ne 0 ]; then
  echo "Servers for the tests are missing. Install them with: sudo bash ${BASH_SOURCE[0]}" >&2
  exit 1
fi
if ! command -v apt-get >/dev/null; then
  echo 'The servers for the tests are installed from Debian packages, and this system has no apt-get.' >&2
  exit 1
fi

folder=$(mktemp -d)
policy=/usr/sbin/policy-rc.d
own_policy=no
clean_up() {
  rm -rf "$folder"
  if [ "$own_policy" = yes ]; then rm -f "$policy"; fi
}
trap clean_up EXIT

# invoke-rc.d asks this program whether a service may start; 101 says no.
if [ ! -e "$policy" ]; then
  own_policy=yes
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
# No cluster that would start at boot; the tests make their own.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
fi

log=$folder/apt.log
apt_quiet() {
  if ! DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@" >"$log" 2>&1; then
    # Error lines only, with addresses left out.
    grep -E '^(E|W|dpkg)' "$log" | sed -E 's#https?://[^ /]+#(package source)#g' | tail -n 20 >&2
    echo "apt-get $1 failed." >&2
    return 1
  fi
}

echo 'Reading the lists of packages.'
apt_quiet update

cyrus_missing=no
cyrus_runs || cyrus_missing=yes
if [ "$cyrus_missing" = yes ]; then
  # What Cyrus links against, without Cyrus itself and without the mail transport agent that it asks for.
  mapfile -t libraries < <(
    apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "${cyrus_packages[@]}" |
      sed -nE 's/^ *\|?Depends: (lib[a-z0-9.+-]+)$/\1/p' | sort -u
  )
  mapfile -t -O "${#missing[@]}" missing < <(missing_packages "${libraries[@]}")
fi

if [ ${#missing[@]} -gt 0 ]; then
  echo "Installing: ${missing[*]}"
  apt_quiet install --no-install-recommends "${missing[@]}"
fi

if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
  # Only what came with this run: a service that the machine had before is its owner's.
  declare -A services=(
    [dovecot-imapd]=dovecot [radicale]=radicale [openssh-server]=ssh [postgresql-15]=postgresql [sasl2-bin]=saslauthd
  )
  for package in "${missing[@]}"; do
    if [ -n "${services[$package]:-}" ]; then systemctl disable --quiet "${services[$package]}" || true; fi
  done
fi

if [ "$cyrus_missing" = yes ]; then
  echo "Unpacking Cyrus to $cyrus_root"
  chmod 755 "$folder"
  (
    cd "$folder"
    apt_quiet download "${cyrus_packages[@]}"
    rm -rf "$cyrus_root.new"
    mkdir -p "$cyrus_root.new"
    for package in *.deb; do dpkg -x "$package" "$cyrus_root.new"; done
  )
  rm -rf "$cyrus_root"
  mv "$cyrus_root.new" "$cyrus_root"
fi

mapfile -t missing < <(missing_packages "${packages[@]}")
if [ ${#missing[@]} -gt 0 ]; then
  echo "Still missing: ${missing[*]}" >&2
  exit 1
fi
if ! cyrus_runs; then
  echo "Cyrus in $cyrus_root still lacks a program or a library." >&2
  exit 1
fi
echo 'All servers for the tests are installed.'
