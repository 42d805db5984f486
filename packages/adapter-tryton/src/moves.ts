/** A write that changes the workflow's field: buttons first, each in a transaction of its own, then the other fields (SPEC TR-45). */
import type { Call } from '@skerry/bridge'
import type { Batches } from './batches.ts'
import type { Client } from './client.ts'
import type { Reader } from './reader.ts'
import type { Raw } from './rows.ts'
import type { Shape } from './shape.ts'
import type { Task } from './task.ts'
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

  async run(shape: Shape, task: Task, call: Call): Promise<void> {
    const isMade = task.id === undefined
    if (isMade && !(await this.#make(shape, task, call))) return
    const moved = await this.#move(shape, task, call, isMade)
    if (moved === 'stopped' || isMade) return
    task.outcome = undefined
    await this.#batches.change(shape, [task], call)
    // What a button did stands; the row tells what is left to do.
    if (moved === 'moved' && wasRefused(task)) task.outcome = { kind: 'overtaken', id: task.id! }
  }

  /** @returns whether there is a row to be moved */
  async #make(shape: Shape, task: Task, call: Call): Promise<boolean> {
    await this.#batches.create(shape, [task], call)
    if (task.outcome?.kind !== 'written') return false
    task.id = task.outcome.id
    return this.#read(shape, task, call)
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
    if (answer.kind !== 'result' || !(await this.#read(shape, task, call))) return false
    if (task.row?.[field] === to) return true
    const reason = `the button '${button}' left ${shape.type} ${task.id} in '${task.row?.[field]}', not in '${to}'`
    stop(task, isPart || task.row?._timestamp !== before, { reason, field })
    return false
  }

  /** The row as it is between two transactions. */
  async #read(shape: Shape, task: Task, call: Call): Promise<boolean> {
    const found = await this.#reader.byIds(shape, [String(task.id)], call)
    const raw: Raw | undefined = found.kind === 'rows' ? found.rows[0] : undefined
    task.row = raw
    if (found.kind !== 'rows') task.answer = { kind: 'unknown', reason: found.reason }
    else if (!raw) task.outcome = { kind: 'overtaken', id: task.id! }
    else task.outcome = { kind: 'written', id: raw.id }
    return raw !== undefined
  }
}

function stop(task: Task, isPart: boolean, { reason, field }: { reason: string; field: string }): void {
  if (isPart) task.outcome = { kind: 'overtaken', id: task.id! }
  else task.answer = { kind: 'rejected', reason, fields: [field] }
}

function wasRefused({ outcome }: Task): boolean {
  return outcome?.kind === 'refused'
}
