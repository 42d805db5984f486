/**
 * Writes of one type, in one transaction, each with an outcome of its own (SPEC SQ-20 to SQ-29). A single statement compares and sets; what it found is read in the same transaction, triggers included.
 */
import type { Json, JsonObject } from '@skerry/core'
import type { Call, DeleteRequest, Failure, UpsertRequest, Write, WriteAnswer } from '../adapter-port.ts'
import type { Calls } from './calls.ts'
import { type Connections, type Session, Undone } from './connections.ts'
import { nameOf } from './dialect.ts'
import type { ColumnFacts } from './facts.ts'
import { SqlFailed } from './line.ts'
import { goneRow, type Key, keyOf, type Reader } from './rows.ts'
import type { Shape } from './shape.ts'
import { type Cell, joined, type Sql, sql } from './statement.ts'
import { encoded } from './values.ts'

export class Writer {
  readonly #connections: Connections
  readonly #reader: Reader
  readonly #calls: Calls | undefined

  constructor(connections: Connections, reader: Reader, calls: Calls | undefined) {
    this.#connections = connections
    this.#reader = reader
    this.#calls = calls
  }

  /** @throws SqlFailed when no write of them was carried out, or nobody knows */
  async write(shape: Shape, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    try {
      return await this.#connections.transaction(call, (session) => this.#all(shape, writes, session))
    } catch (error) {
      // What is only seen at COMMIT (a deferred constraint) does not say whose it is: each for itself then.
      if (writes.length === 1 || !(error instanceof SqlFailed) || error.failure.kind !== 'rejected')
        throw error
      const answers: WriteAnswer[] = []
      for (const write of writes) answers.push(...(await this.#alone(shape, write, call)))
      return answers
    }
  }

  async #alone(shape: Shape, write: Write, call: Call): Promise<WriteAnswer[]> {
    try {
      return await this.write(shape, [write], call)
    } catch (error) {
      if (error instanceof SqlFailed) return [failureOf(shape, error)]
      throw error
    }
  }

  async #all(shape: Shape, writes: readonly Write[], session: Session): Promise<WriteAnswer[]> {
    const answers: WriteAnswer[] = []
    for (const write of writes) answers.push(await this.#one(shape, write, session))
    if (!answers.some(({ kind }) => kind === 'done')) throw new Undone(answers)
    return answers
  }

  /** What is refused leaves no trace, and the others go on. @throws SqlFailed when they cannot */
  async #one(shape: Shape, write: Write, session: Session): Promise<WriteAnswer> {
    try {
      return await session.guarded(async () => {
        const kept = await this.#calls?.claim(write.idempotencyKey, session)
        if (kept) return { kind: 'done', row: kept }
        const answer =
          write.action === 'delete'
            ? await this.#delete(shape, write, session)
            : await this.#upsert(shape, write, session)
        if (answer.kind !== 'done') throw new Undone(answer)
        await this.#calls?.keep(write.idempotencyKey, answer.row, session)
        return answer
      })
    } catch (error) {
      if (error instanceof Undone) return error.result as WriteAnswer
      if (!(error instanceof SqlFailed) || error.nature.lost || error.nature.endsTransaction) throw error
      const there = error.nature.duplicate
        ? await this.#reader.byExternalId(shape, write.externalId, session)
        : undefined
      return there && write.action === 'upsert' && write.id === undefined
        ? { kind: 'conflict', row: there.row }
        : failureOf(shape, error)
    }
  }

  async #upsert(shape: Shape, request: UpsertRequest, session: Session): Promise<WriteAnswer> {
    const { fields, id, externalId, expectedVersion, restore } = request
    const cells = this.#cells(shape, fields)
    if (!Array.isArray(cells)) return cells
    if (id !== undefined) {
      const key = keyOf(shape, id)
      const changed = key && (await this.#change(shape, { key, cells, expectedVersion }, session))
      if (changed) return changed
      if (!restore) return { kind: 'conflict', row: goneRow(shape, id, externalId) }
      return this.#create(shape, externalId, cells, session)
    }
    const there =
      expectedVersion === null ? undefined : await this.#reader.byExternalId(shape, externalId, session)
    const changed = there && (await this.#change(shape, { key: there.key, cells, expectedVersion }, session))
    return changed ?? this.#create(shape, externalId, cells, session)
  }

  /** Undefined: there is no such row. */
  async #change(
    shape: Shape,
    {
      key,
      cells,
      expectedVersion,
    }: { key: Key; cells: readonly Written[]; expectedVersion: string | null | undefined },
    session: Session,
  ): Promise<WriteAnswer | undefined> {
    const sets = cells.map(({ column, cell }) => sql`${nameOf(this.#reader.dialect, column)} = ${cell}`)
    const { version } = shape.config
    if (typeof version === 'object' && version.increment) {
      const counted = this.#reader.dialect.quoted(version.column)
      sets.push(sql`${counted} = ${counted} + 1`)
    }
    const written =
      sets.length === 0 || expectedVersion === null
        ? 0
        : (
            await session.run(
              sql`UPDATE ${shape.table} SET ${joined(sets, ', ')} WHERE ${this.#isStill(shape, key, expectedVersion)}`,
            )
          ).affected
    const found = await this.#reader.byKey(shape, key, session)
    if (!found) return undefined
    const nothingToWrite =
      sets.length === 0 && (expectedVersion === undefined || expectedVersion === found.row.version)
    return { kind: written > 0 || nothingToWrite ? 'done' : 'conflict', row: found.row }
  }

  /** @throws SqlFailed, as `duplicate` when there is a row of this external id */
  async #create(
    shape: Shape,
    externalId: string,
    cells: readonly Written[],
    session: Session,
  ): Promise<WriteAnswer> {
    if (!shape.externalId)
      return {
        kind: 'rejected',
        reason: `${shape.type} has no externalId: its rows are changed here, and never made`,
      }
    const written = [
      ...cells.filter(({ column }) => column !== shape.externalId),
      { column: shape.externalId, cell: externalId },
    ]
    const names = written.map(({ column }) => nameOf(this.#reader.dialect, column))
    const values = written.map(({ cell }) => sql`${cell}`)
    await session.run(
      sql`INSERT INTO ${shape.table} (${joined(names, ', ')}) VALUES (${joined(values, ', ')})`,
    )
    const made = await this.#reader.byExternalId(shape, externalId, session)
    if (made) return { kind: 'done', row: made.row }
    return {
      kind: 'rejected',
      reason: `${shape.tableName}: the row that was made cannot be seen; a trigger or a policy took it away`,
    }
  }

  async #delete(shape: Shape, request: DeleteRequest, session: Session): Promise<WriteAnswer> {
    const gone: WriteAnswer = { kind: 'done', row: goneRow(shape, request.id, request.externalId) }
    const key = keyOf(shape, request.id)
    if (!key) return gone
    await session.run(
      sql`DELETE FROM ${shape.table} WHERE ${this.#isStill(shape, key, request.expectedVersion)}`,
    )
    const left = await this.#reader.byKey(shape, key, session)
    return left ? { kind: 'conflict', row: left.row } : gone
  }

  #isStill(shape: Shape, key: Key, version: string | undefined): Sql {
    const isKey = this.#reader.isKey(shape, key)
    return version === undefined ? isKey : sql`${isKey} AND ${shape.version} = ${version}`
  }

  /** What is to be written, or why it cannot be. */
  #cells(shape: Shape, fields: JsonObject): Written[] | Failure {
    const cells: Written[] = []
    for (const [name, value] of Object.entries(fields)) {
      const column = shape.columns.find((one) => one.name === name)
      const fault = column ? undefined : `${shape.type} has no column ${name} among those that are configured`
      const told = column && this.#cell(column, value)
      if (told === undefined || 'fault' in told)
        return { kind: 'rejected', reason: fault ?? told?.fault ?? '', fields: [name] }
      cells.push({ column: column!, cell: told.cell })
    }
    return cells
  }

  #cell(column: ColumnFacts, value: Json): { cell: Cell } | { fault: string } {
    if (column.computed || column.readOnly)
      return { fault: `${column.name} is ${column.sqlType} and only read` }
    return encoded(column, value, this.#reader.dialect.encoding)
  }
}

interface Written {
  column: ColumnFacts
  cell: Cell
}

/** A refusal names the columns of the constraint that refused. */
export function failureOf(shape: Shape, { failure, nature }: SqlFailed): Failure {
  if (failure.kind !== 'rejected' || failure.fields !== undefined) return failure
  const fields = nature.constraint === undefined ? undefined : shape.facts.constraints.get(nature.constraint)
  return { ...failure, fields: fields && [...fields] }
}
