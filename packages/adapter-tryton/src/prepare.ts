/** Drafts of writes, with every row found that they refer to: all that can be refused before anything is sent (SPEC TR-11 to TR-13). */
import type { Call } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { notMade } from './classify.ts'
import { draftOf, filled, lookupsIn } from './draft.ts'
import { resolve } from './lookups.ts'
import type { Reader } from './reader.ts'
import type { Shape } from './shape.ts'
import type { Task } from './task.ts'
import { Unfit } from './values.ts'

export async function prepare(
  shape: Shape,
  tasks: readonly Task[],
  reader: Reader,
  call: Call,
): Promise<void> {
  for (const task of tasks)
    if (task.isOpen && !task.isDelete)
      unlessUnfit(task, () => {
        task.draft = draftOf(shape, task.fields, task.row)
      })
  const drafted = tasks.filter(({ isOpen, draft }) => isOpen && draft !== undefined)
  const lookups = drafted.flatMap(({ draft }) => lookupsIn(draft!.values))
  const resolved = await resolve(lookups, reader, call)
  for (const task of drafted) {
    const values = task.draft!.values
    if (resolved.kind === 'resolved')
      unlessUnfit(task, () => {
        task.values = {
          ...frame(shape, task),
          ...(filled(values, resolved.ids) as JsonObject),
          ...named(shape, task),
        }
      })
    else if (lookupsIn(values).length > 0) task.answer = notMade(resolved)
    else
      task.values = {
        ...frame(shape, task),
        ...(filled(values, new Map()) as JsonObject),
        ...named(shape, task),
      }
  }
}

/** What the configuration wants of a row that is made. */
function frame({ config }: Shape, { id }: Task): JsonObject {
  return id === undefined ? config.onCreate : {}
}

function named({ config }: Shape, { id, restores, write }: Task): JsonObject {
  if (id === undefined) return { [config.key ?? '']: write.externalId }
  return restores && config.deactivates ? { active: true } : {}
}

function unlessUnfit(task: Task, act: () => void): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof Unfit)) throw error
    task.answer = { kind: 'rejected', reason: error.message, fields: [error.field] }
  }
}
