/**
 * A system with an API that costs what the measurement says: milliseconds for each call, answers that are lost, calls that are refused. It compares and sets, takes batches, and counts what it is asked.
 * Each row it stores is told to whoever watches, so that an oracle need not believe either side. It shares no code with the bridge but the port's types.
 */
import type { Adapter, ChangesAnswer, ExternalRow, Failure, Write, WriteAnswer } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'

/** Shares of all calls, each 0 … 1. */
export interface FaultShares {
  /** Carried out, and the answer is lost. */
  lost: number
  /** 500: not carried out, and nobody can tell. */
  broken: number
  /** 503: not carried out. */
  busy: number
  /** 429 with Retry-After. */
  quota: number
}

export interface StandInOptions {
  name: string
  /** Milliseconds since 1970. */
  now: () => number
  /** Resolves when half of a call's time has passed: before it is carried out, and before it is answered. */
  onTheWay: () => Promise<void>
  /** Writes in one batch; 1: one by one. */
  batch: number
  /** A write that was carried out is answered alike when its key comes again. */
  replays: boolean
  faults?: { shares: FaultShares; random: () => number; isOn: () => boolean }
  /** Told of each version of a row that was stored, by whom, and under which key. */
  stored?: (commit: Commit) => void
}

export interface Commit {
  row: ExternalRow
  fields: JsonObject
  /** Absent: somebody there. */
  key?: string
  isNew: boolean
}

export interface Counted {
  /** By method; a batch is one call. */
  calls: Record<string, number>
  writeCalls: number
  /** Writes carried, a batch being many. */
  writes: number
  /** Of the JSON that writes were sent as. */
  bytesWritten: number
  struck: Record<keyof FaultShares, number>
}

const RETRY_AFTER_MS = 2_000

interface Kept {
  row: ExternalRow
  number: number
}

export class StandIn {
  readonly #options: StandInOptions
  readonly #rows = new Map<string, Kept>()
  readonly #byExternalId = new Map<string, string>()
  readonly #answers = new Map<string, WriteAnswer>()
  /** Ids of rows in the order in which they were stored; one that was stored again since stands here twice. */
  readonly #stored: string[] = []
  #made = 0
  counted: Counted = nothingCounted()

  constructor(options: StandInOptions) {
    this.#options = options
  }

  forgetCounts(): void {
    this.counted = nothingCounted()
  }

  rows(): ExternalRow[] {
    return [...this.#rows.values()].map(({ row }) => row)
  }

  row(id: string): ExternalRow | undefined {
    return this.#rows.get(id)?.row
  }

  /** An edit by somebody there; without an id a new row. */
  edit(id: string | undefined, fields: JsonObject): ExternalRow {
    return this.#store(id === undefined ? undefined : this.#rows.get(id)?.row, fields, {})
  }

  adapter(): Adapter {
    const { name, batch, replays } = this.#options
    return {
      name,
      capabilities: {
        compareAndSet: true,
        replayMs: replays ? Number.MAX_SAFE_INTEGER : 0,
        freshListing: true,
        ...(batch > 1 && { batch: { writesMax: batch, readsMax: batch } }),
      },
      check: async () => ({ kind: 'ok' }),
      read: (_, key) => this.#call('read', () => this.#read(key)),
      changes: (_, position, limit) => this.#call('changes', () => this.#changes(position, limit)),
      upsert: (type, request) =>
        this.#write('upsert', () => this.#upsert({ action: 'upsert', ...request }, type), [request]),
      delete: async () => ({ kind: 'rejected', reason: 'this stand-in deletes nothing' }),
      ...(batch > 1 && {
        readMany: async (_, ids) => {
          const answer = await this.#call('readMany', () => ids.map((id) => this.#read({ id })))
          return Array.isArray(answer) ? answer : ids.map(() => answer)
        },
        writeMany: async (type, writes) => {
          const answer = await this.#write(
            'writeMany',
            () => writes.map((write) => this.#upsert(write, type)),
            writes,
          )
          return Array.isArray(answer) ? answer : writes.map(() => answer)
        },
      }),
    }
  }

  #write<Answer>(method: string, work: () => Answer, writes: readonly object[]): Promise<Answer | Failure> {
    this.counted.writeCalls += 1
    this.counted.writes += writes.length
    this.counted.bytesWritten += JSON.stringify(writes).length
    return this.#call(method, work)
  }

  async #call<Answer>(method: string, work: () => Answer): Promise<Answer | Failure> {
    const { calls } = this.counted
    calls[method] = (calls[method] ?? 0) + 1
    const fault = this.#drawFault()
    if (fault) this.counted.struck[fault] += 1
    await this.#options.onTheWay()
    const answer = fault === undefined || fault === 'lost' ? work() : undefined
    await this.#options.onTheWay()
    if (fault === 'lost') return { kind: 'unknown', reason: 'the answer was lost' }
    if (fault === 'broken') return { kind: 'unknown', reason: '500' }
    if (fault === 'busy') return { kind: 'later', reason: '503' }
    if (fault === 'quota') return { kind: 'later', reason: '429', retryAfterMs: RETRY_AFTER_MS }
    return answer!
  }

  #drawFault(): keyof FaultShares | undefined {
    const { faults } = this.#options
    if (!faults?.isOn()) return undefined
    let drawn = faults.random()
    for (const [name, share] of Object.entries(faults.shares)) {
      if (drawn < share) return name as keyof FaultShares
      drawn -= share
    }
    return undefined
  }

  #read(key: { id: string } | { externalId: string }) {
    const row = 'id' in key ? this.row(key.id) : this.#known(key.externalId)
    return row ? ({ kind: 'row', row } as const) : ({ kind: 'absent' } as const)
  }

  #changes(position: string | undefined, limit: number): ChangesAnswer {
    const rows: ExternalRow[] = []
    let at = Number(position ?? 0)
    for (; at < this.#stored.length && rows.length < limit; at++) {
      const kept = this.#rows.get(this.#stored[at]!)!
      if (kept.number === at) rows.push(kept.row)
    }
    return { kind: 'page', rows, next: String(at), complete: at === this.#stored.length }
  }

  #upsert(write: Write, type: string): WriteAnswer {
    if (write.action === 'delete') return { kind: 'rejected', reason: 'this stand-in deletes nothing' }
    const { externalId, id, fields, expectedVersion, idempotencyKey } = write
    const replayed = this.#answers.get(idempotencyKey)
    if (replayed) return replayed
    const known = id === undefined ? this.#known(externalId) : this.row(id)
    if (known && expectedVersion !== undefined && known.version !== expectedVersion)
      return { kind: 'conflict', row: known }
    const row = this.#store(known, fields, { type, externalId, key: idempotencyKey })
    const answer: WriteAnswer = { kind: 'done', row }
    if (this.#options.replays) this.#answers.set(idempotencyKey, answer)
    return answer
  }

  #known(externalId: string): ExternalRow | undefined {
    const id = this.#byExternalId.get(externalId)
    return id === undefined ? undefined : this.row(id)
  }

  #store(
    before: ExternalRow | undefined,
    fields: JsonObject,
    { type = 'jobs', externalId, key }: { type?: string; externalId?: string; key?: string },
  ): ExternalRow {
    const value = { ...before?.value }
    for (const [name, field] of Object.entries(fields))
      if (field === null) delete value[name]
      else value[name] = field
    const row: ExternalRow = {
      type: before?.type ?? type,
      id: before?.id ?? `R${++this.#made}`,
      externalId: before?.externalId ?? externalId,
      version: String(Number(before?.version ?? 0) + 1),
      modifiedAt: this.#options.now(),
      deleted: false,
      value,
    }
    this.#rows.set(row.id, { row, number: this.#stored.length })
    this.#stored.push(row.id)
    if (row.externalId !== undefined) this.#byExternalId.set(row.externalId, row.id)
    this.#options.stored?.({ row, fields, isNew: before === undefined, ...(key !== undefined && { key }) })
    return row
  }
}

function nothingCounted(): Counted {
  return {
    calls: {},
    writeCalls: 0,
    writes: 0,
    bytesWritten: 0,
    struck: { lost: 0, broken: 0, busy: 0, quota: 0 },
  }
}
