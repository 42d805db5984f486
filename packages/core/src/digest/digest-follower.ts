/**
 * The sums follow the log with a position of their own, so that neither an edit nor a first sync pays for them. They are brought up to date when somebody asks, in
 * turns of CHUNK_ENTRIES; each turn writes sums and position in one commit, so a crash leaves both as they were or both further on. What changed without an entry
 * (a record given up, an edit taken out) was noted in the turn that did it, and is looked at again first.
 */
import { equalBytes } from '../bytes/compare.ts'
import { toHex } from '../bytes/hex.ts'
import { ByteReader } from '../bytes/reader.ts'
import { ByteWriter } from '../bytes/writer.ts'
import type { Host } from '../host.ts'
import { decodeEntry } from '../log/entry.ts'
import { decodeFrontier, isKnown } from '../log/frontier.ts'
import type { EntryKind, LoggedEntry, RecordRow, Seq, Store, TableRow } from '../store/port.ts'
import type { SoundLog } from '../store/sound-log.ts'
import { Counting } from './counting.ts'
import { AGAIN_TABLE, type Counted, POSITION_KEY, STATE_TABLE, type TableTurn } from './digest-tables.ts'
import { otherDigest, recordDigest } from './item-digest.ts'
import { ITEM_HASH_BYTES } from './tree.ts'

/** Entries counted in one turn: some ten milliseconds in which nothing else is written. */
export const CHUNK_ENTRIES = 1024
/** Bytes of entries read for one turn. */
const CHUNK_BYTES = 4 * 1024 * 1024

/** Kinds of entry that are a record's history; entries of other kinds stand for themselves. */
export const recordKinds: ReadonlySet<EntryKind> = new Set(['changes', 'snapshot', 'receipt', 'tombstone'])

export interface DigestSource {
  host: Pick<Host, 'sha256'>
  store: Store
  soundLog: Pick<SoundLog, 'readLog'>
  /** Part of this record cannot be read back: it counts for nothing. */
  isLacking(record: string): boolean
  /** Committed. */
  head(): Seq
  run<T>(work: (turn: TableTurn) => Promise<T>): Promise<T>
  /** Hashes of a record's receipts (item-digest.ts), ascending. */
  receiptsOf(record: string): Promise<string[]>
  /** Channels that entries of another kind go to. */
  channelsOf(record: string): Promise<string[]>
}

export class DigestFollower {
  readonly #source: DigestSource
  #running: Promise<Seq> | undefined

  constructor(source: DigestSource) {
    this.#source = source
  }

  /** Counts all that was in the log when this was called, and says up to where the log is counted. @throws StoreError */
  async catchUp(): Promise<Seq> {
    const head = this.#source.head()
    for (;;) {
      // Several may ask at once: one counts, the others look again when it is done.
      this.#running ??= this.#count().finally(() => {
        this.#running = undefined
      })
      const reached = await this.#running
      if (reached >= head) return reached
    }
  }

  async #count(): Promise<Seq> {
    const { store, soundLog } = this.#source
    let position = await this.#position()
    for (;;) {
      // Before reading: what is at or below it is visible to the reads.
      const head = this.#source.head()
      const again = await store.scan(AGAIN_TABLE, { limit: CHUNK_ENTRIES })
      const page =
        position < head
          ? await soundLog.readLog(position, { entries: CHUNK_ENTRIES, bytes: CHUNK_BYTES })
          : []
      if (again.length === 0 && position >= head) return position
      position = page.length > 0 ? Math.max(position, page.at(-1)!.seq) : Math.max(position, head)
      const to = position
      await this.#source.run((turn) => this.#countPage(turn, page, again, to))
    }
  }

  async #position(): Promise<Seq> {
    const value = await this.#source.store.get(STATE_TABLE, POSITION_KEY)
    return value ? new ByteReader(value).varint() : 0
  }

  async #countPage(
    turn: TableTurn,
    page: readonly LoggedEntry[],
    again: readonly TableRow[],
    to: Seq,
  ): Promise<void> {
    const { host } = this.#source
    const counting = new Counting(host, turn)
    const records = new Map(again.map(({ key }) => [key, true]))
    for (const entry of page) {
      if (recordKinds.has(entry.kind))
        records.set(entry.record, (records.get(entry.record) ?? false) || entry.kind !== 'changes')
      else await this.#countOther(counting, entry)
    }
    await this.#countRecords(counting, records, to)
    await counting.write()
    for (const { key, value } of again) {
      // Noted once more by a turn that shares this commit, whose rows are not to be seen yet.
      const now = await turn.get(AGAIN_TABLE, key)
      if (now && equalBytes(now, value)) turn.put(AGAIN_TABLE, key, undefined)
    }
    turn.put(STATE_TABLE, POSITION_KEY, new ByteWriter(8).varint(to).finish())
  }

  /** `records`: with whether their receipts may have changed. */
  async #countRecords(counting: Counting, records: ReadonlyMap<string, boolean>, since: Seq): Promise<void> {
    const keys = [...records.keys()]
    const rows = await this.#source.store.rows(keys)
    for (const [i, key] of keys.entries()) {
      const before = await counting.counted(key)
      const withReceipts = records.get(key)! || before?.hasReceipts === true
      counting.record(key, before, await this.#countedNow(key, rows[i], withReceipts, since))
    }
  }

  async #countedNow(
    key: string,
    row: RecordRow | undefined,
    withReceipts: boolean,
    since: Seq,
  ): Promise<Counted | undefined> {
    if (!row || this.#source.isLacking(key)) return undefined
    const { incarnation, heads, channels } = decodeFrontier(row.frontier)
    if (!isKnown({ heads, incarnation }) || channels.length === 0) return undefined
    const receipts = withReceipts ? await this.#source.receiptsOf(key) : []
    const digest = recordDigest(this.#source.host, { key, incarnation, heads, receipts })
    return { digest, channels, hasReceipts: receipts.length > 0, since }
  }

  async #countOther(counting: Counting, { record, bytes, seq }: LoggedEntry): Promise<void> {
    const { host } = this.#source
    const key = otherKey(host, record, decodeEntry(bytes).body)
    for (const channel of await this.#source.channelsOf(record))
      await counting.other(channel, key, otherDigest(host, key), seq)
  }
}

function otherKey(host: Pick<Host, 'sha256'>, record: string, body: Uint8Array): string {
  return `${record}\n${bodyHash(host, body)}`
}

/** How a receipt, or an entry of another kind, is named among those of its record. */
export function bodyHash(host: Pick<Host, 'sha256'>, body: Uint8Array): string {
  return toHex(host.sha256(body).subarray(0, ITEM_HASH_BYTES))
}
