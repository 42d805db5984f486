/** A mesh whose device `a` is about to be revoked, and what it and honest devices write. */
import { Mesh } from './mesh.test-support.ts'
import { type Orders, order } from './orders.test-support.ts'

export const full = {
  ...order,
  notes: 'note',
  hours: 1,
  parts: [{ sku: 'bolt', qty: 1 }],
  address: { city: 'Kiel' },
}

/** A hub, a device `a` that is about to be revoked, and honest ones, all with one order. */
export async function shared(seed = 1, honest: readonly string[] = ['b', 'c', 'd']) {
  const mesh = new Mesh(seed)
  const hub = await mesh.hub()
  const [a, ...others] = await Promise.all(['a', ...honest].map((name) => mesh.edge(name)))
  await hub.workOrders.create(full, { id: '1' })
  for (const replica of [a!, ...others]) await mesh.part(await mesh.meet(hub, replica))
  const visit = async (one: Orders, other: Orders) => mesh.part(await mesh.meet(one, other))
  const [b, c, d] = others as [Orders, Orders, Orders]
  return { mesh, hub, a: a!, b, c, d, visit }
}

export const at = (replica: Orders, id = '1') => replica.workOrders.get(id)
