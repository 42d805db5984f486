/** Rows that must be known before a write can be made: by key where the write names no row, by id where it is of more than the row itself (SPEC TR-21, TR-40, TR-41, TR-44). */
import type { Call } from '@skerry/bridge'
import { notMade } from './classify.ts'
import { needsRow } from './draft.ts'
import { rowOfKey } from './keyed-row.ts'
import type { Reader } from './reader.ts'
import { goneRow, isDeleted, type Raw, rowOf } from './rows.ts'
import type { Shape } from './shape.ts'
import type { Task } from './task.ts'

export async function findRows(
  shape: Shape,
  tasks: readonly Task[],
  reader: Reader,
  call: Call,
): Promise<void> {
  await findById(
    shape,
    tasks.filter((task) => mustBeRead(shape, task)),
    reader,
    call,
  )
  const unnamed = tasks.filter(({ isOpen, id }) => isOpen && id === undefined)
  for (const task of unnamed) {
    // An id that is none of Tryton's leads to no row; without one a row is meant that is known by its key.
    if (task.isDelete) task.answer = { kind: 'done', row: goneOf(shape, task) }
    else if (task.write.id !== undefined && !task.restores)
      task.answer = { kind: 'conflict', row: goneOf(shape, task) }
  }
  await findByKey(
    shape,
    unnamed.filter((task) => task.isOpen && !isMadeUnseen(shape, task)),
    reader,
    call,
  )
}

/** What a write to this row is told that is not there any more. */
export function goneOf({ type }: Shape, { write: { id = '', externalId } }: Task) {
  return goneRow(type, id, externalId)
}

function mustBeRead(shape: Shape, { id, isDelete, restores, fields }: Task): boolean {
  if (id === undefined) return false
  return isDelete ? shape.lineModels.length > 0 : restores || needsRow(shape, fields)
}

/** The server itself refuses a second row of the key, so that nobody needs to look first. */
function isMadeUnseen({ config }: Shape, { write, restores }: Task): boolean {
  return config.unique && write.expectedVersion === null && !restores
}

async function findById(shape: Shape, tasks: readonly Task[], reader: Reader, call: Call): Promise<void> {
  const found = await reader.byIds(
    shape,
    tasks.map(({ id }) => String(id)),
    call,
  )
  for (const task of tasks) {
    if (found.kind !== 'rows') {
      task.answer = notMade(found)
      continue
    }
    const raw = found.rows.find(({ id }) => id === task.id)
    if (raw) known(shape, task, raw)
    else if (task.restores) task.id = undefined
    else task.answer = { kind: task.isDelete ? 'done' : 'conflict', row: goneOf(shape, task) }
  }
}

async function findByKey(shape: Shape, tasks: readonly Task[], reader: Reader, call: Call): Promise<void> {
  const found = await reader.byKeys(
    shape,
    tasks.map(({ write }) => write.externalId),
    call,
  )
  for (const task of tasks) {
    if (found.kind !== 'rows') {
      task.answer = notMade(found)
      continue
    }
    const row = rowOfKey(shape, found.rows, task.write.externalId)
    if (row.kind === 'rejected') task.answer = row
    else if (row.kind === 'row') {
      if (task.write.expectedVersion === null || task.restores)
        task.answer = { kind: 'conflict', row: rowOf(shape, row.raw) }
      else known(shape, task, row.raw)
    }
  }
}

/** The row that a write is of, compared with what the write expects. */
function known(shape: Shape, task: Task, raw: Raw): void {
  const row = rowOf(shape, raw)
  const { expectedVersion } = task.write
  task.id = raw.id
  task.row = raw
  if (isDeleted(shape, raw) && task.isDelete) task.answer = { kind: 'done', row }
  else if (isDeleted(shape, raw) && !task.restores) task.answer = { kind: 'conflict', row }
  else if (typeof expectedVersion === 'string' && expectedVersion !== row.version)
    task.answer = { kind: 'conflict', row }
}
