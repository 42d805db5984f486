/**
 * "No byte outside its channels", looked at twice. By entries: what an edge is about to keep must have been in a channel that it was granted, at the teller (stays.ts). By bytes:
 * every message that arrives anywhere is searched for marks, which stand in values and keys that apps wrote; one that was never in a channel that the receiver was ever granted must not be there.
 */

import type { Delivery } from '@skerry/core'
import { expand } from '../machine/host.ts'
import { ORDERS_CHANNEL } from '../nodes/collections.ts'
import type { NodeFace, Told, ToldOfViews } from '../nodes/surroundings.ts'
import { type Ledger, markForm } from './ledger.ts'
import { OracleFailed } from './oracle-failed.ts'

/** Messages of the session protocol: a frame, and its flag for a deflated body (session/SPEC.md). */
const FRAME = 0x10
const DEFLATED = 1
const BODY_BYTES_MAX = 8 * 1024 * 1024

export class ChannelsOracle {
  readonly #ledger: Ledger

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  told({ to, delivery, stays, granted }: Told): void {
    for (const item of delivery.items) {
      if (item.kind !== 'entry') continue
      const record = recordOf(item)
      if (record === undefined || stays.mayTell(record, item.seq, granted)) continue
      const channels = [...granted].join('+') || 'nothing'
      throw new OracleFailed(
        'channels',
        `${to.name}, granted ${channels}, was told entry ${item.seq} of ${record}`,
      )
    }
  }

  /** A view is of a record that was in a channel of this grant; what it says is looked for by its bytes. */
  toldViews({ to, records, stays, granted }: ToldOfViews): void {
    for (const record of records)
      if (!stays.mayTell(record, 0, granted))
        throw new OracleFailed(
          'channels',
          `${to.name}, granted ${[...granted].join('+') || 'nothing'}, was told a view of ${record}`,
        )
  }

  delivered(to: NodeFace, message: Uint8Array): void {
    if (to.isHub) return
    for (const [mark] of textOf(message).matchAll(markForm)) {
      const place = this.#ledger.places.get(mark)
      if (!place || place.node === to.name || place.node === to.copied?.from.name) continue
      const channels = this.#ledger.channels.get(place.record) ?? new Set([ORDERS_CHANNEL])
      if (to.grants.some(({ read }) => read.some((channel) => channels.has(channel)))) continue
      throw new OracleFailed(
        'channels',
        `bytes sent to ${to.name} hold ${mark} of ${place.record}, which was only in ${[...channels].join(' ')}`,
      )
    }
  }
}

function textOf(message: Uint8Array): string {
  const plain = Buffer.from(message).toString('latin1')
  if (message[0] !== FRAME || !(message[1]! & DEFLATED)) return plain
  let at = 2
  while (message[at]! & 0x80) at += 1
  try {
    return Buffer.from(expand(message.subarray(at + 1), BODY_BYTES_MAX)).toString('latin1')
  } catch (error) {
    // A message that an attacker mutated.
    if (error instanceof RangeError) return plain
    throw error
  }
}

/** The record key in an entry's bytes: version, kind, flags, incarnation, then a length and the key. Undefined where the disk flipped a bit. */
function recordOf({ bytes }: Delivery['items'][number] & { kind: 'entry' }): string | undefined {
  const key = Buffer.from(bytes.subarray(5, 5 + bytes[4]!)).toString('latin1')
  return /^[@a-z]+\/[\w/]+$/.test(key) ? key : undefined
}
