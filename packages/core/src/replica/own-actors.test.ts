/** Each run of a replica writes under an actor of its own, and now and then under another: whose edits they are is known for good. */
import { beforeAll, expect, test } from 'vitest'
import { MemoryDisk } from '../store/memory-disk.ts'
import { StoreError } from '../store/port.ts'
import { type Orders, open, openHub, order, peerOf } from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const authorsOf = async (replica: Orders, id: string) =>
  (await replica.workOrders.history(id)).map(({ author }) => author)

const retitle = (replica: Orders, title: string) =>
  replica.workOrders.update('1', (o) => {
    o.title = title
  })

test('W-10: the author of what was written in earlier runs is known, also of a run that was not enrolled', async () => {
  const disk = new MemoryDisk()
  const runs = [...'abcd'].entries()
  const first = (await open({ disk })).replica
  await first.workOrders.create(order, { id: '1' })
  await first.close()
  for (const [n, title] of runs) {
    const { replica } = await open({ disk, seed: 2 + n })
    if (n === 0) await replica.setCredential(plainToken(replica.publicKey, {}))
    await retitle(replica, title)
    await replica.close()
  }
  const { replica } = await open({ disk, seed: 9 })
  expect(await authorsOf(replica, '1')).toEqual(Array(5).fill('tech:ana'))
})

test('W-10: it is known of what was written after an answer that could not be made durable', async () => {
  let full = false
  const disk = new MemoryDisk()
  const beforeCommit = () => {
    if (full) throw new StoreError('full', 'commit: the disk is full')
  }
  const { replica: ana } = await open({ disk, grant: {}, beforeCommit })
  const { replica: hub } = await openHub()
  await ana.workOrders.create(order, { id: '1' })
  const [{ seq } = { seq: 0 }] = await ana.entriesOf('work_orders/1')
  const refusal = { seq, code: 'read-only', reason: 'no', record: 'work_orders/1' }
  full = true
  const answered = ana.session.acknowledged(peerOf(hub), ana.head, [refusal], hub.head)
  await expect(answered).rejects.toMatchObject({ code: 'full' })
  full = false
  await retitle(ana, 'again')
  await ana.close()
  const { replica } = await open({ disk, seed: 2 })
  expect(await authorsOf(replica, '1')).toEqual(['tech:ana', 'tech:ana'])
})
