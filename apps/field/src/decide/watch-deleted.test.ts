/** Deletions are told as they come and go, over a real replica in memory. */
import { type JsonObject, memoryStore } from '@skerry/core'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { channelOf, collections, SPACE } from '@skerry/field-service'
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { liveOver } from '@skerry/live'
import { nodeHost, openReplica } from '@skerry/node'
import { expect, onTestFinished, test } from 'vitest'
import { bringBack } from './deletion.ts'
import { type DeletedById, watchDeleted } from './watch-deleted.ts'

test('an order that was deleted is told with what was written in it until it is back, as he left it', async () => {
  const replica = await openReplica({ store: memoryStore(), collections, space: SPACE })
  const authority = await createAuthority()
  const state = channelOf('OR')
  const token = await issueCredential(authority, {
    space: SPACE,
    subject: 'tech:ben',
    publicKey: replica.publicKey,
    role: 'device',
    read: [state],
    write: [state],
    systems: [],
    issuedAt: 0,
    expiresAt: Date.UTC(2100, 0, 1),
  })
  await replica.setCredential(token)
  const live = liveOver(replica, { host: nodeHost() })
  const orders = replica.collection('work_orders')
  const order = newWorkOrder({ title: 'Pump', site: 'Mahlon Sweet', state: 'OR' }) as unknown as JsonObject
  for (const id of ['o1', 'o2']) await orders.create(order, { id })
  await orders.update('o1', (draft) => {
    draft.notes = 'Written.'
  })
  let deleted: DeletedById = new Map()
  const stop = watchDeleted(live, ['o1', 'o2', 'never-here'], (now) => {
    deleted = now
  })
  onTestFinished(async () => {
    stop()
    await live.close()
    await replica.close()
  })

  await orders.delete('o1')
  await expect.poll(() => [...deleted.keys()]).toEqual(['o1'])
  await expect.poll(() => deleted.get('o1')).toMatchObject({ title: 'Pump', isOwn: true })
  expect(deleted.get('o1')?.written).toMatchObject({ order: { notes: 'Written.' } })
  await bringBack(live, deleted.get('o1')!, 'tech:ben')
  await expect.poll(() => deleted.size).toBe(0)
  expect(await orders.get('o1')).toMatchObject({ title: 'Pump', notes: 'Written.' })
})
