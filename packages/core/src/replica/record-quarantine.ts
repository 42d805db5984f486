/**
 * Records that this replica does not load any more, because loading them harms it. A row each, in the table `quarantined`, so that a restart does not begin with the same harm; and the marks of
 * loads under way, in the table `loading`, by which a restart knows what it died of.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { TrialVerdict } from '../engine/trial.ts'
import { emptyBatch, type Seq, type Store, type TableWrite } from '../store/port.ts'
import { LOAD_ATTEMPTS_MAX, QUARANTINED_MAX, REASON_LENGTH_MAX } from './limits.ts'

const QUARANTINED_TABLE = 'quarantined'
const LOADING_TABLE = 'loading'

/** An entry of the record cannot be read back (damage.ts). */
export const DAMAGED = 'damaged'

/** What a trial of the record's history ended with, or what came of loading it. */
export interface HarmDone {
  code: Exclude<TrialVerdict['kind'], 'sound' | 'incomplete'> | 'crashed'
  reason: string
  /** Wall clock here, milliseconds since 1970. */
  at: number
}

export interface Quarantined {
  /** Key, `collection/id`. */
  record: string
  /**
   * What a trial of its history ended with; `crashed`: this replica ended LOAD_ATTEMPTS_MAX times while it loaded the record; or `damaged`: part of its history cannot be read back, and is asked of peers.
   */
  code: HarmDone['code'] | typeof DAMAGED
  reason: string
  /** Wall clock here, milliseconds since 1970. */
  at: number
  /** Of a damaged record that does harm too: for this it stays in quarantine once it is whole. */
  harm?: HarmDone
  /** Of a damaged one: up to where the hub had answered this log when that was found. Nothing later of it is told while it is damaged. Absent in rows of earlier versions. */
  answered?: Seq
}

/** What is found of a record beside what was known of it. */
export function besideKnown(known: Quarantined | undefined, found: Quarantined): Quarantined {
  if (known === undefined) return found
  if (found.code !== DAMAGED) return known.code === DAMAGED ? { ...known, harm: harmOf(found) } : found
  const harm = known.code === DAMAGED ? known.harm : harmOf(known)
  return harm ? { ...found, harm } : found
}

function harmOf({ code, reason, at }: Quarantined): HarmDone {
  return { code: code as HarmDone['code'], reason: reason.slice(0, REASON_LENGTH_MAX), at }
}

export class RecordQuarantined extends Error {
  override readonly name = 'RecordQuarantined'
  readonly code = 'record-quarantined'
  readonly record: string
  constructor({ record, code, reason }: Quarantined) {
    const until = code === DAMAGED ? '' : '; an operator may release it when the cause is gone'
    super(`${record} is in quarantine and is not loaded: ${reason}${until}`)
    this.record = record
  }
}

export function quarantineRow(quarantined: Quarantined): TableWrite {
  const { record, code, at, harm, answered } = quarantined
  const reason = quarantined.reason.slice(0, REASON_LENGTH_MAX)
  return {
    table: QUARANTINED_TABLE,
    key: record,
    value: encodeUtf8(JSON.stringify({ record, code, reason, at, harm, answered })),
  }
}

export function releaseRow(record: string): TableWrite {
  return { table: QUARANTINED_TABLE, key: record, value: undefined }
}

/** `attempts`: loads of this record that were begun and not ended, this one included; 0 when it has ended. */
export function loadingRow(record: string, attempts: number): TableWrite {
  const value = attempts === 0 ? undefined : encodeUtf8(String(attempts))
  return { table: LOADING_TABLE, key: record, value }
}

export interface Found {
  quarantined: Map<string, Quarantined>
  /** Loads that did not end, by record. */
  attempts: Map<string, number>
}

/** What the runs before left. Records that they died of too often are in quarantine from now on. */
export async function readQuarantine(store: Store, now: number): Promise<Found> {
  const rows = await store.scan(QUARANTINED_TABLE, { limit: QUARANTINED_MAX })
  const found: Found = { quarantined: new Map(), attempts: new Map() }
  for (const { key, value } of rows)
    found.quarantined.set(key, JSON.parse(decodeUtf8(value) ?? '') as Quarantined)
  const tables: TableWrite[] = []
  for (const { key, value } of await store.scan(LOADING_TABLE, { limit: QUARANTINED_MAX })) {
    const attempts = Number(decodeUtf8(value))
    if (attempts < LOAD_ATTEMPTS_MAX) {
      found.attempts.set(key, attempts)
      continue
    }
    const reason = `this replica ended ${attempts} times while it loaded the record`
    const quarantined = besideKnown(found.quarantined.get(key), {
      record: key,
      code: 'crashed',
      reason,
      at: now,
    })
    found.quarantined.set(key, quarantined)
    tables.push(quarantineRow(quarantined), loadingRow(key, 0))
  }
  if (tables.length > 0) await store.commit({ ...emptyBatch, tables })
  return found
}
