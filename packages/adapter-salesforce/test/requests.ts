/** Requests of adapters and keys, as a bridge makes them. */
import type { DeleteRequest, ExternalRow, ReadAnswer, UpsertRequest, WriteAnswer } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { expect } from 'vitest'

export function create(
  externalId: string,
  fields: JsonObject,
  more: Partial<UpsertRequest> = {},
): UpsertRequest {
  return { externalId, fields, expectedVersion: null, idempotencyKey: externalId, restore: false, ...more }
}

export function change(row: ExternalRow, fields: JsonObject): UpsertRequest {
  const { id, version: expectedVersion, externalId = '' } = row
  return { externalId, id, fields, expectedVersion, idempotencyKey: 'key', restore: false }
}

export function removal({ id, version: expectedVersion, externalId = '' }: ExternalRow): DeleteRequest {
  return { id, externalId, expectedVersion, idempotencyKey: 'key' }
}

export function rowIn(answer: WriteAnswer | ReadAnswer): ExternalRow {
  expect(answer).toHaveProperty('row')
  return (answer as { row: ExternalRow }).row
}
