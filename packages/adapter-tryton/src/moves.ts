/** Writes that change the workflow's field: buttons first, each in a transaction of its own, then the other fields, which a row that was just made has already (SPEC TR-45). */
import type { Call } from '@skerry/bridge'
import type { Batches } from './batches.ts'
import type { Client } from './client.ts'
import type { Reader } from './reader.ts'
import type { Shape } from './shape.ts'
import type { Outcome, Task } from './task.ts'
import { type Step, wayTo } from './workflow.ts'

export class Moves {
  readonly #client: Client
  readonly #reader: Reader
  readonly #batches: Batches

  constructor(client: Client, reader: Reader, batches: Batches) {
    this.#client = client
    this.#reader = reader
    this.#batches = batches
  }

  /** @param tasks of rows that were there, and of those that were just made */
  async run(shape: Shape, tasks: readonly Task[], call: Call): Promise<void> {
    const known = tasks.filter(({ isOpen }) => isOpen)
    const made = tasks.filter(wasWritten)
    for (const task of made) task.id = task.outcome.id
    await this.#read(shape, made, call)
    for (const task of made) if (task.row) await this.#move(shape, task, call, true)
    for (const task of known) await this.#moveAndChange(shape, task, call)
  }

  async #moveAndChange(shape: Shape, task: Task, call: Call): Promise<void> {
    const moved = await this.#move(shape, task, call, false)
    if (moved === 'stopped') return
    task.outcome = undefined
    await this.#batches.change(shape, [task], call)
    // What a button did stands; the row tells what is left to do.
    if (moved === 'moved' && wasRefused(task)) task.outcome = { kind: 'overtaken', id: task.id! }
  }

  /** @param isMade the row was made by this write: from then on nothing is refused that was not in part carried out */
  async #move(shape: Shape, task: Task, call: Call, isMade: boolean): Promise<'there' | 'moved' | 'stopped'> {
    const workflow = shape.config.workflow!
    const state = String(task.row?.[workflow.field])
    const status = task.draft?.status ?? state
    const steps = wayTo(workflow, state, status)
    if (!steps) {
      const reason = `no button of the configuration leads ${shape.type} ${task.id} from '${state}' to '${status}'`
      stop(task, isMade, { reason, field: workflow.field })
      return 'stopped'
    }
    for (const [done, step] of steps.entries())
      if (!(await this.#press(shape, task, step, call, isMade || done > 0))) return 'stopped'
    return steps.length > 0 ? 'moved' : 'there'
  }

  /** @returns whether the row is now where the button leads */
  async #press(
    shape: Shape,
    task: Task,
    { button, to }: Step,
    call: Call,
    isPart: boolean,
  ): Promise<boolean> {
    const { field } = shape.config.workflow!
    const before = task.row?._timestamp
    const answer = await this.#client.call(shape.type, button, [[task.id]], call, task.stamps(shape))
    if (answer.kind === 'conflict') task.outcome = { kind: 'overtaken', id: task.id! }
    else if (answer.kind === 'rejected') stop(task, isPart, { reason: answer.reason, field })
    else if (answer.kind !== 'result')
      task.answer = isPart ? { kind: 'unknown', reason: answer.reason } : answer
    if (answer.kind !== 'result') return false
    await this.#read(shape, [task], call)
    if (!task.row) return false
    if (task.row[field] === to) return true
    const reason = `the button '${button}' left ${shape.type} ${task.id} in '${task.row[field]}', not in '${to}'`
    stop(task, isPart || task.row._timestamp !== before, { reason, field })
    return false
  }

  /** The rows as they are between two transactions; none for a task whose row is gone, or could not be read. */
  async #read(shape: Shape, tasks: readonly Task[], call: Call): Promise<void> {
    const ids = tasks.map(({ id }) => String(id))
    const found = await this.#reader.byIds(shape, ids, call)
    for (const task of tasks) {
      task.row = found.kind === 'rows' ? found.rows.find(({ id }) => id === task.id) : undefined
      if (found.kind !== 'rows') task.answer = { kind: 'unknown', reason: found.reason }
      else task.outcome = { kind: task.row ? 'written' : 'overtaken', id: task.id! }
    }
  }
}

function stop(task: Task, isPart: boolean, { reason, field }: { reason: string; field: string }): void {
  if (isPart) task.outcome = { kind: 'overtaken', id: task.id! }
  else task.answer = { kind: 'rejected', reason, fields: [field] }
}

function wasWritten(task: Task): task is Task & { outcome: Extract<Outcome, { kind: 'written' }> } {
  return task.outcome?.kind === 'written'
}

function wasRefused({ outcome }: Task): boolean {
  return outcome?.kind === 'refused'
}
