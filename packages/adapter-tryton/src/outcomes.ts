/** From what became of writes to what the bridge is told: the rows read again, and refusals looked into (SPEC TR-40, TR-43, TR-44, TR-46). */
import type { Call, WriteAnswer } from '@skerry/bridge'
import { fieldsNamed } from './blame.ts'
import { notMade } from './classify.ts'
import { goneOf } from './find.ts'
import { rowOfKey } from './keyed-row.ts'
import type { Found, Reader } from './reader.ts'
import { type Raw, rowOf } from './rows.ts'
import type { Shape, Shaped } from './shape.ts'
import type { Outcome, Task } from './task.ts'

interface Seen {
  byId: Found<Raw>
  byKey: Found<Raw>
  /** The model as the server has it now; asked for only when something was refused. */
  shaped: Shaped | undefined
}

export class Outcomes {
  readonly #reader: Reader
  readonly #reshape: (type: string, call: Call) => Promise<Shaped>

  /** @param reshape asks the server for its schema again */
  constructor(reader: Reader, reshape: (type: string, call: Call) => Promise<Shaped>) {
    this.#reader = reader
    this.#reshape = reshape
  }

  async answers(shape: Shape, tasks: readonly Task[], call: Call): Promise<WriteAnswer[]> {
    const open = tasks.filter(({ answer }) => answer === undefined)
    const ids = open.flatMap(rowIdOf).map(String)
    const refused = open.filter(({ outcome }) => outcome?.kind === 'refused')
    const made = refused.filter(({ id }) => id === undefined)
    const seen: Seen = {
      byId: await this.#reader.byIds(shape, ids, call),
      byKey: await this.#reader.byKeys(
        shape,
        made.map(({ write }) => write.externalId),
        call,
      ),
      shaped: refused.length > 0 ? await this.#reshape(shape.type, call) : undefined,
    }
    return tasks.map((task) => task.answer ?? answerOf(shape, task, seen))
  }
}

function rowIdOf({ id, outcome }: Task): number[] {
  if (outcome?.kind === 'written' || outcome?.kind === 'overtaken') return [outcome.id]
  return outcome?.kind === 'refused' && id !== undefined ? [id] : []
}

function answerOf(shape: Shape, task: Task, seen: Seen): WriteAnswer {
  const { outcome } = task
  switch (outcome?.kind) {
    case 'written':
    case 'overtaken':
      return readAgain(shape, task, outcome, seen.byId)
    case 'deleted':
      return { kind: 'done', row: goneOf(shape, task) }
    case 'refused':
      return lookedInto(shape, task, outcome.reason, seen)
    case undefined:
      throw new TypeError(`a write of ${shape.type} was left without an outcome`)
  }
}

function readAgain(
  shape: Shape,
  task: Task,
  { kind, id }: Extract<Outcome, { id: number }>,
  found: Found<Raw>,
): WriteAnswer {
  const done = kind === 'written'
  if (found.kind !== 'rows')
    return { kind: 'unknown', reason: `after a write the row could not be read: ${found.reason}` }
  const raw = found.rows.find((one) => one.id === id)
  if (!raw) return { kind: done || task.isDelete ? 'done' : 'conflict', row: goneOf(shape, task) }
  return { kind: done ? 'done' : 'conflict', row: rowOf(shape, raw) }
}

/** A refusal may be the server's way to say that the row is gone, or there already. */
function lookedInto(shape: Shape, task: Task, reason: string, { byId, byKey, shaped }: Seen): WriteAnswer {
  const found = task.id === undefined ? byKey : byId
  if (found.kind !== 'rows') return notMade({ ...found, reason: `${reason} (and then: ${found.reason})` })
  if (task.id !== undefined && !found.rows.some(({ id }) => id === task.id))
    return { kind: task.isDelete ? 'done' : 'conflict', row: goneOf(shape, task) }
  if (task.id === undefined) {
    const row = rowOfKey(shape, found.rows, task.write.externalId)
    if (row.kind === 'row') return { kind: 'conflict', row: rowOf(shape, row.raw) }
  }
  if (shaped?.kind === 'rejected')
    return { ...shaped, reason: `${shaped.reason}; the server said: ${reason}` }
  return { kind: 'rejected', reason, fields: fieldsNamed(shape, task.fields, reason) }
}
