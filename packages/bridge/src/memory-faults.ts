/**
 * The wire to the system in memory, and what can go wrong on it: sessions end, quotas are used up, answers are lost or cut off. Each fault strikes once, the next request of its kind.
 * A wire that could be wrong is what an adapter is for, so the reference has one too.
 */
import type { Adapter, Call, Failure, Write, WriteAnswer } from './adapter-port.ts'

export type MemoryFault =
  /** Carried out, and the answer never arrives. */
  | { fault: 'lose-answer' }
  /** Carried out, and the answer cannot be read. */
  | { fault: 'garble-answer' }
  /** Carried out, and the answer is larger than anybody reads. */
  | { fault: 'swell-answer' }
  /** Not carried out, and the answer does not say so. */
  | { fault: 'break' }
  /** Not carried out. */
  | { fault: 'quota'; retryAfterMs: number }
  /** Not carried out, and never answered. */
  | { fault: 'hang'; arrived: () => void }

type Kind = 'read' | 'write'

const notLetIn: Failure = { kind: 'unauthorized', reason: 'nobody is let in' }

export class MemoryFaults {
  /** Requests so far, renewals of the session included. */
  requests = 0
  readonly #planned: { next: Kind; fault: MemoryFault }[] = []
  readonly #dropped = new Set<string>()
  #session = 1
  #era = 1
  #letsIn = true

  strike(next: Kind, fault: MemoryFault): void {
    this.#planned.push({ next, fault })
  }

  /** Sessions given out so far are worth nothing any more. */
  endSessions(): void {
    this.#session += 1
  }

  /** Nobody is let in any more. */
  shut(): void {
    this.#letsIn = false
  }

  /** Positions given out so far are worth nothing any more. */
  forgetPositions(): void {
    this.#era += 1
  }

  /** The field is gone from every type. */
  dropField(field: string): void {
    this.#dropped.add(field)
  }

  /** The adapter as one process has it: with a session of its own, every call a request that may be struck. */
  around(inner: Adapter): Adapter {
    const state = { session: 0 }
    const on = <Answer>(kind: Kind, call: Call, work: () => Promise<Answer>) =>
      this.#request(state, kind, call, work)
    const { list, latest, writeMany, readMany, writeBulk, describe } = inner
    const many =
      (work: NonNullable<Adapter['writeMany']>) =>
      async (type: string, writes: readonly Write[], call: Call) => {
        if (writes.length === 0) return []
        const answer = await on('write', call, () => this.#sound(writes, (sound) => work(type, sound, call)))
        return Array.isArray(answer) ? answer : writes.map(() => answer)
      }
    return {
      ...inner,
      check: (call) => on('read', call, () => inner.check(call)),
      read: (type, key, call) => on('read', call, () => inner.read(type, key, call)),
      changes: (type, position, limit, call) =>
        on('read', call, async () => {
          const at = this.#positionIn(position)
          if (at === null) return { kind: 'expired' }
          const answer = await inner.changes(type, at, limit, call)
          return answer.kind === 'page' ? { ...answer, next: this.#positionOut(answer.next) } : answer
        }),
      upsert: (type, request, call) =>
        on('write', call, async () => this.#refusalOf(request.fields) ?? inner.upsert(type, request, call)),
      delete: (type, request, call) => on('write', call, () => inner.delete(type, request, call)),
      ...(list && {
        list: (type, position, limit, call) => on('read', call, () => list(type, position, limit, call)),
      }),
      ...(latest && {
        latest: (type, call) =>
          on('read', call, async () => {
            const answer = await latest(type, call)
            return answer.kind === 'position'
              ? { ...answer, position: this.#positionOut(answer.position) }
              : answer
          }),
      }),
      ...(writeMany && { writeMany: many(writeMany) }),
      ...(writeBulk && { writeBulk: many(writeBulk) }),
      ...(readMany && {
        readMany: async (type, ids, call) => {
          if (ids.length === 0) return []
          const answer = await on('read', call, () => readMany(type, ids, call))
          return Array.isArray(answer) ? answer : ids.map(() => answer)
        },
      }),
      ...(describe && {
        describe: (types, call) =>
          on('read', call, async () => {
            const answer = await describe(types, call)
            if (answer.kind !== 'types') return answer
            const left = (fields: (typeof answer.types)[number]['fields']) =>
              fields.filter(({ name }) => !this.#dropped.has(name))
            return { ...answer, types: answer.types.map((one) => ({ ...one, fields: left(one.fields) })) }
          }),
      }),
    }
  }

  async #request<Answer>(
    state: { session: number },
    kind: Kind,
    call: Call,
    work: () => Promise<Answer>,
  ): Promise<Answer | Failure> {
    if (call.signal.aborted) return { kind: 'later', reason: 'the caller had gone before the call was made' }
    if (state.session !== this.#session && !this.#begun(call)) return notLetIn
    state.session = this.#session
    if (!this.#begun(call)) return notLetIn
    const at = this.#planned.findIndex(({ next }) => next === kind)
    const [struck] = at < 0 ? [] : this.#planned.splice(at, 1)
    return struck ? this.#struck(struck.fault, call, work) : work()
  }

  async #struck(fault: MemoryFault, { signal }: Call, work: () => Promise<unknown>): Promise<Failure> {
    switch (fault.fault) {
      case 'quota':
        return { kind: 'later', retryAfterMs: fault.retryAfterMs, reason: 'the quota is used up' }
      case 'break':
        return { kind: 'unknown', reason: 'something went wrong here' }
      case 'hang':
        fault.arrived()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return { kind: 'unknown', reason: 'the caller left before the answer' }
      default:
        await work()
        return { kind: 'unknown', reason: 'no answer arrived that can be read' }
    }
  }

  /** One request, or the renewal of a session, which is one too. @returns whether it is let in */
  #begun(call: Call): boolean {
    this.requests += 1
    call.spend?.()
    return this.#letsIn
  }

  #positionOut(position: string): string {
    return `${this.#era}.${position}`
  }

  /** Null for a position that is of no use. */
  #positionIn(position: string | undefined): string | undefined | null {
    if (position === undefined) return undefined
    const [, era, at] = /^(\d+)\.(.+)$/.exec(position) ?? []
    return Number(era) === this.#era ? at : null
  }

  #refusalOf(fields: object): WriteAnswer | undefined {
    const gone = Object.keys(fields).filter((name) => this.#dropped.has(name))
    if (gone.length === 0) return undefined
    return { kind: 'rejected', reason: `there is no field ${gone.join(', ')}`, fields: gone }
  }

  /** The answers of all, of which only the writes that name no field that is gone are made. */
  async #sound(
    writes: readonly Write[],
    work: (sound: readonly Write[]) => Promise<WriteAnswer[]>,
  ): Promise<WriteAnswer[]> {
    const refusals = writes.map((write) =>
      write.action === 'upsert' ? this.#refusalOf(write.fields) : undefined,
    )
    const answers = await work(writes.filter((_, i) => refusals[i] === undefined))
    return refusals.map((refusal) => refusal ?? answers.shift()!)
  }
}
