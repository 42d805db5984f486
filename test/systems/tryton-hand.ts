/** A test's hand on an adapter: requests with their ids and keys, and what the server was called for. */
import type { Adapter, Call, ExternalRow, UpsertRequest, WriteAnswer } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { expect } from 'vitest'
import { methodOf } from './tryton-calls.ts'
import type { TrytonStand } from './tryton-stand.ts'

export class Hand {
  readonly call: Call = { signal: new AbortController().signal }
  readonly adapter: Adapter
  readonly #stand: TrytonStand
  #made = 0

  constructor(stand: TrytonStand, adapter: Adapter) {
    this.#stand = stand
    this.adapter = adapter
  }

  /** To make a row; each has an external id of its own. */
  request(fields: JsonObject, more: Partial<UpsertRequest> = {}): UpsertRequest {
    this.#made += 1
    const key = `${this.#made}`
    const plain = { externalId: `skerry:w${key}`, idempotencyKey: key, expectedVersion: null, restore: false }
    return { ...plain, fields, ...more }
  }

  /** To change this row, under the version it has here. */
  change({ id, externalId = '', version }: ExternalRow, fields: JsonObject): UpsertRequest {
    return this.request(fields, { id, externalId, expectedVersion: version })
  }

  write(type: string, request: UpsertRequest): Promise<WriteAnswer> {
    return this.adapter.upsert(type, request, this.call)
  }

  async created(type: string, fields: JsonObject): Promise<ExternalRow> {
    return done(await this.write(type, this.request(fields)))
  }

  async row(type: string, id: number | string): Promise<ExternalRow> {
    const answer = await this.adapter.read(type, { id: String(id) }, this.call)
    expect(answer, JSON.stringify(answer)).toMatchObject({ kind: 'row' })
    return (answer as { row: ExternalRow }).row
  }

  /** Methods that the server was called for while `act` ran. */
  async called(act: () => Promise<unknown>): Promise<string[]> {
    const before = this.#stand.proxy.passed.length
    await act()
    return this.#stand.proxy.passed.slice(before).map(({ request }) => methodOf(request))
  }

  /** The same, of those that write. */
  async written(act: () => Promise<unknown>): Promise<string[]> {
    const methods = await this.called(act)
    return methods.filter((method) => !/search_read|fields_get|login|get_preferences/.test(method))
  }
}

export function done(answer: WriteAnswer): ExternalRow {
  expect(answer, JSON.stringify(answer)).toMatchObject({ kind: 'done' })
  return (answer as { row: ExternalRow }).row
}
