/** Limits of the system in memory: counted exactly, told with every answer, and refused beyond, as an honest system does. */
import type { Adapter, Call, Failure } from './adapter-port.ts'

export interface MemoryQuota {
  limit: string
  /** Requests in any `ms` milliseconds. */
  units: number
  ms: number
  /** Whom they are counted for; default `account`. */
  per?: 'account' | 'credential'
  /** Which requests are counted; default all. */
  only?: MemoryRequest['method'][]
}

export interface MemoryRequest {
  method: 'check' | 'read' | 'changes' | 'upsert' | 'delete' | 'writeMany' | 'readMany' | 'writeBulk'
  credential: string | undefined
  /** Milliseconds since 1970. */
  at: number
  refused: boolean
}

/** Requests that a job takes: it is made, filled, and asked for its results. */
const JOB_REQUESTS = 3

export class MemoryQuotas {
  readonly requests: MemoryRequest[] = []
  readonly #quotas: readonly MemoryQuota[]
  readonly #now: () => number

  constructor(quotas: readonly MemoryQuota[], now: () => number) {
    this.#quotas = quotas
    this.#now = now
  }

  around(adapter: Adapter): Adapter {
    const one = <A>(method: MemoryRequest['method'], call: Call, run: () => Promise<A>) =>
      this.#one(method, call, 1, run)
    const many = async <A>(
      method: MemoryRequest['method'],
      call: Call,
      count: number,
      run: () => Promise<A[]>,
    ): Promise<(A | Failure)[]> => {
      const answers = await this.#one(method, call, method === 'writeBulk' ? JOB_REQUESTS : 1, run)
      return Array.isArray(answers) ? answers : Array.from({ length: count }, () => answers)
    }
    const { writeMany, readMany, writeBulk } = adapter
    return {
      ...adapter,
      check: (call) => one('check', call, () => adapter.check(call)),
      read: (type, key, call) => one('read', call, () => adapter.read(type, key, call)),
      changes: (type, position, limit, call) =>
        one('changes', call, () => adapter.changes(type, position, limit, call)),
      upsert: (type, request, call) => one('upsert', call, () => adapter.upsert(type, request, call)),
      delete: (type, request, call) => one('delete', call, () => adapter.delete(type, request, call)),
      ...(writeMany && {
        writeMany: (type, writes, call) =>
          many('writeMany', call, writes.length, () => writeMany(type, writes, call)),
      }),
      ...(readMany && {
        readMany: (type, ids, call) => many('readMany', call, ids.length, () => readMany(type, ids, call)),
      }),
      ...(writeBulk && {
        writeBulk: (type, writes, call) =>
          many('writeBulk', call, writes.length, () => writeBulk(type, writes, call)),
      }),
    }
  }

  async #one<A>(
    method: MemoryRequest['method'],
    call: Call,
    requests: number,
    run: () => Promise<A>,
  ): Promise<A | Failure> {
    const { credential, spend } = call
    spend?.(requests)
    const now = this.#now()
    const counting = this.#quotas.filter(({ only }) => only?.includes(method) ?? true)
    const full = counting.find((quota) => this.#used(quota, credential, now).length + requests > quota.units)
    for (let i = 0; i < requests; i++)
      this.requests.push({ method, credential, at: now, refused: full !== undefined })
    for (const { limit, units, ms, ...quota } of counting) {
      const used = this.#used({ limit, units, ms, ...quota }, credential, now)
      const resetsInMs = (used[0]?.at ?? now) + ms - now
      call.allowance?.({ limit, remaining: Math.max(0, units - used.length), max: units, resetsInMs })
    }
    if (!full) return run()
    const oldest = this.#used(full, credential, now)[0]
    return {
      kind: 'later',
      reason: `${full.limit}: ${full.units} requests in ${full.ms} ms are used up`,
      retryAfterMs: (oldest?.at ?? now) + full.ms - now,
    }
  }

  /** What was carried out of late, oldest first. */
  #used(
    { ms, per = 'account', only }: MemoryQuota,
    credential: string | undefined,
    now: number,
  ): MemoryRequest[] {
    return this.requests.filter(
      (request) =>
        !request.refused &&
        now - request.at < ms &&
        (per === 'account' || request.credential === credential) &&
        (only?.includes(request.method) ?? true),
    )
  }
}
