/** Replicas of whatever version, and how they meet. */
import { expect } from 'vitest'
import type { Collection } from '../records/collection.ts'
import type { Rule } from '../records/rule.ts'
import type { JsonObject } from '../records/shape.ts'
import { newOrder, ofVersion } from './mixed-versions.test-support.ts'
import {
  type Opened,
  type OpenOptions,
  type Orders,
  open,
  openHub,
  pull,
  push,
} from './orders.test-support.ts'
import type { Records } from './records.ts'

export const ordersOf = (replica: Orders) => replica.workOrders as unknown as Records<JsonObject>

export async function edge(version: Collection | number, options: OpenOptions = {}): Promise<Opened> {
  const of = typeof version === 'number' ? ofVersion(version) : version
  return open({ seed: 7, grant: {}, collection: of, ...options })
}

export async function hub(version: Collection | number, options: OpenOptions = {}): Promise<Opened> {
  return openHub({ collection: typeof version === 'number' ? ofVersion(version) : version, ...options })
}

export async function meet(at: Orders, ...edges: Orders[]): Promise<void> {
  for (const one of edges) expect(await push(one, at)).toEqual([])
  for (const one of edges) expect(await pull(at, one)).toEqual([])
}

/** `ana` has the older version of the two, `ben` the newer one; both have a record. */
export async function mixed(
  hubVersion: number,
  [older, newer]: readonly [number, number] = [1, 2],
  rules: readonly Rule[] = [],
) {
  const office = await hub(hubVersion, { rules })
  const [ana, ben] = [await edge(older, { seed: 1 }), await edge(newer, { seed: 2 })]
  await ordersOf(ana.replica).create(newOrder[older]!, { id: '1' })
  await meet(office.replica, ana.replica, ben.replica)
  return {
    office: office.replica,
    events: office.events,
    ana: ordersOf(ana.replica),
    ben: ordersOf(ben.replica),
    meet: () => meet(office.replica, ana.replica, ben.replica),
  }
}
