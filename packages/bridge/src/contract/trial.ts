/** The suite's hand on one system, for one case: requests with their ids and keys, listings to their end, and the truth. */
import type { JsonObject } from '@skerry/core'
import { expect } from 'vitest'
import type {
  Adapter,
  Call,
  DeleteRequest,
  ExternalRow,
  ListedRow,
  ReadAnswer,
  UpsertRequest,
  WriteAnswer,
} from '../adapter-port.ts'
import { PAGES_MAX } from './limits.ts'
import type { ContractFaults, ContractSystem, Fault, TrueRow } from './subject.ts'

type Provoke<Name extends keyof ContractFaults> = Extract<
  NonNullable<ContractFaults[Name]>,
  (...given: never[]) => unknown
>

export class Trial {
  readonly system: ContractSystem
  readonly adapter: Adapter
  readonly type: string
  readonly call: Call = { signal: new AbortController().signal }
  #made = 0

  constructor(system: ContractSystem) {
    this.system = system
    this.adapter = system.adapter
    this.type = system.type
  }

  /** A fault that the case's needs say is there. */
  provoke<Name extends keyof ContractFaults>(name: Name): Provoke<Name> {
    const fault: Fault<unknown> | undefined = this.system.faults[name]
    if (typeof fault !== 'function') throw new TypeError(`the case does not say that it needs '${name}'`)
    return fault as Provoke<Name>
  }

  fields(title: string, note?: string | null): JsonObject {
    const names = this.system.fields
    return { [names.title]: title, ...(note !== undefined && { [names.note]: note }) }
  }

  /** A request to make a row of an external id that was never used, unless `more` says otherwise; each has a key of its own. */
  request(fields: JsonObject, more: Partial<UpsertRequest> = {}): UpsertRequest {
    const number = ++this.#made
    return {
      externalId: `skerry:K~${number}.x_y-z`,
      fields,
      expectedVersion: null,
      idempotencyKey: `key-${number}-`.padEnd(48, '0'),
      restore: false,
      ...more,
    }
  }

  /** A request to change this row, under the version it has here. */
  change(row: ExternalRow, fields: JsonObject, more: Partial<UpsertRequest> = {}): UpsertRequest {
    const known = { id: row.id, externalId: row.externalId ?? '', expectedVersion: row.version }
    return this.request(fields, { ...known, ...more })
  }

  removal(row: ExternalRow): DeleteRequest {
    const { idempotencyKey } = this.request({})
    return { id: row.id, externalId: row.externalId ?? '', expectedVersion: row.version, idempotencyKey }
  }

  write(request: UpsertRequest): Promise<WriteAnswer> {
    return this.adapter.upsert(this.type, request, this.call)
  }

  delete(request: DeleteRequest): Promise<WriteAnswer> {
    return this.adapter.delete(this.type, request, this.call)
  }

  /** A row of ours, made. */
  async made(title = 'made here', note = 'and noted'): Promise<ExternalRow> {
    const row = rowOf(await this.write(this.request(this.fields(title, note))), 'done')
    await this.settled()
    return row
  }

  /** Asks, while somebody else acts just before the request of this number that the call makes. `came` says whether there was such a request. */
  async interrupted<Answer>(
    at: number,
    act: () => Promise<unknown>,
    ask: (call: Call) => Promise<Answer>,
  ): Promise<{ answer: Answer; came: boolean }> {
    let requests = 0
    let acted: Promise<unknown> | undefined
    const spend = () => {
      requests += 1
      if (requests === at) acted = act()
    }
    const answer = await ask({ ...this.call, spend })
    await acted
    await this.settled()
    return { answer, came: acted !== undefined }
  }

  async settled(): Promise<void> {
    await this.system.settled?.()
  }

  async read(key: { id: string } | { externalId: string }): Promise<ReadAnswer> {
    await this.settled()
    return this.adapter.read(this.type, key, this.call)
  }

  async row(id: string): Promise<ExternalRow> {
    return rowOf(await this.read({ id }), 'row')
  }

  /** From a position to the end of the listing: every row told, in order. `between` is run once, `after` so many pages (default 1), or at the end of fewer. */
  async told(
    position: string | undefined,
    limit: number,
    {
      adapter = this.adapter,
      between,
      after,
    }: { adapter?: Adapter; between?: () => Promise<void>; after?: number } = {},
  ): Promise<{ rows: ExternalRow[]; position: string }> {
    await this.settled()
    const ask = (at: string | undefined) => adapter.changes(this.type, at, limit, this.call)
    return wholeListing(ask, { position, limit, between, after })
  }

  /** As `told`, of `list`. */
  async listed(
    limit: number,
    between?: () => Promise<void>,
  ): Promise<{ rows: ListedRow[]; position: string; proves: boolean }> {
    await this.settled()
    let proves = true
    const ask = async (at: string | undefined) => {
      const answer = await this.adapter.list!(this.type, at, limit, this.call)
      if (answer.kind === 'page') proves &&= answer.proves
      return answer
    }
    return { ...(await wholeListing(ask, { position: undefined, limit, between })), proves }
  }

  /** Rows that live, as the system has them. */
  async living(): Promise<TrueRow[]> {
    return (await this.system.rows()).filter(({ deleted }) => !deleted)
  }

  /** The living rows of an external id: one, or what went wrong. */
  async livingOf(externalId: string): Promise<TrueRow[]> {
    return (await this.living()).filter((row) => row.externalId === externalId)
  }

  async trueRow(id: string): Promise<TrueRow | undefined> {
    return (await this.living()).find((row) => row.id === id)
  }

  /** The row's fields say this, as the adapter shows them; an empty one is null. */
  expectFields(row: ExternalRow, fields: JsonObject): void {
    const value = this.system.shown?.(row) ?? row.value
    expect(namedOf(value, fields), `fields of ${this.type} ${row.id}`).toEqual(fields)
  }

  /** The system has one living row of this id, and its fields say this. */
  async expectTrue(id: string, fields: JsonObject): Promise<void> {
    const row = await this.trueRow(id)
    expect(row && namedOf(row.value, fields), `${this.type} ${id} in the system`).toEqual(fields)
  }
}

/** The row in an answer that must be of this kind. */
export function rowOf(answer: WriteAnswer | ReadAnswer, kind: 'done' | 'conflict' | 'row'): ExternalRow {
  expectKind(answer, kind)
  return (answer as { row: ExternalRow }).row
}

/** A failure tells its reason in the message: without it, nobody knows where to look. */
export function expectKind(answer: { kind: string }, kind: string, name = 'the answer'): void {
  const because = 'reason' in answer ? `, because of '${String(answer.reason)}',` : ''
  expect(answer, name + because).toMatchObject({ kind })
}

/** What the other value has under the names of the first. */
function namedOf(value: JsonObject, names: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(names).map((name) => [name, value[name] ?? null]))
}

type Answered<Row> =
  | { kind: 'page'; rows: Row[]; next: string; complete: boolean }
  | { kind: Exclude<string, 'page'> }

async function wholeListing<Row>(
  ask: (position: string | undefined) => Promise<Answered<Row>>,
  { position, limit, between, after = 1 }: Listing,
): Promise<{ rows: Row[]; position: string }> {
  const rows: Row[] = []
  let at = position
  let waiting = between
  for (let pages = 1; pages <= PAGES_MAX; pages++) {
    const answer = await ask(at)
    expectKind(answer, 'page', `page ${pages} of the listing`)
    const page = answer as Extract<Answered<Row>, { kind: 'page' }>
    expect(page.rows.length, `rows of page ${pages}`).toBeLessThanOrEqual(limit)
    rows.push(...page.rows)
    at = page.next
    if (pages >= after || page.complete) {
      await waiting?.()
      waiting = undefined
    }
    if (page.complete) return { rows, position: at }
  }
  throw new Error(`the listing did not end within ${PAGES_MAX} pages of ${limit} rows`)
}

interface Listing {
  position: string | undefined
  limit: number
  between?: (() => Promise<void>) | undefined
  after?: number | undefined
}
