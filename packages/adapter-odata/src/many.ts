/** Many writes, or reads, as batches: all writes in one, and then all looks that their answers ask for in another (SPEC OD-30). */
import type { Call, Failure, ReadAnswer, Write, WriteAnswer } from '@skerry/bridge'
import type { Batch } from './batch.ts'
import type { Client } from './client.ts'
import { BATCH_PARTS_MAX } from './limits.ts'
import type { Look, Reader } from './reader.ts'
import type { Plan, Writer } from './writer.ts'

export class Many {
  readonly #client: Client
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #batch: Batch

  constructor(client: Client, reader: Reader, writer: Writer, batch: Batch) {
    this.#client = client
    this.#reader = reader
    this.#writer = writer
    this.#batch = batch
  }

  async write(set: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    assertFits(writes.length, 'writes')
    const type = this.#client.typed(set)
    if (type.kind !== 'type') return writes.map((): Failure => type)
    const answers: (WriteAnswer | undefined)[] = writes.map(() => undefined)
    const plans: [number, Plan][] = []
    const looks: [number, Look<WriteAnswer>][] = []
    for (const [i, write] of writes.entries()) {
      const planned = this.#writer.plan(type, write)
      if (planned === 'look-first') answers[i] = await this.#writer.write(set, write, call)
      else if ('kind' in planned) answers[i] = planned
      else if ('judge' in planned) plans.push([i, planned])
      else looks.push([i, planned])
    }
    const told = await this.#batch.send(
      plans.map(([, { request }]) => request),
      call,
    )
    for (const [at, [i, plan]] of plans.entries()) {
      const one = told[at]!
      const judged = one.kind === 'told' ? plan.judge(one) : one
      if ('kind' in judged) answers[i] = judged
      else looks.push([i, judged])
    }
    const seen = await this.#batch.send(
      looks.map(([, { request }]) => request),
      call,
    )
    for (const [at, [i, look]] of looks.entries()) answers[i] = look.answer(seen[at]!)
    return answers.map((answer) => answer!)
  }

  async read(set: string, ids: readonly string[], call: Call): Promise<ReadAnswer[]> {
    assertFits(ids.length, 'ids')
    const type = this.#client.typed(set)
    if (type.kind !== 'type') return ids.map((): Failure => type)
    const looks = ids.map((id) => this.#reader.byId(type, id))
    const asked = looks.filter((look) => look !== undefined)
    const told = await this.#batch.send(
      asked.map(({ request }) => request),
      call,
    )
    const answers = new Map(asked.map((look, i) => [look, look.answer(told[i]!)]))
    return looks.map((look): ReadAnswer => (look && answers.get(look)) ?? { kind: 'absent' })
  }
}

function assertFits(count: number, what: string): void {
  if (count > BATCH_PARTS_MAX) throw new RangeError(`${count} ${what}; ${BATCH_PARTS_MAX} fit`)
}
