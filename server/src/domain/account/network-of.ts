/**
 * What counts as one place to come from. Of an IPv6 address that is its network of 64 bits (RFC 4291 §2.5.1): whoever has one address
 * has all of them. IPv4 in IPv6 (RFC 4291 §2.5.5.2) is the IPv4 address. Some proxies write a port behind the address of a client (RFC 7239
 * §6), which changes with each of its connections: it does not count. What is no address stays as it is.
 */
export const networkOf = (given: string): string => {
  const address = /^\[([^\]]*)\](?::\d+)?$/.exec(given)?.[1] ?? /^([\d.]+):\d+$/.exec(given)?.[1] ?? given
  const url = `http://[${address.replace(/%.*$/, '')}]/`
  if (!address.includes(':') || !URL.canParse(url)) return address
  // In one spelling: lower case, without leading zeros, the longest run of zeros as '::'.
  const [before = '', after] = new URL(url).hostname.slice(1, -1).split('::')
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'))
  const [first, last] = [groupsOf(before), groupsOf(after ?? '')]
  const groups = [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last]
  if (groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff')
    return groups
      .slice(6)
      .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
      .join('.')
  return `${groups.slice(0, 4).join(':')}::/64`
}
