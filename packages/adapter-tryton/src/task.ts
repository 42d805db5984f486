/** One write on its way through a batch, and what is known of it so far. */
import type { Write, WriteAnswer } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import type { Stamps } from './client.ts'
import type { Draft } from './draft.ts'
import { linesAt, type Raw, stampOf } from './rows.ts'
import type { Shape } from './shape.ts'

/** What became of it at the server, before the row is read again. */
export type Outcome =
  /** Carried out; the row as it is now tells the rest. */
  | { kind: 'written'; id: number }
  | { kind: 'deleted' }
  /** Not carried out, or not all of it: the row as it is now tells. */
  | { kind: 'overtaken'; id: number }
  | { kind: 'refused'; reason: string }

export class Task {
  readonly write: Write
  /** Decides it for good. */
  answer: WriteAnswer | undefined
  outcome: Outcome | undefined
  /** Of the row to change or delete; undefined: it is to be made. */
  id: number | undefined
  /** As it was read for this write. */
  row: Raw | undefined
  draft: Draft | undefined
  /** The draft's, with every row found that it refers to. */
  values: JsonObject = {}

  constructor(write: Write) {
    this.write = write
    this.id = write.id === undefined || !/^\d+$/.test(write.id) ? undefined : Number(write.id)
  }

  get isOpen(): boolean {
    return this.answer === undefined && this.outcome === undefined
  }

  get isDelete(): boolean {
    return this.write.action === 'delete'
  }

  /** It changes the workflow's field. */
  get moves(): boolean {
    return this.draft?.status !== undefined
  }

  get restores(): boolean {
    return this.write.action === 'upsert' && this.write.restore
  }

  /** What is to be written; nothing for a delete. */
  get fields(): JsonObject {
    return this.write.action === 'upsert' ? this.write.fields : {}
  }

  /** What the row and the lines that are known of it must still be like, for a server that compares. */
  stamps({ type, lineModels }: Shape): Stamps {
    const { expectedVersion } = this.write
    if (this.id === undefined || typeof expectedVersion !== 'string') return {}
    const stamps: Stamps = { [`${type},${this.id}`]: this.row?._timestamp ?? stampOf(expectedVersion) }
    for (const { name, model } of lineModels)
      for (const line of this.row ? linesAt(this.row, name) : [])
        stamps[`${model},${line.id}`] = line._timestamp
    return stamps
  }
}
