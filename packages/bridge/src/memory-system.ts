/** The reference for the adapter port: a small system in memory, with the guarantees in their most obvious form and a ledger of every call. */
import { equalJson, type JsonObject } from '@skerry/core'
import type {
  Adapter,
  Capabilities,
  DeleteRequest,
  ExternalRow,
  ListedRow,
  ReadAnswer,
  TypeSchema,
  UpsertRequest,
  Write,
  WriteAnswer,
} from './adapter-port.ts'
import { MemoryFaults } from './memory-faults.ts'
import { type MemoryQuota, MemoryQuotas, type MemoryRequest } from './memory-quotas.ts'

export interface MemorySystemOptions {
  /** Default `memory`. */
  name?: string
  /** Milliseconds since 1970. Absent: rows have no time, and edits there win what `last-writer` decides. */
  now?: () => number
  /** False: writes go through whatever the row's version is. Default true. */
  compareAndSet?: boolean
  /** True: a write of what is there already makes a new version too, so that no repeat goes unnoticed. Default false. */
  everyWriteCounts?: boolean
  /** True: a write that was carried out is answered alike whenever its idempotency key comes again. Default false. */
  replays?: boolean
  /** How many writes and reads one call takes. Absent: one by one. */
  batch?: Capabilities['batch'] | undefined
  /** Takes jobs. */
  bulk?: Capabilities['bulk'] | undefined
  /** `unseen`: deleted rows are in no page of changes, only a whole listing shows that they are gone. Default `told`. */
  deletions?: Capabilities['deletions']
  /** What `describe` tells; absent: rows hold anything. */
  types?: readonly TypeSchema[] | undefined
  /** A reason to refuse a write. */
  refuses?: (type: string, fields: JsonObject) => string | undefined
  /** Limits of the account or of each credential; they need `now`. */
  quotas?: readonly MemoryQuota[]
  credentials?: readonly string[]
}

export interface MemoryCall {
  method: 'read' | 'changes' | 'upsert' | 'delete'
  type: string
  externalId: string | undefined
  /** Names of the fields written. */
  fields: string[]
  answer: string
  /** A new version of the row was stored. */
  committed: boolean
}

interface Stored extends ExternalRow {
  seq: number
}

export class MemorySystem {
  readonly ledger: MemoryCall[] = []
  readonly faults = new MemoryFaults()
  readonly #options: MemorySystemOptions
  readonly #rows = new Map<string, Stored>()
  /** Keys of rows, by type and external id. */
  readonly #keys = new Map<string, string>()
  readonly #listeners = new Set<(hint: { type: string; id: string; version: string }) => void>()
  /** By idempotency key. */
  readonly #answers = new Map<string, WriteAnswer>()
  readonly #quotas: MemoryQuotas
  #seq = 0
  #ids = 0

  constructor(options: MemorySystemOptions = {}) {
    this.#options = options
    const { quotas = [], now } = options
    if (quotas.length > 0 && !now) throw new TypeError('a system in memory that has quotas needs `now`')
    this.#quotas = new MemoryQuotas(quotas, now ?? (() => 0))
  }

  /** Every request so far, refused ones too. */
  get requests(): readonly MemoryRequest[] {
    return this.#quotas.requests
  }

  /** Rows of a type, tombstones too, in the order in which they were made. */
  rows(type: string): ExternalRow[] {
    return [...this.#rows.values()].filter((row) => row.type === type).map(shown)
  }

  row(type: string, id: string): ExternalRow | undefined {
    const row = this.#rows.get(`${type}/${id}`)
    return row && shown(row)
  }

  /** An edit by somebody else; without an id, a new row. `deleted` deletes or brings back. */
  edit(
    type: string,
    { id, externalId, deleted }: { id?: string; externalId?: string; deleted?: boolean },
    fields: JsonObject,
  ): ExternalRow {
    const known = id === undefined ? undefined : this.#rows.get(`${type}/${id}`)
    const row = known ?? this.#blank(type, externalId)
    return this.#store({ ...row, deleted: deleted ?? row.deleted }, fields, 'office')
  }

  /** Calls that changed a row, of one type. */
  effects(type: string): MemoryCall[] {
    return this.ledger.filter((call) => call.type === type && call.committed)
  }

  /** A new row by somebody whose transaction takes long: it is there once it is committed. */
  begin(type: string, fields: JsonObject): { id: string; commit(): ExternalRow } {
    const blank = this.#blank(type, undefined)
    return { id: blank.id, commit: () => this.#store(blank, fields, 'office') }
  }

  /** As a process has it that begins anew. */
  adapter(): Adapter {
    const { name = 'memory', compareAndSet = true, replays = false } = this.#options
    const { batch, bulk, credentials, deletions = 'told', types } = this.#options
    const adapter: Adapter = {
      name,
      capabilities: {
        compareAndSet,
        replayMs: replays ? Number.MAX_SAFE_INTEGER : 0,
        freshListing: true,
        batch,
        bulk,
        credentials,
        deletions,
      },
      check: async () => ({ kind: 'ok' }),
      read: async (type, key) => this.#read(type, key),
      changes: async (type, position, limit) => {
        const after = Number(position ?? 0)
        const found = [...this.#rows.values()]
          .filter((row) => row.type === type && row.seq > after && !(row.deleted && deletions === 'unseen'))
          .sort((a, b) => a.seq - b.seq)
        const rows = found.slice(0, limit)
        this.#tell({
          method: 'changes',
          type,
          externalId: undefined,
          fields: [],
          answer: 'page',
          committed: false,
        })
        return {
          kind: 'page',
          rows: rows.map(shown),
          next: String(rows.at(-1)?.seq ?? after),
          complete: rows.length === found.length,
        }
      },
      upsert: async (type, request) => this.#upsert(type, request),
      delete: async (type, request) => this.#delete(type, request),
      list: async (type, position, limit) => {
        const from = Number(position ?? 0)
        const all = [...this.#rows.values()].filter((row) => row.type === type)
        const next = from + limit
        const rows = all.slice(from, next).map((row): ListedRow => ({ ...rowKey(row), row: shown(row) }))
        return { kind: 'page', rows, next: String(next), complete: next >= all.length, proves: true }
      },
      ...(batch && {
        writeMany: async (type, writes) => writes.map((write) => this.#write(type, write)),
        readMany: async (type, ids) => ids.map((id) => this.#read(type, { id })),
      }),
      ...(bulk && {
        writeBulk: async (type, writes) => writes.map((write) => this.#write(type, write)),
      }),
      ...(types && {
        describe: async (names) => ({
          kind: 'types',
          types: types.filter(({ type }) => names?.includes(type) ?? true),
        }),
      }),
      listen: async (onHint) => {
        this.#listeners.add(onHint)
        return async () => void this.#listeners.delete(onHint)
      },
    }
    return this.#quotas.around(this.faults.around(adapter))
  }

  #read(type: string, key: { id: string } | { externalId: string }): ReadAnswer {
    const row = 'id' in key ? this.row(type, key.id) : this.#byExternalId(type, key.externalId)
    const externalId = row?.externalId
    const answer = row ? 'row' : 'absent'
    this.#tell({ method: 'read', type, externalId, fields: [], answer, committed: false })
    return row ? { kind: 'row', row: shown(row) } : { kind: 'absent' }
  }

  #write(type: string, write: Write): WriteAnswer {
    return write.action === 'upsert' ? this.#upsert(type, write) : this.#delete(type, write)
  }

  #upsert(type: string, request: UpsertRequest): WriteAnswer {
    const { externalId, id, fields, expectedVersion, idempotencyKey, restore } = request
    const tell = (answer: WriteAnswer, committed: boolean): WriteAnswer => {
      this.#tell({
        method: 'upsert',
        type,
        externalId,
        fields: Object.keys(fields),
        answer: answer.kind,
        committed,
      })
      if (this.#options.replays && answer.kind === 'done') this.#answers.set(idempotencyKey, answer)
      return answer
    }
    const replayed = this.#answers.get(idempotencyKey)
    if (replayed) return tell(structuredClone(replayed), false)
    const refusal = this.#options.refuses?.(type, fields)
    if (refusal !== undefined)
      return tell({ kind: 'rejected', reason: refusal, fields: Object.keys(fields) }, false)
    const known = id === undefined ? this.#byExternalId(type, externalId) : this.#rows.get(`${type}/${id}`)
    if (id !== undefined && !known)
      return tell({ kind: 'rejected', reason: `there is no ${type} ${id}` }, false)
    if (known && (this.#conflicts(known, expectedVersion) || (known.deleted && !restore)))
      return tell({ kind: 'conflict', row: shown(known) }, false)
    const before = known?.version
    const row = this.#store({ ...(known ?? this.#blank(type, externalId)), deleted: false }, fields, 'bridge')
    return tell({ kind: 'done', row }, row.version !== before)
  }

  #delete(type: string, { id, externalId, expectedVersion }: DeleteRequest): WriteAnswer {
    const known = this.#rows.get(`${type}/${id}`)
    const gone: ExternalRow = { type, id, externalId, version: 'gone', deleted: true, value: {} }
    const answer: WriteAnswer =
      !known || known.deleted
        ? { kind: 'done', row: known ? shown(known) : gone }
        : this.#conflicts(known, expectedVersion)
          ? { kind: 'conflict', row: shown(known) }
          : { kind: 'done', row: this.#store({ ...known, deleted: true }, {}, 'bridge') }
    const committed = answer.kind === 'done' && known !== undefined && !known.deleted
    this.#tell({ method: 'delete', type, externalId, fields: [], answer: answer.kind, committed })
    return answer
  }

  #conflicts(row: ExternalRow, expected: string | null | undefined): boolean {
    if (this.#options.compareAndSet === false || expected === undefined) return false
    return row.version !== expected
  }

  #store(row: Stored, fields: JsonObject, by: string): ExternalRow {
    const key = `${row.type}/${row.id}`
    const before = this.#rows.get(key)
    const value = { ...row.value }
    for (const [name, field] of Object.entries(fields)) {
      if (field === null) delete value[name]
      else value[name] = field
    }
    const isSame = before !== undefined && before.deleted === row.deleted && equalJson(before.value, value)
    if (isSame && !this.#options.everyWriteCounts) return shown(before)
    const seq = ++this.#seq
    const version = `v${Number(row.version.slice(1)) + 1}`
    const stored: Stored = {
      ...row,
      value,
      version,
      seq,
      modifiedAt: this.#options.now?.(),
      modifiedBy: by,
    }
    this.#rows.set(key, stored)
    if (row.externalId !== undefined) this.#keys.set(`${row.type}/${row.externalId}`, key)
    for (const listener of this.#listeners) listener({ type: row.type, id: row.id, version })
    return shown(stored)
  }

  #blank(type: string, externalId: string | undefined): Stored {
    return {
      type,
      id: `${type.toUpperCase()}-${++this.#ids}`,
      externalId,
      version: 'v0',
      deleted: false,
      value: {},
      seq: 0,
    }
  }

  #byExternalId(type: string, externalId: string): Stored | undefined {
    return this.#rows.get(this.#keys.get(`${type}/${externalId}`) ?? '')
  }

  #tell(call: MemoryCall): void {
    this.ledger.push(call)
  }
}

function rowKey({ id, externalId, version, deleted }: ExternalRow): ListedRow {
  return { id, externalId, version, deleted }
}

function shown({ seq: _, ...row }: ExternalRow & { seq?: number }): ExternalRow {
  return structuredClone(row)
}
