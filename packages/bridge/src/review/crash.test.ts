/** A conflict that a rule sums and one that a person decides, with the power going at every await there is: nothing is decided twice, lost or told twice (SPEC B-92, B-103). A failure is its cut. */
import { type MappingConfig, MemorySystem } from '@skerry/bridge'
import { MemoryDisk } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { auditEntries, expectAuditTold } from '../../test/audit-oracle.ts'
import { bridged, jobMapping, openNode, type TestNode, testHost } from '../../test/nodes.ts'
import { Power } from '../../test/power.ts'

beforeAll(startEngine)

const id = 'job-1'
const mapping: MappingConfig = {
  ...jobMapping,
  fields: {
    ...jobMapping.fields,
    title: { field: 'Title', rule: 'review' },
    price: { field: 'Price', rule: 'sum' },
  },
}

interface World {
  system: MemorySystem
  disk: MemoryDisk
}

type Day = World & { node: TestNode; start: () => Promise<Awaited<ReturnType<typeof bridged>>['bridge']> }

/** Each may be begun again: what it did already does nothing the second time. */
const phases: ((day: Day) => Promise<unknown>)[] = [
  async ({ node, start }) => {
    const bridge = await start()
    if (!(await node.replica.jobs.get(id)))
      await node.replica.jobs.create({ title: 'before', price: '10.00' }, { id })
    await bridge.idle()
    await bridge.close()
  },
  async ({ node, system }) => {
    const row = system.rows('cases')[0]!
    if (row.value['Title'] === 'before')
      system.edit('cases', { id: row.id }, { Title: 'theirs', Price: '7.50', Status: 'done' })
    await node.replica.jobs.update(id, (draft) =>
      Object.assign(draft, { title: 'ours', price: '12.00', site: 'SEA' }),
    )
  },
  async ({ start }) => {
    const bridge = await start()
    await bridge.pollNow()
    await bridge.idle()
    const [review] = await bridge.reviews()
    if (review) await bridge.resolve(review, { value: 'a third' }, { by: 'desk:eve' })
    await bridge.idle()
    await bridge.pollNow()
    await bridge.idle()
    await bridge.close()
  },
]

async function live({ system, disk }: World, from: number, cutAt: number, seed: number) {
  const host = testHost(seed)
  const power = new Power(cutAt, () => {
    disk.crash()
    host.dead = true
  })
  let phase = from
  const day = async () => {
    const node = await openNode({ disk, host, store: (of) => power.store(of) })
    const start = async () =>
      (await bridged(node, system, { adapter: power.adapter(system.adapter()), mappings: [mapping] })).bridge
    for (; phase < phases.length; phase++) await phases[phase]!({ system, disk, node, start })
    return node
  }
  const lived = day().catch((error: unknown) => {
    // Without power nothing can be read either; what fails then is not heard of.
    if (!power.isOff) throw error
  })
  const node = await Promise.race([lived, power.gone])
  return { phase, points: power.points, node: node ?? undefined }
}

async function liveThrough(world: World, cuts: readonly number[]): Promise<number> {
  let from = 0
  for (const [i, cutAt] of [...cuts, 0].entries()) {
    const { phase, points, node } = await live(world, from, cutAt, i + 1)
    from = phase
    if (!node) continue
    await judge(world, node)
    return points
  }
  throw new Error('the day did not end although the power stayed on')
}

async function judge({ system, disk }: World, { replica, host }: TestNode): Promise<void> {
  const wanted = { title: 'a third', price: '9.50', status: 'done', site: 'SEA' }
  expect(await replica.jobs.get(id)).toEqual({ id, ...wanted })
  const rows = system.rows('cases').map(({ value }) => value)
  expect(rows).toEqual([{ Title: 'a third', Price: '9.50', Status: 'done', Site: 'SEA' }])
  const overruled = (await replica.jobs.receipts(id)).filter(({ outcome }) => outcome === 'overruled')
  expect(
    overruled
      .map(({ values }) => values?.['/title'])
      .sort((a, b) => (String(a?.was) < String(b?.was) ? -1 : 1)),
  ).toEqual([
    { was: 'ours', became: 'a third' },
    { was: 'theirs', became: 'a third' },
  ])
  const { bridge } = await bridged({ replica, host, disk }, system, { mappings: [mapping] })
  expect(await bridge.reviews()).toEqual([])
  const { counts } = await bridge.conflicts()
  expect(counts.map(({ field, rule, outcome, count }) => [field, rule, outcome, count])).toEqual([
    ['price', 'sum', 'made', 1],
    ['title', 'review', 'made', 1],
    ['title', 'review', 'review', 1],
  ])
  expect(bridge.stats()).toMatchObject({ open: 0, dead: 0, reviews: 0 })
  await expectAuditTold(bridge, replica, system)
  // A decision is told once, and so is each way in which it ends.
  const decided = (await auditEntries(replica, 'crm')).filter(({ kind }) => kind === 'decided')
  expect(decided).toMatchObject([{ field: 'title', decision: 'value', by: 'desk:eve' }])
  await bridge.close()
}

const worldOf = (compareAndSet: boolean): World => ({
  system: new MemorySystem({ name: 'crm', compareAndSet, everyWriteCounts: true }),
  disk: new MemoryDisk(),
})

describe.each([true, false])('a system with compareAndSet=%s', (compareAndSet) => {
  test('B-103 B-150 the power goes once, anywhere', async () => {
    const points = await liveThrough(worldOf(compareAndSet), [])
    expect(points).toBeGreaterThan(30)
    for (let cut = 1; cut <= points; cut++)
      await liveThrough(worldOf(compareAndSet), [cut]).catch((error: unknown) => {
        throw new Error(`cut ${cut}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        })
      })
  })
})
