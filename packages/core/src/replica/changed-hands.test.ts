/** A device that goes from one subject to the next: each answers for what was written while the device was its own, told or not. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { Credential } from '../identity/credential.ts'
import type { Rule } from '../records/rule.ts'
import { turn } from '../session/pair.test-support.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { StoreError } from '../store/port.ts'
import { gate } from './gate.test-support.ts'
import { Mesh } from './mesh.test-support.ts'
import { type Orders, open, openEdge, openHub, order, push } from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const SEA = ['site:SEA']

/** From now on the device is this subject's. */
const handTo = (replica: Orders, subject: string, grant: Partial<Credential> = {}) =>
  replica.setCredential(plainToken(replica.publicKey, { subject, read: SEA, write: SEA, ...grant }))

const authorsOf = async (replica: Orders, id = '1') =>
  (await replica.workOrders.history(id)).map(({ author }) => author)

const rename = (replica: Orders, title: string) =>
  replica.workOrders.update('1', (o) => {
    o.title = title
  })

const finish = (replica: Orders, id = '1') =>
  replica.workOrders.update(id, (o) => {
    o.status = 'done'
  })

const append = (replica: Orders, text: string) =>
  replica.workOrders.update('1', (o) => {
    o.notes = `${o.notes}${text}`
  })

const onlyAnaFinishes: Rule = {
  name: 'only-ana-finishes',
  collection: 'work_orders',
  check: ({ before, after, author }) =>
    before?.['status'] !== after['status'] && after['status'] === 'done' && author.subject !== 'tech:ana'
      ? { reason: 'Ana finishes orders.' }
      : undefined,
}

async function world(grant: Partial<Credential> = {}) {
  const mesh = new Mesh()
  const hub = await mesh.hub()
  const device = await mesh.edge('ana', ['SEA'], grant)
  return { mesh, hub, device, meet: async () => mesh.part(await mesh.meet(hub, device)) }
}

describe('W-19: whose edits they are', () => {
  test('what was never told of the former subject stays its own, told in a session of the next', async () => {
    const { hub, device, meet } = await world()
    await device.workOrders.create(order, { id: '1' })
    await handTo(device, 'tech:ben')
    await rename(device, 'by ben')
    await meet()
    for (const replica of [device, hub]) expect(await authorsOf(replica)).toEqual(['tech:ana', 'tech:ben'])
  })

  test('the next one writes under its own name on a record that is open, in a session that is open', async () => {
    const { mesh, hub, device } = await world()
    await device.workOrders.create(order, { id: '1' })
    const joined = await mesh.meet(hub, device)
    await handTo(device, 'tech:ben')
    await rename(device, 'by ben')
    await mesh.settle()
    await mesh.part(joined)
    for (const replica of [device, hub]) expect(await authorsOf(replica)).toEqual(['tech:ana', 'tech:ben'])
  })

  test('edits that share a commit with the change of hands are those of whoever had the device when they were made', async () => {
    const { replica: hub } = await openHub()
    const slowDisk = gate()
    const commits: unknown[] = []
    const { replica: device } = await open({ grant: {}, beforeCommit: () => slowDisk.pass() })
    device.onCommit((commit) => commits.push(commit))
    const waiting = slowDisk.close()
    const edits: Promise<unknown>[] = [device.workOrders.create(order, { id: '1' })]
    await waiting
    edits.push(rename(device, 'by ana'), device.workOrders.create(order, { id: '2' }))
    const handed = handTo(device, 'tech:ben')
    await turn()
    edits.push(finish(device, '2'))
    const reading = device.transact((transaction) => transaction.record('work_orders/1'))
    slowDisk.open()
    await Promise.all([...edits, handed])
    expect(commits.length).toBe(2)
    expect(await reading).toMatchObject({ value: { title: 'by ana' } })
    expect(await push(device, hub)).toEqual([])
    for (const replica of [device, hub]) {
      expect(await authorsOf(replica, '1')).toEqual(['tech:ana', 'tech:ana'])
      expect(await authorsOf(replica, '2')).toEqual(['tech:ana', 'tech:ben'])
    }
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'by ana' })
  })

  test('a renewal of the same subject changes no hands: edits go on under one actor', async () => {
    const { device } = await world()
    await device.workOrders.create(order, { id: '1' })
    await handTo(device, 'tech:ana', { expiresAt: 4_100_000_000_000 })
    await rename(device, 'later')
    expect(new Set((await device.workOrders.history('1')).map(({ actor }) => actor)).size).toBe(1)
  })

  test('several that come at once take the device one after the other', async () => {
    const { device } = await world()
    await device.workOrders.create(order, { id: '1' })
    await Promise.all([
      handTo(device, 'tech:ben'),
      handTo(device, 'tech:ana', { expiresAt: 4_100_000_000_000 }),
    ])
    await rename(device, 'by ana')
    expect(device.credential?.subject).toBe('tech:ana')
    expect(await authorsOf(device)).toEqual(['tech:ana', 'tech:ana'])
  })

  test('what was written before anybody had signed in is of the first who does, also where the next one follows at once', async () => {
    const { replica: device } = await open()
    for (const id of ['1', '2', '3']) await device.workOrders.create(order, { id })
    await Promise.all([handTo(device, 'tech:ana'), handTo(device, 'tech:ben')])
    expect(device.credential?.subject).toBe('tech:ben')
    for (const id of ['1', '2', '3']) expect(await authorsOf(device, id)).toEqual(['tech:ana'])
  })

  test('a renewal that comes after the device has changed hands is not taken', async () => {
    const { device } = await world()
    await device.workOrders.create(order, { id: '1' })
    const renewal = plainToken(device.publicKey, { read: SEA, write: SEA, expiresAt: 4_100_000_000_000 })
    const { hash } = device.credential!
    const handed = handTo(device, 'tech:ben')
    const shown = await device.setCredential(renewal, { renews: hash })
    await handed
    expect([shown.subject, device.credential?.subject]).toEqual(['tech:ben', 'tech:ben'])
    await rename(device, 'by ben')
    expect(await authorsOf(device)).toEqual(['tech:ana', 'tech:ben'])
  })

  test('changes of hands that do not become durable change none', async () => {
    const disk = new MemoryDisk()
    let full = false
    const beforeCommit = () => {
      if (full) throw new StoreError('full', 'commit: the disk is full')
    }
    const { replica } = await open({ disk, grant: {}, beforeCommit })
    await replica.workOrders.create(order, { id: '1' })
    full = true
    const handed = [
      handTo(replica, 'tech:ben'),
      handTo(replica, 'tech:ben', { expiresAt: 4_100_000_000_000 }),
    ]
    for (const one of handed) await expect(one).rejects.toMatchObject({ code: 'full' })
    full = false
    expect(replica.credential?.subject).toBe('tech:ana')
    await rename(replica, 'by ana')
    await replica.close()
    const again = await open({ disk, seed: 2 })
    expect(await authorsOf(again.replica)).toEqual(['tech:ana', 'tech:ana'])
  })

  test('who takes the device while a session opens asks for what is his', async () => {
    const mesh = new Mesh()
    const slowDisk = gate()
    const hub = await mesh.hub()
    mesh.storeOn = (disk) => memoryStore({ disk, beforeCommit: () => slowDisk.pass() })
    const device = await mesh.edge('ana')
    await hub.workOrders.create(order, { id: '1' })
    await hub.workOrders.create({ ...order, site: 'PDX' }, { id: '2' })
    const before = await mesh.meet(hub, device)
    const waiting = slowDisk.close()
    await rename(hub, 'by the hub')
    await Promise.all([waiting, mesh.settle()])
    await mesh.part(before)
    const handed = handTo(device, 'tech:ben', { read: ['site:PDX'], write: ['site:PDX'] })
    const after = mesh.join(hub, device)
    await mesh.settle()
    slowDisk.open()
    await handed
    await mesh.settle()
    expect(await device.workOrders.get('2')).toMatchObject({ site: 'PDX' })
    await mesh.part(after)
  })
})

describe('A-18: by whose rights', () => {
  test('the former subject’s edits are judged by its own rights, the next one’s by those of the session', async () => {
    const { hub, device, meet } = await world()
    await device.workOrders.create(order, { id: '1' })
    await handTo(device, 'tech:ben', { write: [] })
    await meet()
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 't' })
    await rename(device, 'by ben')
    await meet()
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 't' })
    expect(await device.aside()).toMatchObject([{ code: 'read-only', author: 'tech:ben' }])
  })

  test('rights that the next subject has do not let in what the former one might not write', async () => {
    const { hub, device, meet } = await world({ write: [] })
    await device.workOrders.create(order, { id: '1' })
    await handTo(device, 'tech:ben')
    await meet()
    expect(await hub.workOrders.get('1')).toBeUndefined()
    expect(await device.aside()).toMatchObject([{ code: 'read-only' }])
  })

  test('of a former subject that was revoked, edits are taken back, and what the next one built on them stays', async () => {
    const { hub, device, meet } = await world()
    await device.workOrders.create(order, { id: '1' })
    await meet()
    await rename(device, 'by ana')
    const { hash } = device.credential!
    await handTo(device, 'tech:ben')
    await finish(device)
    await hub.revoke({ by: 'hash', value: hash })
    await meet()
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 't', status: 'done' })
    expect(await device.aside()).toEqual([])
  })

  test('each answers to the rules for its own edits, told together', async () => {
    const { replica: hub } = await openHub({ rules: [onlyAnaFinishes] })
    const device = await openEdge(1)
    await device.workOrders.create(order, { id: '1' })
    await finish(device)
    await handTo(device, 'tech:ben')
    await rename(device, 'by ben')
    expect(await push(device, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'by ben', status: 'done' })
  })

  test('what is refused is set aside for each apart, and made again it is what that one wrote alone', async () => {
    const { hub, device, meet } = await world({ write: [] })
    await hub.workOrders.create({ ...order, notes: 'The hub. ' }, { id: '1' })
    await meet()
    await rename(device, 'by ana')
    await append(device, 'Ana. ')
    await handTo(device, 'tech:ben')
    await finish(device)
    await append(device, 'Ben. ')
    await meet()
    const [ofAna, ofBen] = await device.aside()
    expect([ofAna, ofBen]).toMatchObject([
      { code: 'read-only', author: 'tech:ana' },
      { code: 'depends-on-refused', author: 'tech:ben' },
    ])
    expect(await device.workOrders.get('1')).toMatchObject({ ...order, notes: 'The hub. ' })
    await device.reapply(ofBen!.key)
    await meet()
    for (const replica of [device, hub]) {
      expect(await replica.workOrders.get('1')).toMatchObject({
        ...order,
        status: 'done',
        notes: 'The hub. Ben. ',
      })
      expect(await authorsOf(replica)).toEqual(['hub', 'tech:ben'])
    }
    expect(await device.aside()).toEqual([ofAna])
  })
})
