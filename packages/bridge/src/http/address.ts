/**
 * Where an adapter may call: the system of its config, below its base address, and nothing else (fault A12). Ids come from elsewhere, so that no id steps out of its place; redirects are not
 * followed (exchange.ts); a page leads to the next only on the same system. A name is looked up here, and the connection goes to just the address that was looked at, so that it cannot be another one a
 * moment later. An address in place of a name is looked up by nobody, and is judged when the connection is made. What leads into a private network is refused unless the config allows it; link-local
 * addresses are no system's and never called: a cloud keeps the keys of its machines there (169.254.169.254), for whoever can make one of them ask.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { buildConnector } from 'undici'

/** RFC 6890 and RFC 6598: networks that are not the internet. */
const privateNetworks = blockList(
  [
    '0.0.0.0/8',
    '10.0.0.0/8',
    '100.64.0.0/10',
    '127.0.0.0/8',
    '172.16.0.0/12',
    '192.0.0.0/24',
    '192.168.0.0/16',
  ],
  [
    '198.18.0.0/15',
    '224.0.0.0/4',
    '240.0.0.0/4',
    '::/128',
    '::1/128',
    'fc00::/7',
    'ff00::/8',
    '64:ff9b:1::/48',
  ],
)
const linkLocalNetworks = blockList(['169.254.0.0/16', 'fe80::/10'])
const loopback = blockList(['127.0.0.0/8', '::1/128'])

function blockList(...groups: readonly (readonly string[])[]): BlockList {
  const list = new BlockList()
  for (const network of groups.flat()) {
    const [address = '', bits = ''] = network.split('/')
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

/** An IPv6 address that stands for an IPv4 one is judged as that: ::ffff:a.b.c.d, and 64:ff9b::a.b.c.d of NAT64. */
function isIn(list: BlockList, address: string): boolean {
  const [, high, low] = /^64:ff9b::([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? []
  if (high !== undefined && low !== undefined) return isIn(list, `::ffff:${high}:${low}`)
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** The host of an address as `new URL` reads it, which knows every spelling; an IPv6 address without its brackets. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')
}

export function isLinkLocal(url: string): boolean {
  const host = hostOf(url)
  return isIP(host) > 0 && isIn(linkLocalNetworks, host)
}

/** This machine, by its name or address: what is said to it, nobody else hears. */
export function isThisMachine(url: string): boolean {
  const host = hostOf(url)
  return isLocalhost(host) || (isIP(host) > 0 && isIn(loopback, host))
}

/** RFC 6761, section 6.3. */
function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

/** Code of the error for a name or an address that leads where it must not. */
export const REFUSED_ADDRESS = 'SKERRY_REFUSED_ADDRESS'

/** A connection that is not made. */
function refused(reason: string): Error {
  return Object.assign(new Error(reason), { code: REFUSED_ADDRESS })
}

/** Undefined when the address may be called under this name. */
function refusalOf(host: string, address: string, allowPrivate: boolean): string | undefined {
  const where = host === address ? `${host} is` : `${host} leads to ${address},`
  if (isIn(linkLocalNetworks, address)) return `${where} a link-local address, which is no system to write to`
  if (allowPrivate || !isIn(privateNetworks, address)) return undefined
  if (isLocalhost(host) && isIn(loopback, address)) return undefined
  return `${where} in a private network; set allowPrivate if that is where the system is`
}

/** `lookup` of node:dns, as it is called here. */
export type Look = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

type Lookup = (
  host: string,
  options: LookupOptions,
  done: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void

/** A look-up for connections, all of whose addresses must be allowed: one good one among bad ones is how names are turned over. */
export function guardedLookup(allowPrivate: boolean, look: Look = lookup): Lookup {
  return (host, options, done) => {
    look(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      const refusal = addresses.map(({ address }) => refusalOf(host, address, allowPrivate)).find(Boolean)
      if (refusal) return done(refused(refusal), [])
      if (options.all) return done(null, addresses)
      const [first] = addresses
      return first
        ? done(null, first.address, first.family)
        : done(Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' }), [])
    })
  }
}

/** Connections for which addresses are judged that stand where a name could: no look-up sees them. */
export function guardedConnector(
  allowPrivate: boolean,
  connect: buildConnector.connector,
): buildConnector.connector {
  return (options, done) => {
    const host = options.hostname.replace(/^\[(.*)\]$/, '$1')
    const refusal = isIP(host) > 0 ? refusalOf(host, host, allowPrivate) : undefined
    if (refusal === undefined) return connect(options, done)
    // As a look-up would, later.
    queueMicrotask(() => done(refused(refusal), null))
  }
}

/** Whether a path below the base address would be read as another one: an id that is `.` or `..` steps out of its place, also when it is encoded. */
export function stepsOut(path: string): boolean {
  const [place = ''] = path.split(/[?#]/, 1)
  return place.split('/').some((part) => /^(?:\.|%2e){1,2}$/i.test(part))
}

/** An address that the system gave, as a path below the base address; undefined when it leads elsewhere. */
export function pathBelow(baseUrl: string, address: string, from: string): string | undefined {
  const url = URL.parse(address, baseUrl + from)
  const base = new URL(`${baseUrl}/`)
  if (!url || url.origin !== base.origin || !url.pathname.startsWith(base.pathname)) return undefined
  if (url.username !== '' || url.password !== '') return undefined
  return url.pathname.slice(base.pathname.length - 1) + url.search
}
