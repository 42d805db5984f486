/** The frames of an open store and the index over them: which bytes are still live, which numbers come next. */
import { LogIndex, type Seq } from '@skerry/core'
import type { Frame, Index, PlacedBatch, PlacedEntry, PlacedRow, Span } from './frame.ts'
import type { ReadHead } from './frame-head.ts'

export class LogFrames {
  readonly index: Index = new LogIndex<PlacedEntry, PlacedRow, Span>()
  /** In ascending number. */
  #frames: Frame[] = []
  #bodiesMade = 0

  get frames(): readonly Frame[] {
    return this.#frames
  }

  get nextNumber(): number {
    return (this.#frames.at(-1)?.number ?? 0) + 1
  }

  /** A number that no body has or had. */
  nextBody(): number {
    this.#bodiesMade += 1
    return this.#bodiesMade
  }

  get bytes(): number {
    return this.#frames.reduce((sum, { bodyBytes, headBytes }) => sum + bodyBytes + 2 * headBytes, 0)
  }

  /** A frame above all others, with all it does. */
  add({ frame, batch }: ReadHead): void {
    this.#frames.push(frame)
    this.#bodiesMade = Math.max(this.#bodiesMade, frame.body)
    for (const span of this.#retired(batch)) span.frame.liveBytes -= span.length
    this.index.load(batch)
  }

  /** The merged frames stand where those of the run did. What they hold is what the index has already, only elsewhere. */
  replace(run: readonly Frame[], merged: readonly ReadHead[]): void {
    const from = this.#frames.indexOf(run[0]!)
    this.#frames.splice(from, run.length, ...merged.map(({ frame }) => frame))
    for (const frame of run) frame.isGone = true
    for (const { batch } of merged) this.#move(batch)
  }

  #move({ entries, records, tables }: PlacedBatch): void {
    for (const { seq, bytes } of entries) this.index.entryAt.get(seq)!.bytes = bytes
    for (const { record, bytes } of records) this.index.records.get(record)!.row!.bytes = bytes
    for (const { table, key, value } of tables) if (value) this.index.tables.get(table)!.set(key, value)
  }

  /** What this batch takes the place of, each once. */
  #retired({ forgotten, removed, entries, records, tables }: PlacedBatch): Set<Span> {
    const { index } = this
    const spans = new Set<Span>()
    const retire = (span: Span | undefined) => {
      if (span) spans.add(span)
    }
    const retireEntry = (seq: Seq) => retire(index.entryAt.get(seq)?.bytes)
    for (const record of forgotten) {
      const known = index.records.get(record)
      for (const { bytes } of known?.entries ?? []) retire(bytes)
      retire(known?.row?.bytes)
    }
    for (const seq of removed) retireEntry(seq)
    for (const { seq } of entries) retireEntry(seq)
    for (const { record } of records) retire(index.records.get(record)?.row?.bytes)
    for (const { table, key } of tables) retire(index.tables.get(table)?.get(key))
    return spans
  }
}
