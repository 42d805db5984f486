/** In the end every replica that may see a record has it, says the same of it, and has the same heads; and no replica has a record that it may not see. */
import { decodeFrontier, type JsonObject } from '@skerry/core'
import { ORDERS_CHANNEL } from '../nodes/collections.ts'
import type { SimulatedNode } from '../nodes/node.ts'
import type { Views } from './acknowledged.ts'
import { OracleFailed } from './oracle-failed.ts'

export interface State {
  visits: Views
  orders: Views
  /** Heads by record key. */
  heads: ReadonlyMap<string, string>
}

const ROWS_MAX = 10_000

export async function stateOf(node: SimulatedNode): Promise<State> {
  const { replica, store } = node.running!
  const heads = new Map<string, string>()
  for (const name of ['visits', 'orders'])
    for (const row of await store.scanRows(name, '', ROWS_MAX))
      heads.set(row.record, decodeFrontier(row.frontier).heads.join(' '))
  return {
    visits: viewsOf('visits', await replica.visits.all()),
    orders: viewsOf('orders', await replica.orders.all()),
    heads,
  }
}

export function checkConverged(hub: State, node: SimulatedNode, found: State): void {
  const reads = (channel: string) => node.isHub || node.grant.read.includes(channel)
  const visits = new Map([...hub.visits].filter(([, visit]) => reads(visit['site'] as string)))
  const orders = new Map(reads(ORDERS_CHANNEL) ? hub.orders : [])
  for (const [expected, views] of [
    [visits, found.visits],
    [orders, found.orders],
  ] as const) {
    for (const [record, view] of expected) {
      compare(node.name, record, view, views.get(record))
      if (hub.heads.get(record) !== found.heads.get(record))
        throw new OracleFailed('converged', `${node.name} and the hub have other heads of ${record}`)
    }
    for (const record of views.keys())
      if (!expected.has(record))
        throw new OracleFailed(
          'converged',
          `${node.name} still has ${record}, which is in none of its channels`,
        )
  }
}

function compare(name: string, record: string, expected: JsonObject, found: JsonObject | undefined): void {
  const at = String(expected['site'] ?? '')
  if (!found)
    throw new OracleFailed('converged', `${name} lacks ${record}, which the hub has ${at && `in ${at}`}`)
  const [hub, own] = [JSON.stringify(sorted(expected)), JSON.stringify(sorted(found))]
  if (hub !== own)
    throw new OracleFailed(
      'converged',
      `${name} and the hub differ in ${record}:\n  hub  ${hub}\n  ${name} ${own}`,
    )
}

function viewsOf(collection: string, seen: readonly ({ id: string } & object)[]): Views {
  return new Map(seen.map((one) => [`${collection}/${one.id}`, one as unknown as JsonObject]))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
