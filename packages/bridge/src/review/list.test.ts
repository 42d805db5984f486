/** Reviews as an operator lists them: page by page, with what every system is known to have (SPEC B-100). */

import { type MappingConfig, MemorySystem } from '@skerry/bridge'
import { addReceipt } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { bridged, openNode } from '../../test/nodes.ts'
import { REVIEWS_LISTED_MAX } from '../limits.ts'
import { encodeReview } from './item.ts'

beforeAll(startEngine)

const mapping: MappingConfig = {
  collection: 'jobs',
  type: 'cases',
  fields: { title: { field: 'Title', rule: 'review' } },
}

test('CON-9: each system’s value is told: bridged here, under review there too, or as its receipts say', async () => {
  const node = await openNode()
  const names = ['crm', 'erp', 'wms'] as const
  const systems = names.map((name) => new MemorySystem({ name }))
  const start = async () =>
    Promise.all(systems.map(async (system) => (await bridged(node, system, { mappings: [mapping] })).bridge))
  let bridges = await start()
  const { id } = await node.replica.jobs.create({ title: 'before' })
  for (const bridge of bridges) await bridge.idle()
  for (const bridge of bridges) await bridge.close()
  await node.replica.jobs.update(id, (draft) => {
    draft.title = 'ours'
  })
  // The office edits in two of them; the third takes ours.
  for (const system of systems.slice(0, 2))
    system.edit(
      'cases',
      { id: system.rows('cases')[0]!.id },
      { Title: `by ${system === systems[0] ? 'crm' : 'erp'}` },
    )
  bridges = await start()
  for (const bridge of bridges) {
    await bridge.pollNow()
    await bridge.idle()
  }
  // A system that another node bridges, and one that has not answered.
  await node.replica.transact(async (tx) => {
    const { seqs } = await tx.record(`jobs/${id}`)
    await addReceipt(tx, {
      record: `jobs/${id}`,
      place: 'elsewhere',
      outcome: 'saved',
      seqs: { ...seqs },
      at: 1,
    })
    await addReceipt(tx, { record: `jobs/${id}`, place: 'silent', outcome: 'saved', seqs: {}, at: 1 })
  })
  const [review] = await bridges[0]!.reviews()
  expect(review).toMatchObject({ ours: 'ours', theirs: 'by crm', agreed: 'before' })
  expect(review?.systems).toEqual({ crm: 'by crm', erp: 'by erp', wms: 'ours', elsewhere: 'ours' })
  for (const bridge of bridges) await bridge.close()
})

test('page by page, of one record, and never more than anybody looks through', async () => {
  const node = await openNode()
  const held = { agreed: 'a', ours: 'b', theirs: 'c', reason: 'r', since: 1 }
  const key = (n: number) => `jobs/${String(n).padStart(4, '0')}`
  const { bridge } = await bridged(node, new MemorySystem({ name: 'crm' }), { mappings: [mapping] })
  await node.replica.transact(async (tx) => {
    for (let n = 0; n <= REVIEWS_LISTED_MAX; n++)
      tx.tables.put('bridge/crm/reviews', key(n), encodeReview({ fields: { title: held } }))
  })
  const listed = async (options: Parameters<typeof bridge.reviews>[0]) =>
    (await bridge.reviews(options)).map(({ record }) => record)
  expect(await listed({ limit: 2 })).toEqual([key(0), key(1)])
  expect(await listed({ limit: 2, after: key(1) })).toEqual([key(2), key(3)])
  expect(await listed({ record: key(7) })).toEqual([key(7)])
  expect(await listed({ record: 'jobs/none' })).toEqual([])
  expect(await listed({})).toHaveLength(REVIEWS_LISTED_MAX)
  expect(await listed({ limit: REVIEWS_LISTED_MAX + 1 })).toHaveLength(REVIEWS_LISTED_MAX)
  expect(await listed({ after: key(REVIEWS_LISTED_MAX - 1) })).toEqual([key(REVIEWS_LISTED_MAX)])
  await bridge.close()
})
