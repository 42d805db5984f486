/** The adapter port on a SQL database: each method leads to the file that knows how. Retries, budgets and conflicts are the bridge's business. */
import type {
  Adapter,
  Call,
  Capabilities,
  ChangesAnswer,
  DeleteRequest,
  DescribeAnswer,
  Failure,
  ListAnswer,
  ReadAnswer,
  UpsertRequest,
  Write,
  WriteAnswer,
} from '../adapter-port.ts'
import type { Calls } from './calls.ts'
import { Changes, listedBehind, type Source } from './changes.ts'
import type { Connections, Session } from './connections.ts'
import { isUnique, typeSchemaOf } from './facts.ts'
import { SqlFailed } from './line.ts'
import { readList } from './position.ts'
import { keyOf, type Reader } from './rows.ts'
import type { Shape } from './shape.ts'
import { Shapes } from './shapes.ts'
import type { TableConfig } from './table-config.ts'
import { failureOf, Writer } from './writer.ts'

export interface SqlAdapterParts {
  name: string
  connections: Connections
  reader: Reader
  tables: Readonly<Record<string, TableConfig>>
  calls: Calls | undefined
  source: Source
  batchRows: number
}

export class SqlAdapter implements Adapter {
  readonly name: string
  readonly capabilities: Capabilities
  readonly #connections: Connections
  readonly #reader: Reader
  readonly #tables: Readonly<Record<string, TableConfig>>
  readonly #shapes: Shapes
  readonly #writer: Writer
  readonly #changes: Changes
  readonly #source: Source
  readonly #calls: Calls | undefined
  readonly #batchRows: number

  constructor({ name, connections, reader, tables, calls, source, batchRows }: SqlAdapterParts) {
    this.name = name
    this.capabilities = {
      compareAndSet: true,
      replayMs: calls?.replayMs ?? 0,
      freshListing: true,
      batch: { writesMax: batchRows, readsMax: batchRows },
      deletions: source.tellsDeletions ? 'told' : 'unseen',
      emptyFields: 'shown',
    }
    this.#connections = connections
    this.#reader = reader
    this.#tables = tables
    this.#shapes = new Shapes(reader.dialect, tables)
    this.#writer = new Writer(connections, reader, calls)
    this.#changes = new Changes(reader, source)
    this.#source = source
    this.#calls = calls
    this.#batchRows = batchRows
  }

  check(call: Call): Promise<{ kind: 'ok' } | Failure> {
    this.#shapes.forget()
    return this.#answered(() =>
      this.withShapes(call, async (shapes, session) => {
        await this.#calls?.check(session)
        const faults = [
          ...shapes.flatMap(faultsOf),
          ...(await this.#reader.dialect.faults(shapes, session)),
          ...(await this.#source.faults(shapes, session)),
        ]
        return faults.length === 0 ? { kind: 'ok' } : { kind: 'rejected', reason: faults.join('; ') }
      }),
    )
  }

  read(type: string, key: { id: string } | { externalId: string }, call: Call): Promise<ReadAnswer> {
    return this.#reading(type, call, async (shape, session): Promise<ReadAnswer> => {
      if ('id' in key) return (await this.#byIds(shape, [key.id], session))[0]!
      const found = await this.#reader.byExternalId(shape, key.externalId, session)
      return found ? { kind: 'row', row: found.row } : { kind: 'absent' }
    })
  }

  async readMany(type: string, ids: readonly string[], call: Call): Promise<ReadAnswer[]> {
    const answers: ReadAnswer[] = []
    for (let at = 0; at < ids.length; at += this.#batchRows) {
      const some = ids.slice(at, at + this.#batchRows)
      const read = await this.#reading(type, call, (shape, session) => this.#byIds(shape, some, session))
      answers.push(...(Array.isArray(read) ? read : some.map(() => read)))
    }
    return answers
  }

  changes(type: string, position: string | undefined, limit: number, call: Call): Promise<ChangesAnswer> {
    const work = async (shape: Shape, session: Session) => {
      await this.#calls?.forget(session)
      return this.#changes.page(shape, position, limit, session)
    }
    return this.#source.writes ? this.#writing(type, call, work) : this.#reading(type, call, work)
  }

  list(type: string, position: string | undefined, limit: number, call: Call): Promise<ListAnswer> {
    return this.#reading(type, call, async (shape, session): Promise<ListAnswer> => {
      const behind = position === undefined ? [] : readList(position, shape)
      if (!behind) return { kind: 'expired' }
      const found = await listedBehind(this.#reader, shape, { behind, limit }, session)
      return {
        kind: 'page',
        rows: found.map(({ row }) => ({
          id: row.id,
          externalId: row.externalId,
          version: row.version,
          deleted: false,
          row,
        })),
        next: JSON.stringify({ behind: found.at(-1)?.key ?? behind }),
        complete: found.length < limit,
        proves: !shape.facts.hidesRows,
      }
    })
  }

  async upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    return (await this.writeMany(type, [{ action: 'upsert', ...request }], call))[0]!
  }

  async delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    return (await this.writeMany(type, [{ action: 'delete', ...request }], call))[0]!
  }

  async writeMany(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    const answers: WriteAnswer[] = []
    for (let at = 0; at < writes.length; at += this.#batchRows)
      answers.push(...(await this.#writeSome(type, writes.slice(at, at + this.#batchRows), call)))
    return answers
  }

  describe(types: readonly string[] | undefined, call: Call): Promise<DescribeAnswer> {
    return this.#answered(() =>
      this.#connections.use(call, async (session): Promise<DescribeAnswer> => {
        this.#shapes.forget()
        const described: Extract<DescribeAnswer, { kind: 'types' }>['types'] = []
        for (const type of types ?? this.#shapes.types) {
          const config = this.#tables[type]
          if (!config) return { kind: 'rejected', reason: `'${type}' is none of the configured tables` }
          const facts = await this.#shapes.factsOf(type, session)
          if (!('columns' in facts)) return facts
          described.push(typeSchemaOf(type, config, facts, (table) => this.#typesOf(table)))
        }
        return { kind: 'types', types: described }
      }),
    )
  }

  /** Ends its connections; the adapter is of no use afterwards. */
  async close(): Promise<void> {
    this.#connections.close()
  }

  /** Work on every configured table. @throws SqlFailed */
  protected withShapes<Result>(
    call: Call,
    work: (shapes: readonly Shape[], session: Session) => Promise<Result>,
  ): Promise<Result> {
    return this.#connections.use(call, async (session) => {
      const shapes: Shape[] = []
      for (const type of this.#shapes.types) {
        const shaped = await this.#shapes.of(type, session)
        if (shaped.kind !== 'shape') throw new SqlFailed(shaped)
        shapes.push(shaped.shape)
      }
      return work(shapes, session)
    })
  }

  async #writeSome(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    const shaped = await this.#reading(type, call, async (shape) => ({ kind: 'shape' as const, shape }))
    if (shaped.kind !== 'shape') return writes.map(() => shaped)
    const written = await this.#answered(() => this.#writer.write(shaped.shape, writes, call), shaped.shape)
    return Array.isArray(written) ? written : writes.map(() => written)
  }

  #reading<Answer>(
    type: string,
    call: Call,
    work: (shape: Shape, session: Session) => Promise<Answer>,
  ): Promise<Answer | Failure> {
    return this.#answered(() => this.#connections.use(call, (session) => this.#shaped(type, session, work)))
  }

  #writing<Answer>(
    type: string,
    call: Call,
    work: (shape: Shape, session: Session) => Promise<Answer>,
  ): Promise<Answer | Failure> {
    return this.#answered(() =>
      this.#connections.transaction(call, (session) => this.#shaped(type, session, work)),
    )
  }

  async #shaped<Answer>(
    type: string,
    session: Session,
    work: (shape: Shape, session: Session) => Promise<Answer>,
  ): Promise<Answer | Failure> {
    const shaped = await this.#shapes.of(type, session)
    return shaped.kind === 'shape' ? work(shaped.shape, session) : shaped
  }

  /** What the database refused, as an answer. */
  async #answered<Answer>(work: () => Promise<Answer>, shape?: Shape): Promise<Answer | Failure> {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof SqlFailed)) throw error
      if (error.nature.drift) this.#shapes.forget()
      return shape ? failureOf(shape, error) : error.failure
    }
  }

  async #byIds(shape: Shape, ids: readonly string[], session: Session): Promise<ReadAnswer[]> {
    const keys = ids.flatMap((id) => {
      const key = keyOf(shape, id)
      return key ? [key] : []
    })
    const rows = new Map((await this.#reader.byKeys(shape, keys, session)).map(({ row }) => [row.id, row]))
    return ids.map((id) => {
      const row = rows.get(id)
      return row ? { kind: 'row', row } : { kind: 'absent' }
    })
  }

  #typesOf(table: string): readonly string[] {
    const named = Object.entries(this.#tables).filter(([type, config]) => (config.table ?? type) === table)
    return named.length === 0 ? [table] : named.map(([type]) => type)
  }
}

function faultsOf({ type, facts, key, externalId }: Shape): string[] {
  const faults: string[] = []
  const names = key.map(({ name }) => name)
  if (!facts.uniques.some((columns) => columns.every((one) => names.includes(one))))
    faults.push(`${type}: nothing says that ${names.join(', ')} is unique`)
  if (externalId && !isUnique(facts, externalId.name))
    faults.push(
      `${type}: ${externalId.name} is not unique, so that an answer that is lost could make a row twice`,
    )
  if (externalId && externalId.kind !== 'text')
    faults.push(`${type}: ${externalId.name} is ${externalId.sqlType}, and no text`)
  return faults
}
