/** What a session was told ends before the next one asks: on a slow disk it may outlast the session. */
import { beforeAll, expect, test } from 'vitest'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { gate } from './gate.test-support.ts'
import { Mesh } from './mesh.test-support.ts'
import { order } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'
import { UnderWay } from './under-way.ts'

beforeAll(startEngine)

test('G-9: a record that leaves while the hub is set back is there after the next session', async () => {
  const mesh = new Mesh()
  const slowDisk = gate()
  const hubDisk = new MemoryDisk()
  const hub = await mesh.open('hub', { role: 'authority', read: ['*'], write: ['*'] }, hubDisk)
  mesh.storeOn = (disk) => memoryStore({ disk, beforeCommit: () => slowDisk.pass() })
  const ana = await mesh.edge('ana')
  mesh.storeOn = (disk) => memoryStore({ disk })
  await hub.workOrders.create(order, { id: '1' })
  const before = await mesh.meet(hub, ana)
  const backup = hubDisk.clone()

  const waiting = slowDisk.close()
  await hub.workOrders.update('1', (o) => {
    o.site = 'PDX'
  })
  await Promise.all([waiting, mesh.settle()])
  await mesh.part(before)
  await hub.close()
  const restored = await mesh.openAgain('hub', backup, 'hub')
  const after = mesh.join(restored, ana)
  await mesh.settle()
  slowDisk.open()
  await mesh.settle()
  expect((await restored.workOrders.get('1'))?.site).toBe('SEA')
  expect(await ana.workOrders.get('1')).toMatchObject(order)
  await mesh.part(after)
})

test('G-9: one that takes long keeps nobody off the line, and one that has ended leaves no timer behind', async () => {
  const timers = new Set<() => void>()
  const underWay = new UnderWay({
    timer: (_, run) => {
      timers.add(run)
      return () => timers.delete(run)
    },
  })
  underWay.add('a', new Promise(() => undefined))
  underWay.add('b', Promise.reject(new Error('refused')))
  const long = underWay.ended('a')
  for (const run of timers) run()
  await long
  await underWay.ended('b')
  expect(timers.size).toBe(0)
  expect(underWay.ended('b')).toBeUndefined()
})
