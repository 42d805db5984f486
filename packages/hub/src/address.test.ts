import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { addressOf } from './address.ts'

const request = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as IncomingMessage

test('without proxies only the socket counts', () => {
  expect(addressOf(request('10.0.0.7', '1.2.3.4'), 0)).toBe('10.0.0.7')
  expect(addressOf(request('::ffff:10.0.0.7'), 0)).toBe('10.0.0.7')
})

test('behind proxies the entry that the outermost of them wrote counts, not what the client wrote itself', () => {
  expect(addressOf(request('10.0.0.1', 'evil, 1.2.3.4'), 1)).toBe('1.2.3.4')
  expect(addressOf(request('10.0.0.1', 'evil, 1.2.3.4, 10.0.0.2'), 2)).toBe('1.2.3.4')
  expect(addressOf(request('10.0.0.1'), 1)).toBe('10.0.0.1')
  expect(addressOf(request('10.0.0.1', '1.2.3.4'), 2)).toBe('10.0.0.1')
})

test('an IPv6 site counts as one, however its addresses are written', () => {
  const site = '2001:db8:0:7::/64'
  for (const address of [
    '2001:db8:0:7::1',
    '2001:db8:0:7:aaaa:bbbb:cccc:dddd',
    '2001:db8:0:7:1::',
    '2001:db8:0:7::1%eth0',
  ])
    expect(addressOf(request(address), 0)).toBe(site)
  expect(addressOf(request('2001:db8:0:8::1'), 0)).not.toBe(site)
  expect(addressOf(request('::1'), 0)).toBe('0:0:0:0::/64')
})
