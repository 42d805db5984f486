/** Whom a request is counted for: the socket's address, or what trusted proxies say; an IPv6 site (a /64) counts as one. */
import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'

/** `trustedProxies`: how many proxies in front add themselves to X-Forwarded-For; what stands further left could be anybody's invention. */
export function addressOf(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  trustedProxies: number,
): string {
  const socket = request.socket.remoteAddress ?? ''
  if (trustedProxies === 0) return siteOf(socket)
  const header = request.headers['x-forwarded-for'] ?? ''
  const forwarded = (Array.isArray(header) ? header.join(',') : header)
    .split(',')
    .map((address) => address.trim())
  return siteOf(forwarded.at(-trustedProxies) || socket)
}

function siteOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('%', 1)[0]!.split('::')
  const groups = head === '' ? [] : head.split(':')
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
  const full = [...groups, ...Array.from({ length: missing }, () => '0'), ...(tail ? tail.split(':') : [])]
  return `${full.slice(0, 4).join(':')}::/64`
}
