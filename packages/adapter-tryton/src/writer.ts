/**
 * Writes, one or many alike: what must be known is read, drafts are made, then all creates, all changes and all deletes are one call each, and the rows are read again (SPEC TR-40 to
 * TR-46). Each write has an answer of its own from the first thing that decides it.
 */
import type { Call, Write, WriteAnswer } from '@skerry/bridge'
import { Batches } from './batches.ts'
import type { Client } from './client.ts'
import { findRows } from './find.ts'
import { Moves } from './moves.ts'
import type { Outcomes } from './outcomes.ts'
import { prepare } from './prepare.ts'
import type { Reader } from './reader.ts'
import type { Shape } from './shape.ts'
import { Task } from './task.ts'

export class Writer {
  readonly #reader: Reader
  readonly #outcomes: Outcomes
  readonly #batches: Batches
  readonly #moves: Moves

  constructor(client: Client, reader: Reader, outcomes: Outcomes) {
    this.#reader = reader
    this.#outcomes = outcomes
    this.#batches = new Batches(client)
    this.#moves = new Moves(client, reader, this.#batches)
  }

  /** No two of them of one row. */
  async write(shape: Shape, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    const tasks = writes.map((write) => new Task(write))
    await findRows(shape, tasks, this.#reader, call)
    await prepare(shape, tasks, this.#reader, call)
    const open = tasks.filter(({ isOpen }) => isOpen)
    const deleted = open.filter(({ isDelete }) => isDelete)
    const made = open.filter(({ isDelete, id }) => !isDelete && id === undefined)
    const changed = open.filter(({ isDelete, id, moves }) => !isDelete && id !== undefined && !moves)
    await this.#batches.create(shape, made, call)
    await this.#batches.change(shape, changed, call)
    await this.#batches.delete(shape, deleted, call)
    const moved = open.filter(({ moves }) => moves)
    await this.#moves.run(shape, moved, call)
    return this.#outcomes.answers(shape, tasks, call)
  }
}
