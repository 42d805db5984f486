/**
 * A channel was compared with the hub's: a record that was equal there is in it, one that only this replica has is not, and of those that differ the hub tells by marks (G-6). Whether a
 * record was compared is known from what was counted of it, not from its value, which may have changed since. Page by page, so that nobody waits for all of it.
 */
import { decodeCounted, RECORDS_TABLE } from '../digest/digest-tables.ts'
import { itemHash } from '../digest/tree.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { Claims } from '../reconcile/port.ts'
import type { RecordRow } from '../store/port.ts'
import { pagesOf } from './membership.ts'
import type { ReplicaCore } from './replica-core.ts'
import { noteAgain } from './start-over.ts'

export async function settleClaims(core: ReplicaCore, claims: Claims): Promise<void> {
  await noteAgain(core, claims)
  for await (const rows of pagesOf(core)) {
    const changing = new Map<string, boolean>()
    for (const row of rows) {
      const isHeld = await shouldHold(core, claims, row)
      if (isHeld !== undefined) changing.set(row.record, isHeld)
    }
    if (changing.size > 0) await claim(core, claims.channel, changing)
  }
}

async function claim(
  core: ReplicaCore,
  channel: string,
  changing: ReadonlyMap<string, boolean>,
): Promise<void> {
  await core.writer.run(async (turn) => {
    for (const [key, isHeld] of changing) {
      const record = await turn.open(key)
      if (record.isNew) continue
      const others = record.frontier.held.filter((one) => one !== channel)
      record.frontier.held = isHeld ? [...others, channel].sort() : others
      turn.touch(record)
    }
  })
}

/** Undefined: as it is, or the hub tells. */
async function shouldHold(
  core: ReplicaCore,
  { channel, isVoid, differing, onlyHere, lacked, upTo }: Claims,
  { record: key, frontier }: RecordRow,
): Promise<boolean | undefined> {
  const isHeld = decodeFrontier(frontier).held.includes(channel)
  const changeTo = (held: boolean) => (held === isHeld ? undefined : held)
  if (isVoid || onlyHere.has(key)) return changeTo(false)
  if (differing.has(key)) return undefined
  const value = await core.store.get(RECORDS_TABLE, key)
  const counted = value && decodeCounted(value)
  // Counted again since: what was compared is not known any more.
  if (counted && counted.since > upTo) return undefined
  if (counted?.channels.includes(channel)) return changeTo(true)
  return lacked.has(itemHash(core.host, key)) ? undefined : changeTo(false)
}
