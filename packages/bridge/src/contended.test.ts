/** A record whose row changes under every call: it is tried ever more rarely, seen in the stats, and written in the end (SPEC B-107). */
import { type Adapter, MemorySystem } from '@skerry/bridge'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { bridged, openNode } from '../test/nodes.ts'
import { CONFLICTS_AT_ONCE_MAX, RETRY_DELAY_MS_FIRST } from './limits.ts'

beforeAll(startEngine)

/** Somebody there edits the row just before each of the first calls. */
async function contended(times: number) {
  const node = await openNode()
  const system = new MemorySystem({ name: 'crm' })
  const inner = system.adapter()
  const seen: { at: number; contended: number }[] = []
  let calls = -1
  const upsert: Adapter['upsert'] = async (type, request, call) => {
    seen.push({ at: node.host.clock, contended: bridge.stats().contended })
    if (request.id && ++calls < times) system.edit('cases', { id: request.id }, { Site: `s${calls}` })
    return inner.upsert(type, request, call)
  }
  const { bridge, events } = await bridged(node, system, { adapter: { ...inner, upsert } })
  const { id } = await node.replica.jobs.create({ title: 'a' })
  await bridge.idle()
  const start = node.host.clock
  seen.length = 0
  await node.replica.jobs.update(id, (draft) => {
    draft.status = 'done'
  })
  await bridge.idle()
  const after = { row: system.rows('cases')[0]!.value, stats: bridge.stats() }
  await bridge.close()
  return { seen, waits: seen.map(({ at }, i) => at - (seen[i - 1]?.at ?? start)), events, ...after }
}

test('B-107 CON-7 CON-12: as many conflicts as are answered at once make no record contended', async () => {
  const { seen, waits, events, row } = await contended(CONFLICTS_AT_ONCE_MAX)
  expect(row).toMatchObject({ Status: 'done', Site: `s${CONFLICTS_AT_ONCE_MAX - 1}` })
  expect(waits.every((wait) => wait === 0)).toBe(true)
  expect(seen.map((one) => one.contended)).toEqual(Array.from({ length: CONFLICTS_AT_ONCE_MAX + 1 }, () => 0))
  expect(events.filter(({ code }) => code === 'contended')).toEqual([])
})

test('B-107 CON-12: one more does: its tries wait longer and longer, the operator hears once, and a call that is carried out ends it', async () => {
  const more = 4
  const { seen, waits, events, row, stats } = await contended(CONFLICTS_AT_ONCE_MAX + more)
  expect(row).toMatchObject({ Status: 'done', Site: `s${CONFLICTS_AT_ONCE_MAX + more - 1}` })
  const slow = waits.slice(CONFLICTS_AT_ONCE_MAX + 1)
  expect(slow).toHaveLength(more)
  expect(Math.min(...slow)).toBeGreaterThanOrEqual(RETRY_DELAY_MS_FIRST)
  expect(slow.at(-1)).toBeGreaterThan(slow[0]!)
  expect(seen.map((one) => one.contended)).toEqual([
    ...Array.from({ length: CONFLICTS_AT_ONCE_MAX + 1 }, () => 0),
    ...Array.from({ length: more }, () => 1),
  ])
  expect(events.filter(({ code }) => code === 'contended')).toMatchObject([
    { level: 'warn', fields: { conflicts: CONFLICTS_AT_ONCE_MAX + 1 } },
  ])
  expect(stats).toMatchObject({ contended: 0, open: 0 })
})
