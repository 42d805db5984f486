/** One call for items that were due together: each begun by itself, all sent at once, each ended by its own answer (SPEC B-06, B-55, B-56). */
import type { WriteAnswer } from '../adapter-port.ts'
import { begin } from '../begin.ts'
import { isOwnFailure, reasonOf, type Shared } from '../bridge-life.ts'
import { mappingOfRecord } from '../choose-mapping.ts'
import { type Answered, finish, finishUnread } from '../finish.ts'
import type { Pass } from '../gate.ts'
import { TURNS_AT_ONCE } from '../limits.ts'
import { type Begun, kindOf } from '../outbox.ts'
import type { BatchSizes } from './batch-sizes.ts'
import type { Form } from './form.ts'
import { heardOf } from './heard.ts'
import { send } from './send.ts'
import type { Tier } from './tiers.ts'

export interface Group {
  tier: Tier
  type: string
  form: Form
  records: readonly string[]
  pass: Pass
}

interface Item {
  record: string
  begun: Begun
  /** The call may have been made before. */
  doubt: boolean
}

export class GroupCall {
  readonly #shared: Shared
  readonly #sizes: BatchSizes
  readonly #group: Group
  /** Records that this side failed at. */
  readonly failed = new Set<string>()

  constructor(shared: Shared, sizes: BatchSizes, group: Group) {
    this.#shared = shared
    this.#sizes = sizes
    this.#group = group
  }

  /** @returns calls made */
  async run(): Promise<number> {
    const items = await this.#begin()
    // What has begun and is not called for is found out at the next start.
    if (items.length === 0 || this.#shared.signal.aborted) return 0
    const together = kindsOf(items)
    const answered = await this.#send(together)
    for (const { record } of items) this.#shared.overtake(record)
    this.#report(answered)
    await this.#each(answered, (one) => this.#finish(one))
    return together.length
  }

  async #begin(): Promise<Item[]> {
    const { context } = this.#shared
    const items: Item[] = []
    const records = this.#group.records.map((record) => ({ record }))
    await this.#each(records, async ({ record }) => {
      const call = await this.#shared.transact((tables) => begin(context, tables, record))
      if (call) items.push({ record, ...call })
    })
    return items
  }

  async #send(together: readonly Item[][]): Promise<Answered[]> {
    const { pass, type, form } = this.#group
    const { writer, signal, context } = this.#shared
    const { host } = context
    const drawn = host.random(1)
    const draw = { random: () => drawn }
    const writePool = form.name === 'bulk' ? 'bulk' : 'write'
    const calls = { write: () => pass.call(writePool, signal), read: () => pass.call('read', signal) }
    const failed = (code: string, error: unknown) => this.#shared.failed(code, error)
    const startedAt = host.now()
    const answered: Answered[] = []
    for (const items of together) {
      const begun = items.map((item) => item.begun)
      const answers = await send({ adapter: writer, type, form: form.name, calls, failed }, begun)
      for (const [i, item] of items.entries())
        answered.push({
          ...item,
          replayed: this.#isReplayed(item.begun),
          answer: answers[i]!,
          company: items.length,
          draw,
        })
    }
    this.#hear(answered, host.now() - startedAt)
    return answered
  }

  #hear(answered: readonly Answered[], tookMs: number): void {
    const { pass, type, form } = this.#group
    const heard = heardOf(answered.map(({ answer }) => answer))
    const isAlone = answered.length === 1
    pass.leave({ ...heard, ...(isAlone && { tookMs }) })
    if (form.name === 'batch') this.#sizes.heard(type, answered.length, { kind: heard.kind, tookMs })
  }

  async #finish(given: Answered): Promise<void> {
    const { context } = this.#shared
    const answered = await this.#vetted(given)
    try {
      await this.#shared.transact((tables) => finish(context, tables, answered))
    } catch (error) {
      if (isOwnFailure(error)) throw error
      await this.#shared.transact((tables) => finishUnread(context, tables, answered, reasonOf(error)))
    }
  }

  /** What a mapping that is paused by now was refused is not to blame for it, and waits with it (B-193). */
  async #vetted(answered: Answered): Promise<Answered> {
    const { answer, begun, record } = answered
    const { context } = this.#shared
    if ('row' in answer)
      await this.#shared.vet([answer.row], begun.wish.action === 'upsert' ? begun.wish.fields : {})
    if (answer.kind !== 'rejected') return answered
    await this.#shared.suspect()
    const mapping = mappingOfRecord(context, record, begun.type)
    if (!mapping || !context.paused?.has(mapping)) return answered
    return { ...answered, answer: { kind: 'later', reason: answer.reason } }
  }

  /** Each in a turn of its own, so that one cannot fail the others; turns that wait together share a commit. Many of them give way to what matters more. */
  async #each<One extends { record: string }>(
    all: readonly One[],
    work: (one: One) => Promise<void>,
  ): Promise<void> {
    for (let at = 0; at < all.length; at += TURNS_AT_ONCE) {
      // A bridge that must close does not do all of it: what is left is in doubt, as after a crash.
      if (at > 0 && this.#shared.signal.aborted) return
      const some = all.slice(at, at + TURNS_AT_ONCE)
      const run = () => Promise.allSettled(some.map(work))
      const givesWay = this.#group.tier !== 'critical' && all.length > 1
      const outcomes = await (givesWay ? this.#shared.background(run) : run())
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') continue
        this.failed.add(some[i]!.record)
        this.#shared.failed('call-failed', outcome.reason)
      }
    }
  }

  /** The system still knows the call by its key, if it ever carried it out (B-39). */
  #isReplayed({ begunAt = 0 }: Begun): boolean {
    const { compareAndSet, replayMs } = this.#shared.writer.capabilities
    const ageMs = this.#shared.context.host.now() - begunAt
    // Where this side compares, the conflict is its own, and says nothing of the key.
    return compareAndSet && ageMs >= 0 && ageMs < replayMs
  }

  /** What is tried again, once for all that have the same reason. */
  #report(answered: readonly Answered[]): void {
    const { context } = this.#shared
    const alike = new Map<string, { answer: WriteAnswer & { reason: string }; records: string[] }>()
    for (const { record, answer } of answered) {
      if (answer.kind === 'done' || answer.kind === 'conflict' || answer.kind === 'rejected') continue
      const key = `${answer.kind} ${answer.reason}`
      const known = alike.get(key)
      if (known) known.records.push(record)
      else alike.set(key, { answer, records: [record] })
    }
    for (const { answer, records } of alike.values()) {
      const what = records.length === 1 ? records[0]! : `${records.length} writes`
      context.report({
        level: answer.kind === 'unauthorized' ? 'error' : 'warn',
        code: `call-${answer.kind}`,
        message: `${context.system} did not take ${what} (${this.#group.type}) now: ${answer.reason}`,
        fields:
          records.length === 1 ? { record: records[0]! } : { type: this.#group.type, writes: records.length },
      })
    }
  }
}

/** Items of one kind together: what an item was to do may have changed while it waited. */
function kindsOf(items: readonly Item[]): Item[][] {
  const kinds = new Map<string, Item[]>()
  for (const item of items) {
    const kind = kindOf(item.begun)
    kinds.set(kind, [...(kinds.get(kind) ?? []), item])
  }
  return [...kinds.values()]
}
