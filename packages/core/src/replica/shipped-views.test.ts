import { beforeAll, describe, expect, test } from 'vitest'
import { startEngine } from './replica.test-support.ts'
import { shown } from './shipped.test-support.ts'

beforeAll(startEngine)

const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id)

describe('shipped views', () => {
  test('U-5, U-7: are shown before an entry is here, and are the records afterwards', async () => {
    const { edge, goOn, hub } = await shown(['a', 'b', 'c'])
    const { workOrders } = edge.replica
    expect(edge.replica.unverified()).toBe(3)
    expect(edge.replica.head).toBe(0)
    expect(ids(await workOrders.all())).toEqual(['a', 'b', 'c'])
    expect(await workOrders.get('b')).toEqual(await hub.replica.workOrders.get('b'))
    expect(workOrders.isUnverified('b')).toBe(true)
    await goOn()
    expect(edge.replica.unverified()).toBe(0)
    expect(ids(await workOrders.all())).toEqual(['a', 'b', 'c'])
    const { views, records } = await edge.replica.stats()
    expect({ ...views, records }).toEqual({ verified: 3, mismatched: 0, outdated: 0, dropped: 0, records: 3 })
  })
})
