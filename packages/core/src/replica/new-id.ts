/** Ids of records that were given none: they sort by time of creation. */
import { toHex } from '../bytes/hex.ts'
import type { Host } from '../host.ts'

const crockford = '0123456789abcdefghjkmnpqrstvwxyz'

/** 48 bits of milliseconds and 80 random bits in Crockford's base 32, as ULIDs are, in lower case. */
export function newId(host: Pick<Host, 'now' | 'random'>): string {
  let time = Math.max(0, Math.floor(host.now()))
  let text = ''
  for (let i = 0; i < 10; i++) {
    text = crockford[time % 32]! + text
    time = Math.floor(time / 32)
  }
  const bits = BigInt(`0x${toHex(host.random(10))}`)
  for (let i = 15n; i >= 0n; i--) text += crockford[Number((bits >> (i * 5n)) & 31n)]!
  return text
}
