/** A shop of two tables for tests that are about more than the contract: what columns there are, keys of two columns, money. */
import { type PostgresAdapterOptions, postgresAdapter, setupSql } from '@skerry/adapter-postgres'
import type { Call, ExternalRow, UpsertRequest } from '@skerry/bridge'
import { expect, onTestFinished } from 'vitest'
import { ROLE, type Stand } from './stand.ts'

export const call: Call = { signal: new AbortController().signal }

const SHOP = `
  DROP TABLE IF EXISTS lines, orders, skerry_outbox, skerry_calls CASCADE; DROP TYPE IF EXISTS state;
  CREATE TYPE state AS ENUM ('open', 'paid');
  CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, skerry_id text UNIQUE, title varchar(40) NOT NULL, email text CONSTRAINT one_email UNIQUE,
    total numeric(20, 2), fee money, big bigint, weight double precision, paid boolean, due date, at timestamptz, local timestamp, data jsonb,
    state state DEFAULT 'open', tags text[], photo bytea, doubled bigint GENERATED ALWAYS AS (big * 2) STORED, secret text DEFAULT 'geheim',
    CONSTRAINT no_debt CHECK (total >= 0));
  COMMENT ON COLUMN orders.total IS 'What is to be paid';
  CREATE TABLE lines (order_id bigint REFERENCES orders, number integer, text text, CONSTRAINT in_time UNIQUE (text) DEFERRABLE INITIALLY DEFERRED, PRIMARY KEY (order_id, number));`

const columns = [
  'title',
  'email',
  'total',
  'fee',
  'big',
  'weight',
  'paid',
  'due',
  'at',
  'local',
  'data',
  'state',
  'tags',
  'photo',
]

export async function openShop(stand: Stand, more: Partial<PostgresAdapterOptions> = {}) {
  stand.proxy.calm()
  await stand.dropSlots()
  await stand.sql(SHOP)
  const options: PostgresAdapterOptions = {
    ...stand.address,
    tables: {
      orders: { key: ['id'], externalId: 'skerry_id', columns },
      lines: { key: ['order_id', 'number'], columns: ['order_id', 'number', 'text'] },
    },
    ...more,
  }
  await stand.sql(setupSql(options))
  await stand.sql(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${ROLE}`)
  const again = () => {
    const adapter = postgresAdapter(options)
    onTestFinished(() => adapter.close())
    return adapter
  }
  return { adapter: again(), again }
}

type Adapter = Awaited<ReturnType<typeof openShop>>['adapter']

let made = 0

export function request(fields: UpsertRequest['fields'], more: Partial<UpsertRequest> = {}): UpsertRequest {
  made += 1
  return {
    externalId: `skerry:${made}`,
    fields,
    expectedVersion: null,
    idempotencyKey: `key-${made}`,
    restore: false,
    ...more,
  }
}

export async function create(adapter: Adapter, fields: UpsertRequest['fields']): Promise<ExternalRow> {
  const answer = await adapter.upsert('orders', request({ title: 'an order', ...fields }), call)
  expect(answer).toMatchObject({ kind: 'done' })
  return (answer as { row: ExternalRow }).row
}

/** Pages to the end: rows of each, and the position behind. */
export async function told(
  adapter: Adapter,
  position: string | undefined,
  { type = 'orders', limit = 50 } = {},
): Promise<{ pages: ExternalRow[][]; position: string }> {
  const pages: ExternalRow[][] = []
  for (let at = position; ; ) {
    const answer = await adapter.changes(type, at, limit, call)
    if (answer.kind !== 'page') throw new Error(`no page: ${JSON.stringify(answer)}`)
    pages.push(answer.rows)
    at = answer.next
    if (answer.complete) return { pages, position: at }
  }
}
