import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { memoryStore } from '../store/memory.ts'
import { openEdge, order } from './orders.test-support.ts'
import { startEngine, testHost, workOrders } from './replica.test-support.ts'
import { openReplica } from './replica.ts'

beforeAll(startEngine)

/** What files it takes when it runs, by name: imports of types are none. */
function loadedBy(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const [, target] of readFileSync(file, 'utf8').matchAll(/^import (?!type )[^']*from '(\.[^']+)'/gm))
    loadedBy(join(dirname(file), target!), found)
  return found
}

const here = (name: string) => join(import.meta.dirname, `${name}.ts`)

describe('the hub’s part', () => {
  test.each([{ role: 'hub' }, { role: 1 }])('HR-1: is no name: %o is refused', async ({ role }) => {
    const store = memoryStore()
    const opened = openReplica({ host: testHost(), store, collections: { workOrders }, role: role as never })
    await expect(opened).rejects.toThrow(`role ${JSON.stringify(role)}: give 'edge', or hubRole of`)
  })

  test('HR-2: is not loaded by whoever opens an edge', () => {
    const behind = [
      'bury-due',
      'leases',
      'many-heads',
      'mend',
      'revoking',
      'settle-revoked',
      'take-back',
      'told-views',
      'violation',
      'weighing',
    ].map(here)
    const edge = loadedBy(here('replica'))
    expect(edge.size).toBeGreaterThan(100)
    expect(behind.filter((file) => edge.has(file))).toEqual([])
    const hub = loadedBy(here('hub-role'))
    expect(behind.filter((file) => !hub.has(file))).toEqual([])
  })

  test('HR-3: without it nothing is revoked or lent, and no views are told', async () => {
    const edge = await openEdge(1, { subject: 'ana' })
    await edge.workOrders.create(order, { id: '1' })
    const { credential, publicKey, head } = edge
    await expect(edge.revoke({ by: 'hash', value: credential!.hash })).rejects.toThrow(
      'only the authority revokes',
    )
    const { run } = edge.session.runs.at(-1)!
    const request = { system: 'crm', credential: credential!, run, head, ms: 1_000 }
    await expect(edge.acquireLease(request)).rejects.toThrow('lending crm: only the authority lends')
    expect(await edge.releaseLease('crm', publicKey)).toBe(false)
    expect(edge.leases()).toEqual([])
    expect(await edge.session.readViews('site:SEA', 0, new Set())).toEqual({
      views: [],
      leftOut: true,
      next: undefined,
    })
  })
})
