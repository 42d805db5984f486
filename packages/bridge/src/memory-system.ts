/** The reference for the adapter port: a small system in memory, with the guarantees in their most obvious form and a ledger of every call. */
import { equalJson, type JsonObject } from '@skerry/core'
import type {
  Adapter,
  Capabilities,
  ChangesAnswer,
  DeleteRequest,
  ExternalRow,
  Hint,
  ListAnswer,
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
  /** True: it names the position from which on changes are told (`latest`). Default false. */
  namesPositions?: boolean
  /** `unsure`: a row keeps its version, whatever is written into it. Default `sure`. */
  versions?: 'sure' | 'unsure'
  /** True: `changes` and `list` show what was there at the last `index()`. Default false. */
  lags?: boolean
  /** Pushes that are lost. Default none. */
  losesPush?: (hint: Hint) => boolean
}

export interface MemoryCall {
  method: 'read' | 'changes' | 'list' | 'latest' | 'upsert' | 'delete'
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
  readonly #listeners = new Set<(hint: Hint) => void>()
  /** By idempotency key. */
  readonly #answers = new Map<string, WriteAnswer>()
  readonly #quotas: MemoryQuotas
  #seq = 0
  #ids = 0
  /** Positions of an earlier one are worth nothing. */
  #epoch = 0
  /** What listings show of a system that lags. */
  #indexed: readonly Stored[] = []

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

  /** Listings show what is there now. */
  index(): void {
    this.#indexed = [...this.#rows.values()]
  }

  /** Positions given out so far are worth nothing any more. */
  expirePositions(): void {
    this.#epoch += 1
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
    const { name = 'memory', compareAndSet = true, replays = false, lags = false } = this.#options
    const { batch, bulk, credentials, types } = this.#options
    const { deletions = 'told', versions = 'sure', namesPositions = false } = this.#options
    const adapter: Adapter = {
      name,
      capabilities: {
        compareAndSet,
        replayMs: replays ? Number.MAX_SAFE_INTEGER : 0,
        freshListing: !lags,
        batch,
        bulk,
        credentials,
        deletions,
        versions,
      },
      check: async () => ({ kind: 'ok' }),
      read: async (type, key) => this.#read(type, key),
      changes: async (type, position, limit) => {
        const answer = this.#changes(type, position, limit)
        this.#tell(call('changes', type, answer.kind))
        return answer
      },
      list: async (type, position, limit) => {
        const answer = this.#list(type, position, limit)
        this.#tell(call('list', type, answer.kind))
        return answer
      },
      ...(namesPositions && {
        latest: async (type) => {
          this.#tell(call('latest', type, 'position'))
          const newest = this.#listed(type).reduce((seq, row) => Math.max(seq, row.seq), 0)
          return { kind: 'position', position: this.#position(newest) }
        },
      }),
      upsert: async (type, request) => this.#upsert(type, request),
      delete: async (type, request) => this.#delete(type, request),
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
    const found = 'id' in key ? this.row(type, key.id) : this.#byExternalId(type, key.externalId)
    const row = found && this.#isSeen(found) ? found : undefined
    this.#tell(call('read', type, row ? 'row' : 'absent', row?.externalId))
    return row ? { kind: 'row', row: shown(row) } : { kind: 'absent' }
  }

  #write(type: string, write: Write): WriteAnswer {
    return write.action === 'upsert' ? this.#upsert(type, write) : this.#delete(type, write)
  }

  #changes(type: string, position: string | undefined, limit: number): ChangesAnswer {
    const after = this.#after(position)
    if (after === undefined) return { kind: 'expired' }
    const found = this.#listed(type)
      .filter((row) => row.seq > after && this.#isSeen(row))
      .sort((a, b) => a.seq - b.seq)
    const rows = found.slice(0, limit)
    return {
      kind: 'page',
      rows: rows.map(shown),
      next: this.#position(rows.at(-1)?.seq ?? after),
      complete: rows.length === found.length,
    }
  }

  /** In the order in which rows were made. */
  #list(type: string, position: string | undefined, limit: number): ListAnswer {
    const from = this.#after(position)
    if (from === undefined) return { kind: 'expired' }
    const made = this.#listed(type)
    const rows = made.slice(from, from + limit).filter((row) => this.#isSeen(row))
    return {
      kind: 'page',
      rows: rows.map(({ id, externalId, version, deleted }) => ({ id, externalId, version, deleted })),
      next: this.#position(from + limit),
      complete: from + limit >= made.length,
      proves: true,
    }
  }

  #listed(type: string): Stored[] {
    const rows = this.#options.lags ? this.#indexed : [...this.#rows.values()]
    return rows.filter((row) => row.type === type)
  }

  #isSeen({ deleted }: ExternalRow): boolean {
    return !deleted || this.#options.deletions !== 'unseen'
  }

  #position(number: number): string {
    return `${this.#epoch}/${number}`
  }

  /** Undefined for a position of an earlier epoch. */
  #after(position: string | undefined): number | undefined {
    if (position === undefined) return 0
    const [epoch, number] = position.split('/').map(Number)
    return epoch === this.#epoch ? number : undefined
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
    const isKept = before !== undefined && this.#options.versions === 'unsure'
    const version = isKept ? before.version : `v${Number(row.version.slice(1)) + 1}`
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
    const hint = { type: row.type, id: row.id, version }
    if (!this.#options.losesPush?.(hint)) for (const listener of this.#listeners) listener(hint)
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

/** A call that wrote nothing. */
function call(method: MemoryCall['method'], type: string, answer: string, externalId?: string): MemoryCall {
  return { method, type, externalId, fields: [], answer, committed: false }
}

function shown({ seq: _, ...row }: ExternalRow & { seq?: number }): ExternalRow {
  return structuredClone(row)
}
