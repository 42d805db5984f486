/**
 * What a replica does beside its work, a bounded piece at a time: compaction, and on a hub tombstones for what was deleted long ago. It follows the log, so that it looks only at records that changed since it last
 * looked, and goes on where it stood after a restart.
 *
 * On an edge it stays behind what the hub has answered: an entry that the hub may still refuse must be there to be taken out again.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { actorKind } from '../change/actors.ts'
import { ownsSeq, runOwning } from '../log/cursor.ts'
import { decodeFrontier } from '../log/frontier.ts'
import type { LoggedEntry, RecordRow, Seq } from '../store/port.ts'
import { type Answers, answeredIn, readAnswersIn } from './answers.ts'
import { type Compaction, compactRecord, type LeftAlone } from './compact.ts'
import { deliver } from './deliver.ts'
import { lookAgain } from './heal-record.ts'
import { collectionOf } from './open-record.ts'
import type { ReplicaCore } from './replica-core.ts'
import { tryParked } from './try-parked.ts'
import type { Turn } from './turn.ts'

const STATE_TABLE = 'state'
const POSITION_KEY = 'upkeep'
/** Entries looked at in one step: a read of some milliseconds. */
const UPKEEP_ENTRIES_MAX = 1_024
const PAGE = { entries: UPKEEP_ENTRIES_MAX, bytes: 1024 * 1024 }
/** Records compacted in one step, by default: each blocks for the time of loading it twice. */
export const UPKEEP_RECORDS_MAX = 16

export interface UpkeepReport {
  /** Entries of the log that were looked at. */
  entries: number
  /** Records that became a snapshot. */
  compacted: number
  /** Deleted records whose content went. */
  buried: number
  /** Bytes of the entries that went, and of the snapshots that came. */
  bytesBefore: number
  bytesAfter: number
  /** Nothing is left to look at now. */
  done: boolean
}

/** One piece. @throws StoreError */
export async function upkeepStep(
  core: ReplicaCore,
  recordsMax: number = UPKEEP_RECORDS_MAX,
): Promise<UpkeepReport> {
  const report = { entries: 0, compacted: 0, buried: 0, bytesBefore: 0, bytesAfter: 0, done: false }
  const after = await readPosition(core)
  const page = await core.soundLog.readLog(after, PAGE)
  const settled = page.slice(0, await settledCount(core, page))
  const rows = await worthALook(core, settled)
  let reached = after
  const looked = new Set<string>()
  for (const { seq, record } of settled) {
    if (rows.has(record) && !looked.has(record)) {
      if (report.compacted >= recordsMax) break
      looked.add(record)
      add(report, await compact(core, record))
    }
    reached = seq
    report.entries += 1
  }
  if (reached > after) await core.writer.run((turn) => settle(core, turn, settled, reached))
  if (core.hub) report.buried = await core.hub.buryDue(recordsMax)
  for (const record of core.damage.records.slice(0, recordsMax)) await lookAgain(core, record)
  if (core.parking.size > 0) {
    await tryParked(core, new Set(), deliver)
    await core.writer.run(async (turn) => core.parking.expire(turn))
  }
  // What is not settled yet waits for the hub, and not for the next step.
  const isThrough = report.entries === settled.length && (page.length === 0 || settled.length < page.length)
  report.done = isThrough && report.buried < recordsMax
  return report
}

/** What was looked at needs no second look. */
async function settle(
  core: ReplicaCore,
  turn: Turn,
  entries: readonly LoggedEntry[],
  reached: Seq,
): Promise<void> {
  writePosition(core, turn, reached)
  const looked = entries.filter((entry) => entry.seq <= reached).map((entry) => entry.record)
  await core.hub?.noteDeletions(turn, looked)
}

async function compact(core: ReplicaCore, key: string): Promise<Compaction | LeftAlone> {
  try {
    const made = await core.writer.run(async (turn) => {
      const record = await turn.open(key)
      const entries = (await turn.entriesOf(key)).filter(({ kind }) => kind !== 'tombstone')
      if (record.isNew || record.isQuarantined || !(await areSettled(core, turn, entries))) return 'few'
      return compactRecord(turn, core.host, record, entries)
    })
    if (made === 'differs') reportFailed(core, key, 'loaded from the snapshot it was not the same record')
    return made
  } catch (error) {
    // One record that cannot be read must not end the upkeep of all others.
    reportFailed(core, key, error instanceof Error ? error.message : String(error))
    return 'differs'
  }
}

function reportFailed(core: ReplicaCore, record: string, why: string): void {
  core.events({
    level: 'error',
    code: 'compaction-failed',
    message: `${record} was not compacted, its entries stay as they are: ${why}`,
    fields: { record },
  })
}

function add(report: UpkeepReport, made: Compaction | LeftAlone): void {
  if (typeof made === 'string') return
  report.compacted += 1
  report.bytesBefore += made.bytesBefore
  report.bytesAfter += made.bytesAfter
}

/** Records that have more changes than their collection wants entries; what more it takes, only their entries tell. */
async function worthALook(core: ReplicaCore, entries: readonly LoggedEntry[]): Promise<ReadonlySet<string>> {
  const keys = [...new Set(entries.map((entry) => entry.record))].filter((key) => {
    const history = core.collections.get(collectionOf(key))?.history
    return history !== undefined && history !== 'keep'
  })
  const rows = await core.store.rows(keys)
  return new Set(keys.filter((_, i) => rows[i] && hasMany(core, rows[i])))
}

function hasMany(core: ReplicaCore, { frontier, collection }: RecordRow): boolean {
  const history = core.collections.get(collection)!.history
  let changes = 0
  for (const [actor, seq] of decodeFrontier(frontier).seqs)
    if (actorKind(actor) !== 'container') changes += seq
  return history !== 'keep' && changes > history.entriesMax
}

/** How many of these, from the first on, nobody can refuse any more. */
async function settledCount(core: ReplicaCore, entries: readonly LoggedEntry[]): Promise<number> {
  if (core.authority) return entries.length
  const unsettled = entries.findIndex((entry) => !isSettled(entry, core.answered, core.answers.values()))
  return unsettled < 0 ? entries.length : unsettled
}

async function areSettled(core: ReplicaCore, turn: Turn, entries: readonly LoggedEntry[]): Promise<boolean> {
  if (core.authority) return true
  const answered = await answeredIn(turn)
  const answers = await readAnswersIn(turn)
  return entries.every((entry) => isSettled(entry, answered, answers))
}

/** Answered, or told by a hub that has answered here. */
function isSettled({ seq, origin }: LoggedEntry, answered: Seq, hubs: Iterable<Answers>): boolean {
  if (seq <= answered) return true
  if (!origin) return false
  for (const answers of hubs) if (answers.some(({ heard }) => heard === origin.run)) return true
  return false
}

async function readPosition(core: ReplicaCore): Promise<Seq> {
  const value = await core.store.get(STATE_TABLE, POSITION_KEY)
  if (!value) return 0
  const { run, seq } = JSON.parse(decodeUtf8(value) ?? '{}') as { run: string; seq: Seq }
  return ownsSeq(core.runs, run, seq, core.writer.head) ? seq : 0
}

function writePosition(core: ReplicaCore, turn: Turn, seq: Seq): void {
  const run = runOwning(core.runs, seq)?.run ?? ''
  turn.put(STATE_TABLE, POSITION_KEY, encodeUtf8(JSON.stringify({ run, seq })))
}
