/** A shop of two tables for tests that are about more than the contract: what columns there are, keys of two columns, money. */
import { type MysqlAdapterOptions, mysqlAdapter, setupStatements } from '@skerry/adapter-mysql'
import type { Call, ExternalRow, UpsertRequest } from '@skerry/bridge'
import { expect, onTestFinished } from 'vitest'
import type { Stand } from './stand.ts'

export const call: Call = { signal: new AbortController().signal }

const SHOP = [
  'DROP TABLE IF EXISTS `lines`, orders, skerry_outbox, skerry_calls',
  `CREATE TABLE orders (
    id bigint AUTO_INCREMENT PRIMARY KEY, skerry_id varchar(190) COLLATE utf8mb4_bin UNIQUE, title varchar(40) NOT NULL, email varchar(80), UNIQUE one_email (email),
    total decimal(20, 2) COMMENT 'What is to be paid', big bigint, weight double, paid boolean, due date, at timestamp(6) NULL, local datetime, data json,
    state enum('open', 'paid') DEFAULT 'open', photo blob, doubled bigint AS (big * 2) STORED, CONSTRAINT no_debt CHECK (total >= 0))`,
  'CREATE TABLE `lines` (order_id bigint, number integer, text varchar(40), PRIMARY KEY (order_id, number), CONSTRAINT in_order FOREIGN KEY (order_id) REFERENCES orders (id))',
]

const columns = [
  'title',
  'email',
  'total',
  'big',
  'weight',
  'paid',
  'due',
  'at',
  'local',
  'data',
  'state',
  'photo',
]

export async function openShop(stand: Stand, more: Partial<MysqlAdapterOptions> = {}) {
  stand.proxy.calm()
  await stand.run(SHOP)
  const options: MysqlAdapterOptions = {
    ...stand.address,
    tables: {
      orders: { key: ['id'], externalId: 'skerry_id', columns },
      lines: { key: ['order_id', 'number'], columns: ['order_id', 'number', 'text'] },
    },
    ...more,
  }
  await stand.run(setupStatements(options))
  const again = () => {
    const adapter = mysqlAdapter(options)
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
