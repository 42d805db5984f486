/** Makes the calls that the outbox asks for: some at once, never two for one record (SPEC B-07, B-17). */
import type { WriteAnswer } from './adapter-port.ts'
import { backOffMs } from './back-off.ts'
import { begin } from './begin.ts'
import { isOwnFailure, reasonOf, type Shared } from './bridge-life.ts'
import { type Answered, finish, finishUnread } from './finish.ts'
import type { Begun } from './outbox.ts'

export class Calls {
  readonly #shared: Shared
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #ended: () => void
  #made = 0

  /** @param ended called whenever a call is over */
  constructor(shared: Shared, ended: () => void) {
    this.#shared = shared
    this.#ended = ended
  }

  get underWay(): number {
    return this.#underWay.size
  }

  /** Calls made since the start. */
  get made(): number {
    return this.#made
  }

  /** Starts what is due and fits through the gate. @returns milliseconds until more may be */
  async run(): Promise<number | undefined> {
    const { gate, index } = this.#shared
    for (const record of index.due()) {
      if (this.#underWay.size >= gate.width) break
      if (!this.#underWay.has(record)) this.#start(record)
    }
    if (gate.pauseMs > 0 && index.open > 0) return gate.pauseMs
    return index.nextDueMs
  }

  /** Resolves when no call is under way. */
  async drained(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  #start(record: string): void {
    const call = this.#shared.locks
      .hold(record, () => this.#call(record))
      .catch((error: unknown) => {
        this.#shared.failed('call-failed', error)
        this.#shared.index.delay(record, backOffMs(this.#shared.context.host, 1))
      })
      .then(() => {
        this.#underWay.delete(record)
        this.#ended()
      })
    this.#underWay.set(record, call)
  }

  async #call(record: string): Promise<void> {
    const { context, gate } = this.#shared
    const call = await this.#shared.transact((tables) => begin(context, tables, record))
    if (!call) return
    this.#made += 1
    const answer = await this.#send(call.begun)
    gate.heard(answer)
    this.#shared.overtake(record)
    this.#report(record, call.begun.type, answer)
    await this.#finish({ record, ...call, replayed: this.#isReplayed(call.begun), answer })
  }

  async #finish(answered: Answered): Promise<void> {
    const { context } = this.#shared
    try {
      await this.#shared.transact((tables) => finish(context, tables, answered))
    } catch (error) {
      if (isOwnFailure(error)) throw error
      await this.#shared.transact((tables) => finishUnread(context, tables, answered, reasonOf(error)))
    }
  }

  async #send(begun: Begun): Promise<WriteAnswer> {
    try {
      return (await this.#lookFirst(begun)) ?? (await this.#write(begun))
    } catch (error) {
      this.#shared.failed('adapter-threw', error)
      return { kind: 'unknown', reason: reasonOf(error) }
    }
  }

  #write({ wish, type, externalId, rowId, expectedVersion, idempotencyKey }: Begun): Promise<WriteAnswer> {
    const { adapter, call } = this.#shared
    if (wish.action === 'upsert') {
      const { fields, restore } = wish
      return adapter.upsert(
        type,
        { externalId, id: rowId, fields, restore, expectedVersion, idempotencyKey },
        call,
      )
    }
    return adapter.delete(
      type,
      { id: rowId ?? '', externalId, expectedVersion: expectedVersion ?? undefined, idempotencyKey },
      call,
    )
  }

  /** The system still knows the call by its key, if it ever carried it out (B-39). */
  #isReplayed({ begunAt = 0 }: Begun): boolean {
    const { compareAndSet, replayMs } = this.#shared.adapter.capabilities
    const ageMs = this.#shared.context.host.now() - begunAt
    // Where this side compares, the conflict is its own, and says nothing of the key.
    return compareAndSet && ageMs >= 0 && ageMs < replayMs
  }

  /** Where the system cannot compare, this side does, just before (B-17). */
  async #lookFirst({ type, rowId, externalId, expectedVersion }: Begun): Promise<WriteAnswer | undefined> {
    const { adapter, call } = this.#shared
    if (adapter.capabilities.compareAndSet) return undefined
    const answer = await adapter.read(type, rowId === undefined ? { externalId } : { id: rowId }, call)
    if (answer.kind === 'absent') return undefined
    if (answer.kind === 'row')
      return answer.row.version === expectedVersion ? undefined : { kind: 'conflict', row: answer.row }
    return answer.kind === 'unknown' ? { ...answer, kind: 'later' } : answer
  }

  #report(record: string, type: string, answer: WriteAnswer): void {
    const { context } = this.#shared
    if (answer.kind === 'done' || answer.kind === 'conflict' || answer.kind === 'rejected') return
    const level = answer.kind === 'unauthorized' ? 'error' : 'warn'
    context.report({
      level,
      code: `call-${answer.kind}`,
      message: `${context.system} did not take ${record} (${type}) now: ${answer.reason}`,
      fields: { record },
    })
  }
}
