/**
 * Entries that an edge was told by another edge, and that build on what is not here yet. A peer tells an entry once, and the edge's refusal means nothing to it, so they are kept aside, in no record and no log, until
 * something of their record is let in. A hub parks only what waits until a damaged record is whole: the author must get an answer.
 */
import { toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import type { Host } from '../host.ts'
import { ENTRY_BYTES_MAX } from '../log/entry.ts'
import type { Peer } from '../session/port.ts'
import { type Seq, type Store, StoreError } from '../store/port.ts'
import type { Judged } from './judge.ts'
import {
  PARKED_BYTES_MAX,
  PARKED_MAX,
  PARKED_MS_MAX,
  PARKED_PER_PEER_MAX,
  PARKED_PER_RECORD_MAX,
} from './limits.ts'
import type { Turn } from './turn.ts'

/** By record ⏎ the first bytes of the entry's sha256. */
const PARKED_TABLE = 'parked'
const PAGE_ROWS = 500
const NAME_BYTES_MAX = 64

/** What is remembered of a parked entry. */
interface Place {
  record: string
  /** Who told it: the node, and the credential it showed. */
  node: string
  credential: string
  /** The run and sequence it has in that node's log. */
  run: string
  seq: Seq
  /** Wall clock here, milliseconds since 1970. */
  at: number
  bytes: number
}

/** A parked entry, to be tried again. */
export interface Parked extends Place {
  key: string
  entry: Uint8Array
}

export interface ParkingParts {
  store: Store
  host: Pick<Host, 'now' | 'sha256'>
  /** What waits for a damaged record was answered as known: nothing of it goes until that is whole. */
  isQuarantined(record: string): boolean
  /** As on a hub: what is parked was answered, and only for a damaged record. */
  isAnswered: boolean
}

export class Parking {
  readonly #store: Store
  readonly #host: Pick<Host, 'now' | 'sha256'>
  /** By key, oldest first. */
  readonly #places = new Map<string, Place>()
  /** Records of which what is parked is to be tried, though nothing more of them comes. */
  readonly #due = new Set<string>()
  /** Those that are being tried. */
  readonly #underWay = new Set<string>()
  readonly #isQuarantined: (record: string) => boolean

  private constructor({ store, host, isQuarantined }: ParkingParts) {
    this.#store = store
    this.#host = host
    this.#isQuarantined = isQuarantined
  }

  static async load(parts: ParkingParts): Promise<Parking> {
    const { store, isAnswered, isQuarantined } = parts
    const parking = new Parking(parts)
    const found: [string, Place][] = []
    for (let after = ''; ; ) {
      const rows = await store.scan(PARKED_TABLE, { after, limit: PAGE_ROWS })
      for (const { key, value } of rows) found.push([key, decode(key, value).place])
      if (rows.length < PAGE_ROWS) break
      after = rows.at(-1)!.key
    }
    found.sort(([, a], [, b]) => a.at - b.at)
    for (const [key, place] of found) parking.#places.set(key, place)
    // Whole already: the process ended before it was tried.
    if (isAnswered) parking.putOff(found.flatMap(([, { record }]) => (isQuarantined(record) ? [] : [record])))
    return parking
  }

  get size(): number {
    return this.#places.size
  }

  /** To be tried now, and those that were put off. */
  toTry(records: ReadonlySet<string>): ReadonlySet<string> {
    const all = new Set([...records, ...this.#due])
    this.#due.clear()
    for (const record of all) this.#underWay.add(record)
    return all
  }

  tried(records: Iterable<string>): void {
    for (const record of records) this.#underWay.delete(record)
  }

  /** Tried with the next delivery, or the next upkeep; until then nothing parked for them goes. */
  putOff(records: Iterable<string>): void {
    for (const record of records) this.#due.add(record)
  }

  /**
   * Makes room by what is oldest: of the record, of the peer, of all. Returns how many were parked, and how many went for them.
   * @throws StoreError `full` when what waits for damaged records alone is more than there is room for
   */
  park(
    turn: Turn,
    peer: Peer,
    entries: readonly Judged[],
    runOf: (seq: Seq) => string,
  ): { parked: number; dropped: number } {
    const places = new Map(this.#places)
    const before = places.size
    for (const { entry, bytes, seq } of entries) {
      const key = `${entry.record}\n${toHex(this.#host.sha256(bytes).subarray(0, 8))}`
      if (places.has(key)) continue
      const { node, credential } = peer
      const place: Place = {
        record: entry.record,
        node,
        credential: credential.hash,
        run: runOf(seq),
        seq,
        at: this.#host.now(),
        bytes: bytes.length,
      }
      places.set(key, place)
      turn.put(PARKED_TABLE, key, encode(place, bytes))
    }
    const parked = places.size - before
    const gone = this.#beyond(places)
    for (const key of gone) {
      places.delete(key)
      turn.put(PARKED_TABLE, key, undefined)
    }
    this.#follow(turn, places)
    return { parked, dropped: gone.size }
  }

  /** Those of these records, in the order in which their teller has them. */
  async of(records: ReadonlySet<string>): Promise<Parked[]> {
    const found: Parked[] = []
    if (this.#places.size === 0) return found
    for (const [key, { record }] of this.#places) {
      const value = records.has(record) ? await this.#store.get(PARKED_TABLE, key) : undefined
      if (!value) continue
      const { place, entry } = decode(key, value)
      found.push({ ...place, key, entry })
    }
    return found.sort((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : a.seq - b.seq))
  }

  remove(turn: Turn, keys: readonly string[]): void {
    if (keys.length === 0) return
    const places = new Map(this.#places)
    for (const key of keys) {
      places.delete(key)
      turn.put(PARKED_TABLE, key, undefined)
    }
    this.#follow(turn, places)
  }

  /** What waited too long goes; it is looked at with whatever is parked, and by the upkeep. Returns how many went. */
  expire(turn: Turn): number {
    const gone = [...this.#beyond(this.#places)]
    this.remove(turn, gone)
    return gone.length
  }

  clear(turn: Turn): void {
    this.remove(turn, [...this.#places.keys()])
  }

  /** The record was given up. */
  forget(turn: Turn, record: string): void {
    if (this.#places.size === 0) return
    const keys = [...this.#places].filter(([, place]) => place.record === record).map(([key]) => key)
    this.remove(turn, keys)
  }

  /** Keys of what must go. @throws StoreError `full` */
  #beyond(places: ReadonlyMap<string, Place>): Set<string> {
    const [kept, others] = [new Map<string, Place>(), new Map<string, Place>()]
    for (const [key, place] of places) (this.#isKept(place.record) ? kept : others).set(key, place)
    const bytes = [...kept.values()].reduce((sum, place) => sum + place.bytes, 0)
    if (kept.size > PARKED_MAX || bytes > PARKED_BYTES_MAX)
      throw new StoreError('full', 'there is no room for what waits until damaged records are whole')
    return beyond(others, this.#host.now(), { all: kept.size, bytes })
  }

  #isKept(record: string): boolean {
    return this.#isQuarantined(record) || this.#due.has(record) || this.#underWay.has(record)
  }

  #follow(turn: Turn, places: ReadonlyMap<string, Place>): void {
    turn.afterCommit(() => {
      this.#places.clear()
      for (const [key, place] of places) this.#places.set(key, place)
    })
  }
}

/** Keys of what must go, oldest first: what waited too long, and what is above a ceiling. */
function beyond(
  places: ReadonlyMap<string, Place>,
  now: number,
  taken: { all: number; bytes: number },
): Set<string> {
  const gone = new Set<string>()
  for (const [key, { at }] of places) if (now - at > PARKED_MS_MAX) gone.add(key)
  const counts = new Map<string, number>()
  const count = (name: string) => {
    counts.set(name, (counts.get(name) ?? 0) + 1)
    return counts.get(name)!
  }
  let { all, bytes: sum } = taken
  // From the newest: what no longer fits is older than all that does.
  for (const [key, place] of [...places].reverse()) {
    if (gone.has(key)) continue
    const ofRecord = count(`record ${place.record}`) <= PARKED_PER_RECORD_MAX
    const ofPeer = ofRecord && count(`peer ${place.node}`) <= PARKED_PER_PEER_MAX
    if (ofPeer && all < PARKED_MAX && sum + place.bytes <= PARKED_BYTES_MAX) {
      all += 1
      sum += place.bytes
    } else gone.add(key)
  }
  return gone
}

function encode({ node, credential, run, seq, at }: Place, entry: Uint8Array): Uint8Array {
  const writer = new ByteWriter(entry.length + 256).string(node).string(credential).string(run)
  return writer
    .varint(seq)
    .varint(Math.max(0, Math.floor(at)))
    .bytes(entry)
    .finish()
}

function decode(key: string, value: Uint8Array): { place: Place; entry: Uint8Array } {
  const reader = new ByteReader(value)
  const [node, credential, run] = [
    reader.string(NAME_BYTES_MAX),
    reader.string(NAME_BYTES_MAX),
    reader.string(NAME_BYTES_MAX),
  ]
  const [seq, at] = [reader.varint(), reader.varint()]
  const entry = reader.bytes(ENTRY_BYTES_MAX)
  const record = key.slice(0, key.lastIndexOf('\n'))
  return { place: { record, node, credential, run, seq, at, bytes: entry.length }, entry }
}
