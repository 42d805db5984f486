import { beforeAll, describe, expect, test } from 'vitest'
import { open, openEdge, openHub, order, pull, push } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

describe('P-10: unanswered', () => {
  test('records in the order of their oldest edit, with how many and since when, until the hub answers', async () => {
    const hub = (await openHub()).replica
    const { replica: edge, host } = await open({ seed: 1, grant: {} })
    const begun = host.clock
    await edge.workOrders.create(order, { id: 'b' })
    host.clock += 5_000
    await edge.workOrders.create(order, { id: 'a' })
    await edge.workOrders.update('b', (draft) => {
      draft.notes = 'n'
    })
    expect(await edge.unanswered()).toEqual([
      { record: 'work_orders/b', edits: 2, since: begun },
      { record: 'work_orders/a', edits: 1, since: begun + 5_000 },
    ])
    await push(edge, hub)
    expect(await edge.unanswered()).toEqual([])
  })

  test('not what others wrote, and nothing on a hub', async () => {
    const hub = (await openHub()).replica
    await hub.workOrders.create(order, { id: 'a' })
    const edge = await openEdge(2)
    await pull(hub, edge)
    expect([await hub.unanswered(), await edge.unanswered()]).toEqual([[], []])
  })
})
