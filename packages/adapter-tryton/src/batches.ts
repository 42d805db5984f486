/** All creates, all changes, all deletes: one call each, and what each of the writes came to (SPEC TR-42). */

import type { Call, WriteAnswer } from '@skerry/bridge'
import * as z from 'zod'
import type { Answer, Client } from './client.ts'
import { halving, type Settled } from './halving.ts'
import type { Shape } from './shape.ts'
import type { Outcome, Task } from './task.ts'

const idsSchema = z.array(z.number())

export class Batches {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async create({ type }: Shape, tasks: readonly Task[], call: Call): Promise<void> {
    const run = (some: readonly Task[]) =>
      this.#client.call(type, 'create', [some.map(({ values }) => values)], call)
    for (const settled of await halving(tasks, run))
      settle(settled, (value) => {
        const id = idsSchema.safeParse(value).data?.[settled.place]
        return id === undefined ? undefined : { kind: 'written', id }
      })
  }

  /** Pairs of ids and values, in one transaction. */
  async change(shape: Shape, tasks: readonly Task[], call: Call): Promise<void> {
    for (const task of tasks) if (isEmpty(task)) task.outcome = { kind: 'written', id: task.id! }
    const open = tasks.filter(({ isOpen }) => isOpen)
    const run = (some: readonly Task[]) => {
      const pairs = some.flatMap(({ id, values }) => [[id], values])
      return this.#client.call(shape.type, 'write', pairs, call, stampsOf(shape, some))
    }
    for (const settled of await halving(open, run))
      settle(settled, () => ({ kind: 'written', id: settled.item.id! }))
  }

  async delete(shape: Shape, tasks: readonly Task[], call: Call): Promise<void> {
    const { type, config } = shape
    const run = (some: readonly Task[]) => {
      const ids = some.map(({ id }) => id)
      const stamps = stampsOf(shape, some)
      return config.deactivates
        ? this.#client.call(type, 'write', [ids, { active: false }], call, stamps)
        : this.#client.call(type, 'delete', [ids], call, stamps)
    }
    for (const settled of await halving(tasks, run))
      settle(settled, () =>
        config.deactivates ? { kind: 'written', id: settled.item.id! } : { kind: 'deleted' },
      )
  }
}

/** What is only being made has nothing that could be another one than expected: something else in that transaction had. */
const metAChange: WriteAnswer = { kind: 'later', reason: 'what the new row refers to was changed meanwhile' }

/** @param told what a result means; undefined when it is none of this call */
function settle({ item, answer }: Settled<Task>, told: (value: unknown) => Outcome | undefined): void {
  const outcome = outcomeOf(item, answer, told)
  if (outcome) item.outcome = outcome
  else if (answer.kind === 'result')
    item.answer = { kind: 'unknown', reason: 'the answer to a write told something that is no row' }
  else item.answer = answer.kind === 'conflict' ? metAChange : answer
}

function outcomeOf(
  { id }: Task,
  answer: Answer,
  told: (value: unknown) => Outcome | undefined,
): Outcome | undefined {
  if (answer.kind === 'result') return told(answer.value)
  if (answer.kind === 'conflict' && id !== undefined) return { kind: 'overtaken', id }
  return answer.kind === 'rejected' ? { kind: 'refused', reason: answer.reason } : undefined
}

function stampsOf(shape: Shape, tasks: readonly Task[]) {
  return Object.assign({}, ...tasks.map((task) => task.stamps(shape)))
}

/** The row was read for this write, and says already what it should. */
function isEmpty({ row, values }: Task): boolean {
  return (
    row !== undefined && Object.values(values).every((value) => Array.isArray(value) && value.length === 0)
  )
}
