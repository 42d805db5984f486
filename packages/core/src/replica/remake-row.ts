/** A record's row that cannot be read is made anew: heads, sequences and view follow from its entries, its channels from its marks. */
import { countAgain } from '../digest/digest-tables.ts'
import { decodeEntry } from '../log/entry.ts'
import { emptyFrontier } from '../log/frontier.ts'
import { type LoggedEntry, StoreError } from '../store/port.ts'
import { DamagedRecord, pieceOf } from './damaged-record.ts'
import { frontierFrom } from './frontier-from.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

/** @throws StoreError corrupt when its entries do not tell all of it; NotYet */
export async function remakeRow(turn: Turn, core: ReplicaCore, key: string): Promise<void> {
  const entries = await turn.entriesOf(key)
  if (core.isolation.quarantineOf(key) || isIncomplete(entries, core))
    throw new StoreError(
      'corrupt',
      `the row of ${key} is damaged, and its entries cannot tell what it said: the record is in quarantine, or lacks some; restore a backup, or sync a new store from peers`,
    )
  const marks = await core.store.readMarks(key)
  const channels = marks.flatMap(({ kind, channel }) => (kind === 'enter' ? channel : [])).sort()
  const before = { ...emptyFrontier(), incarnation: incarnationOf(entries), channels }
  // Who holds it is told again by marks; until then, who has it has it by the hub's word.
  const held = core.authority ? [] : channels
  const record = await turn.remake(key, frontierFrom({ ...before, held }, entries, core.host))
  record.changed()
  await countAgain(turn, key)
  turn.afterCommit(() =>
    core.events({
      level: 'warn',
      code: 'row-remade',
      message: `the row of ${key} could not be read, and was made anew of its ${entries.length} entries`,
      fields: { record: key },
    }),
  )
}

/** What builds on something that is not here shows that an entry is gone. */
function isIncomplete(entries: readonly LoggedEntry[], { host }: ReplicaCore): boolean {
  const pieces = entries.map((entry) => pieceOf(entry, host))
  const heads = pieces.flatMap(({ changes }) => changes.map(({ hashHex }) => hashHex))
  return entries.length === 0 || new DamagedRecord({ heads, seqs: new Map() }, pieces).lacking.size > 0
}

function incarnationOf(entries: readonly LoggedEntry[]): number {
  const after = ({ kind, bytes }: LoggedEntry) =>
    decodeEntry(bytes).incarnation + (kind === 'tombstone' ? 1 : 0)
  return entries.reduce((newest, entry) => Math.max(newest, after(entry)), 0)
}
