/** Batches as a writer makes them, at random: records that move between channels, are compacted, set aside, forgotten and rewritten. */
import type { Batch, Mark, NewEntry, RecordRow, TableWrite } from '@skerry/core'
import { batch, bytesOf, row } from './batches.ts'
import type { Model } from './model.ts'
import type { Random } from './random.ts'

export const channels = ['north', 'south', 'east']
export const records = ['job/1', 'job/2', 'job/3', 'task/1', '@streams/pump']
export const states = ['open', 'done', 1, true, null] as const
export const tables = ['cursors', 'outbox']
const kinds = ['changes', 'snapshot', 'receipt', 'segment'] as const
const origins = ['aa'.repeat(16), 'bb'.repeat(16)]

export function randomBatch(random: Random, model: Model): Batch {
  const drawn = new Draw(random, model)
  for (let steps = 1 + random.below(4); steps > 0; steps -= 1) drawn.write(random.pick(records))
  const forgotten = random.chance(0.1) ? [random.pick(records)] : []
  const standing = model.entries.filter(({ record }) => !forgotten.includes(record))
  const removed = random.chance(0.15) && standing.length > 0 ? [random.pick(standing).seq, 10_000] : []
  const left = standing.filter(({ seq }) => !removed.includes(seq))
  return batch({
    entries: drawn.entries,
    marks: drawn.marks,
    records: drawn.rows,
    replaced: random.chance(0.2) && left.length > 0 ? [drawn.replacement(random.pick(left))] : [],
    removed,
    forgotten,
    tables: drawn.tableWrites(),
  })
}

class Draw {
  entries: NewEntry[] = []
  marks: Mark[] = []
  rows: RecordRow[] = []
  #random: Random
  #seq: number

  constructor(random: Random, model: Model) {
    this.#random = random
    this.#seq = model.head
  }

  /** An entry, sometimes marks after it, sometimes a row. Indexed channels need not fit the marks: a store must not care. */
  write(record: string): void {
    const random = this.#random
    if (random.chance(0.9)) this.entries.push(this.#entry(this.#next(), record))
    if (random.chance(0.5)) {
      const kind = random.chance(0.6) ? 'enter' : 'leave'
      this.marks.push({ channel: random.pick(channels), record, seq: this.#next(), kind })
    }
    if (record.startsWith('@') || random.chance(0.3)) return
    const view = random.chance(0.8) ? `{"n":${random.below(1000)}}` : null
    this.rows.push(
      row(
        record,
        [
          ['state', random.pick(states)],
          ['n', random.below(3)],
        ],
        view,
      ),
    )
  }

  replacement(of: NewEntry): NewEntry {
    return { ...this.#entry(of.seq, of.record), kind: 'snapshot' }
  }

  tableWrites(): TableWrite[] {
    return this.#random.some(['a', 'ab', 'b', 'ba', 'c']).map((key) => {
      const table = this.#random.pick(tables)
      return this.#random.chance(0.7)
        ? { table, key, value: bytesOf(`${this.#random.below(100)}`) }
        : { table, key }
    })
  }

  #entry(seq: number, record: string): NewEntry {
    const random = this.#random
    const bytes = bytesOf(`${record} ${seq} ${'x'.repeat(random.below(40))}`)
    const bare = { seq, record, kind: random.pick(kinds), bytes, channels: random.some(channels) }
    if (random.chance(0.5)) return bare
    return { ...bare, origin: { run: random.pick(origins), seq: random.below(1000) } }
  }

  #next(): number {
    // Gaps are allowed: what is removed leaves them too.
    this.#seq += this.#random.chance(0.1) ? 3 : 1
    return this.#seq
  }
}
