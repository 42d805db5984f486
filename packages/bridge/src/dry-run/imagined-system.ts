/**
 * A system in which nothing is written: reads and listings go to the real one, and writes are answered here, as it would answer them if it had nothing against them. What was written so is seen by
 * whoever reads afterwards. The real adapter stands behind a type that has no methods that write (SPEC B-180).
 */
import type { JsonObject } from '@skerry/core'
import type {
  Adapter,
  Call,
  DeleteRequest,
  ExternalRow,
  Failure,
  ListAnswer,
  ListedRow,
  ReadAnswer,
  UpsertRequest,
  Write,
  WriteAnswer,
} from '../adapter-port.ts'
import type { Reader } from '../delivery/metered.ts'
import type { WriteKind } from '../outbox.ts'
import type { Units } from './counted.ts'
import { KnownRows } from './known-rows.ts'

export interface ImaginedWrite {
  type: string
  kind: WriteKind
  /** Of a row that is to be made one that tells it apart from the real ones. */
  id: string
  externalId: string
  /** By external name; empty for a delete. */
  fields: JsonObject
}

export interface ImaginedOptions {
  /** The real one. */
  system: Reader
  /** Of writes, and of calls that the real run makes and this one need not. */
  units: Units
  /** A row as the bridge knows it. */
  rowOf(type: string, id: string): Promise<ExternalRow | undefined>
  /** Idempotency keys of calls that have begun: they may have been carried out, and then the row is not as the bridge knows it. */
  inDoubt: ReadonlySet<string>
  wrote(write: ImaginedWrite): Promise<void>
}

const PREFIX = 'new:'
/** Version of a row that was written here; the real ones are never ordered, and are not like this. */
const VERSION = 'planned/'

export class ImaginedSystem {
  readonly #options: ImaginedOptions
  readonly #known: KnownRows
  readonly #rows = new Map<string, ExternalRow>()
  readonly #ids = new Map<string, string>()
  #versions = 0

  constructor(options: ImaginedOptions) {
    this.#options = options
    this.#known = new KnownRows()
  }

  /** Rows that the system showed, by type. */
  get known(): KnownRows {
    return this.#known
  }

  /** @param adapter the real one, for its name and what it can do alone */
  adapter({ name, capabilities, writeMany, writeBulk }: Adapter): Adapter {
    const { system, units } = this.#options
    const one = (type: string, write: Write, call: Call) =>
      write.action === 'upsert' ? this.#upsert(type, write, call) : this.#delete(type, write, call)
    const many = (pool: 'write' | 'bulk') => async (type: string, writes: readonly Write[], call: Call) => {
      units[pool] += 1
      const answers: WriteAnswer[] = []
      for (const write of writes) answers.push(await one(type, write, call))
      return answers
    }
    const single = (type: string, write: Write, call: Call) => {
      units.write += 1
      return one(type, write, call)
    }
    const { list, latest, readMany, describe } = system
    return {
      name,
      capabilities,
      check: (call) => system.check(call),
      read: (type, key, call) => this.#read(type, key, call),
      changes: async (type, position, limit, call) => {
        const answer = await system.changes(type, position, limit, call)
        if (answer.kind !== 'page') {
          this.#known.failed(type)
          return answer
        }
        for (const row of answer.rows) this.#known.saw(row)
        if (answer.complete) this.#known.toldAll(type, 'changes')
        return { ...answer, rows: answer.rows.map((row) => this.#rows.get(keyOf(type, row.id)) ?? row) }
      },
      upsert: (type, request, call) => single(type, { action: 'upsert', ...request }, call),
      delete: (type, request, call) => single(type, { action: 'delete', ...request }, call),
      ...(list && {
        list: async (type, position, limit, call) =>
          this.#listed(type, await list(type, position, limit, call)),
      }),
      ...(latest && {
        latest: (type, call) => {
          this.#known.willList(type)
          return latest(type, call)
        },
      }),
      ...(writeMany && { writeMany: many('write') }),
      ...(writeBulk && { writeBulk: many('bulk') }),
      ...(readMany && {
        readMany: async (type, ids, call) => {
          const answers = await readMany(type, ids, call)
          return answers.map((answer, i) => this.#asWritten(type, ids[i]!) ?? answer)
        },
      }),
      ...(describe && { describe }),
    }
  }

  #asWritten(type: string, id: string): ReadAnswer | undefined {
    const row = this.#rows.get(keyOf(type, id))
    return row && { kind: 'row', row: structuredClone(row) }
  }

  async #read(type: string, key: { id: string } | { externalId: string }, call: Call): Promise<ReadAnswer> {
    const id = 'id' in key ? key.id : this.#ids.get(keyOf(type, key.externalId))
    const written = id === undefined ? undefined : this.#asWritten(type, id)
    if (written) return written
    if ('externalId' in key && this.#known.lacks(type, key.externalId)) {
      this.#options.units.read += 1
      return { kind: 'absent' }
    }
    return this.#options.system.read(type, key, call)
  }

  #listed(type: string, answer: ListAnswer): ListAnswer {
    if (answer.kind !== 'page') {
      this.#known.failed(type)
      return answer
    }
    for (const row of answer.rows) this.#known.saw({ type, ...row })
    if (answer.complete) this.#known.toldAll(type, 'list')
    const rows = answer.rows.map((listed): ListedRow => {
      const row = this.#rows.get(keyOf(type, listed.id))
      return row ? { ...listed, version: row.version, deleted: row.deleted, row } : listed
    })
    const made = answer.complete
      ? [...this.#rows.values()].filter((row) => row.type === type && isNew(row.id))
      : []
    return { ...answer, rows: [...rows, ...made] }
  }

  async #upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    const { externalId, fields, expectedVersion, restore } = request
    const found =
      request.id === undefined
        ? await this.#found(type, externalId, call)
        : await this.#at(type, { ...request, id: request.id }, call)
    if (found && 'kind' in found) return found
    if (found && this.#conflicts(found, expectedVersion, restore)) return { kind: 'conflict', row: found }
    const id = found?.id ?? `${PREFIX}${externalId}`
    const row = this.#put({
      type,
      id,
      externalId: found?.externalId ?? externalId,
      deleted: false,
      value: { ...found?.value, ...fields },
    })
    const kind = restore ? 'restore' : found ? 'update' : 'create'
    await this.#options.wrote({ type, kind, id, externalId, fields })
    return { kind: 'done', row }
  }

  async #delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    const { id, externalId, expectedVersion } = request
    const found = await this.#at(type, request, call)
    if (found && 'kind' in found) return found
    if (found?.deleted) return { kind: 'done', row: found }
    if (found && this.#conflicts(found, expectedVersion, false)) return { kind: 'conflict', row: found }
    const row = this.#put({ type, id, externalId, deleted: true, value: {} })
    await this.#options.wrote({ type, kind: 'delete', id, externalId, fields: {} })
    return { kind: 'done', row }
  }

  /** A row of this external id that is there already: only the system knows, unless it has shown all it has. */
  async #found(
    type: string,
    externalId: string,
    call: Call,
  ): Promise<ExternalRow | Exclude<ReadAnswer, { kind: 'row' | 'absent' }> | undefined> {
    const id = this.#ids.get(keyOf(type, externalId))
    if (id !== undefined) return this.#rows.get(keyOf(type, id))
    await this.#known.whole(type)
    if (this.#known.lacks(type, externalId)) return undefined
    const answer = await this.#options.system.read(type, { externalId }, call)
    if (answer.kind === 'absent') return undefined
    return answer.kind === 'row' ? answer.row : answer
  }

  /** As it was written here, or as the bridge knows it; of a call in doubt as the system has it. */
  async #at(
    type: string,
    { id, idempotencyKey }: { id: string; idempotencyKey: string },
    call: Call,
  ): Promise<ExternalRow | Failure | undefined> {
    const { inDoubt, system, rowOf } = this.#options
    const written = this.#rows.get(keyOf(type, id))
    if (written || !inDoubt.has(idempotencyKey)) return written ?? rowOf(type, id)
    const answer = await system.read(type, { id }, call)
    if (answer.kind === 'row') return answer.row
    if (answer.kind !== 'absent') return answer
    const known = await rowOf(type, id)
    return known && { ...known, deleted: true, value: {} }
  }

  #conflicts(row: ExternalRow, expected: string | null | undefined, restore: boolean): boolean {
    if (row.deleted && !restore) return true
    return expected === null || (typeof expected === 'string' && row.version !== expected)
  }

  #put(row: Omit<ExternalRow, 'version'>): ExternalRow {
    const stored = { ...row, version: `${VERSION}${++this.#versions}` }
    this.#rows.set(keyOf(row.type, row.id), stored)
    if (row.externalId !== undefined) this.#ids.set(keyOf(row.type, row.externalId), row.id)
    return structuredClone(stored)
  }
}

/** True for the id of a row that is not there yet. */
export function isNew(id: string): boolean {
  return id.startsWith(PREFIX)
}

function keyOf(type: string, id: string): string {
  return `${type}\n${id}`
}
