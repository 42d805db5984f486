/**
 * Entries that belong to no record and cannot be read back any more: segments of streams, revocations. Each stands for itself, so nothing but that entry is lacking; what it did when it came is done. A row each, in the table
 * `lost`, until it is told again: it then stands where it stood, since whoever keeps that kind knows it by that place.
 */
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import type { Seq, Store, TableWrite } from '../store/port.ts'
import { LOST_MAX, REASON_LENGTH_MAX } from './limits.ts'

const LOST_TABLE = 'lost'

export interface Lost {
  record: string
  seq: Seq
  reason: string
  /** Wall clock here, milliseconds since 1970. */
  at: number
}

export class LostEntries {
  readonly #byRecord = new Map<string, Map<Seq, Lost>>()

  static async load(store: Pick<Store, 'scan'>): Promise<LostEntries> {
    const entries = new LostEntries()
    for (const { value } of await store.scan(LOST_TABLE, { limit: LOST_MAX }))
      entries.add(JSON.parse(decodeUtf8(value) ?? '') as Lost)
    return entries
  }

  get size(): number {
    let size = 0
    for (const lost of this.#byRecord.values()) size += lost.size
    return size
  }

  get records(): string[] {
    return [...this.#byRecord.keys()]
  }

  has(record: string, seq: Seq): boolean {
    return this.#byRecord.get(record)?.has(seq) ?? false
  }

  add(lost: Lost): void {
    const known = this.#byRecord.get(lost.record) ?? new Map<Seq, Lost>()
    this.#byRecord.set(lost.record, known.set(lost.seq, lost))
  }

  /** Every row but those of this record. */
  rowsBut(record: string): TableWrite[] {
    return [...this.#byRecord]
      .filter(([key]) => key !== record)
      .flatMap(([key, all]) => [...all.keys()].map((seq) => foundRow(key, seq)))
  }

  removeBut(record: string): void {
    for (const key of [...this.#byRecord.keys()]) if (key !== record) this.#byRecord.delete(key)
  }

  remove(record: string, seq: Seq): void {
    const known = this.#byRecord.get(record)
    known?.delete(seq)
    if (known?.size === 0) this.#byRecord.delete(record)
  }
}

export function lostRow(lost: Lost): TableWrite {
  const { record, seq } = lost
  const reason = lost.reason.slice(0, REASON_LENGTH_MAX)
  return { ...foundRow(record, seq), value: encodeUtf8(JSON.stringify({ ...lost, reason })) }
}

export function foundRow(record: string, seq: Seq): TableWrite {
  return { table: LOST_TABLE, key: `${record}\n${String(seq).padStart(15, '0')}`, value: undefined }
}
