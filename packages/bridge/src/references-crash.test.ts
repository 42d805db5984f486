/**
 * References while the power goes, once at each await there is: a row before the one that it refers to, records that wait for each other in a circle, a parent that is refused at first.
 * A failure is its number (SPEC B-80 to B-84).
 */
import { type Bridge, MemorySystem } from '@skerry/bridge'
import { MemoryDisk } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import {
  bridgedCrm,
  type Crm,
  contactMapping,
  jobMapping,
  openCrm,
  siteMapping,
  visitMapping,
} from '../test/crm.ts'
import { testHost } from '../test/nodes.ts'
import { Power } from '../test/power.ts'

beforeAll(startEngine)

interface World {
  system: MemorySystem
  disk: MemoryDisk
  refuses: boolean
}

interface Day extends World {
  crm: Crm
  bridge: Bridge
}

async function create(
  day: Day,
  kind: 'sites' | 'contacts' | 'jobs',
  id: string,
  value: object,
): Promise<void> {
  const records = day.crm.replica[kind]
  if (!(await records.get(id))) await records.create(value as never, { id })
}

/** Each may be begun again: what it did already does nothing the second time. */
const steps: ((day: Day, world: World) => Promise<unknown>)[] = [
  async ({ system }) =>
    system.row('cases', 'CASES-1') ?? system.edit('cases', {}, { Title: 'case', AccountId: 'ACCOUNTS-3' }),
  async ({ system }) =>
    system.row('events', 'EVENTS-2') ??
    system.edit('events', {}, { Title: 'visit', AccountId: 'ACCOUNTS-3' }),
  ({ bridge }) => bridge.pollNow(),
  async ({ system }) =>
    system.row('accounts', 'ACCOUNTS-3') ?? system.edit('accounts', {}, { Name: 'office' }),
  ({ bridge }) => bridge.pollNow(),
  ({ bridge }) => bridge.idle(),
  (day) => create(day, 'jobs', 'job', { title: 'job', site: 'north' }),
  (day) => create(day, 'sites', 'north', { name: 'bad', contact: 'ada' }),
  (day) => create(day, 'contacts', 'ada', { name: 'ada', site: 'north' }),
  ({ bridge }) => bridge.idle(),
  async ({ bridge }, world) => {
    world.refuses = false
    await bridge.retry('sites/north')
  },
]

/** Lives the day from `step` on until its end, or until the power goes. */
async function live(
  world: World,
  from: number,
  cutAt: number,
): Promise<{ step: number; points: number; crm?: Crm }> {
  const host = testHost(cutAt + 1)
  const power = new Power(cutAt, () => {
    world.disk.crash()
    host.dead = true
  })
  let step = from
  const day = async () => {
    const crm = await openCrm({ disk: world.disk, host, store: (disk) => power.store(disk) })
    const mappings = [visitMapping, jobMapping, contactMapping, siteMapping]
    const { bridge } = await bridgedCrm(crm, world.system, mappings, {
      adapter: power.adapter(world.system.adapter()),
    })
    for (; step < steps.length; step++) await steps[step]!({ ...world, crm, bridge }, world)
    await bridge.pollNow()
    await bridge.idle()
    expect(bridge.stats()).toMatchObject({ parked: 0, dead: 0, open: 0 })
    await bridge.close()
    return crm
  }
  const lived = day().catch((error: unknown) => {
    // Without power nothing can be read either; what fails then is not heard of.
    if (!power.isOff) throw error
  })
  const crm = await Promise.race([lived, power.gone])
  return { step, points: power.points, ...(crm && { crm }) }
}

function newWorld(): World {
  const world: World = { system: new MemorySystem(), disk: new MemoryDisk(), refuses: true }
  world.system = new MemorySystem({
    refuses: (_, { Name }) => (world.refuses && Name === 'bad' ? 'not in our register' : undefined),
  })
  return world
}

async function judge({ system }: World, { replica }: Crm): Promise<void> {
  const rowId = (type: string, id: string) =>
    system.rows(type).find(({ externalId }) => externalId === `skerry:${id}`)?.id
  const values = (type: string) => system.rows(type).map(({ value }) => value)
  const [north, ada] = [rowId('accounts', 'north'), rowId('people', 'ada')]
  expect(values('cases')).toEqual([
    { Title: 'case', AccountId: 'ACCOUNTS-3' },
    { Title: 'job', AccountId: north },
  ])
  expect(values('accounts')).toEqual([{ Name: 'office' }, { Name: 'bad', ContactId: ada }])
  expect(values('people')).toEqual([{ Name: 'ada', AccountId: north }])
  const office = (await replica.sites.all()).find(({ name }) => name === 'office')!.id
  expect((await replica.jobs.all()).map(({ title, site }) => [title, site]).sort()).toEqual([
    ['case', office],
    ['job', 'north'],
  ])
  expect(await replica.visits.all()).toMatchObject([{ title: 'visit', site: office }])
}

test('B-80 to B-84: the power goes once, anywhere', { timeout: 120_000 }, async () => {
  const whole = newWorld()
  const { crm, points } = await live(whole, 0, 0)
  await judge(whole, crm!)
  expect(points).toBeGreaterThan(40)
  for (let cut = 1; cut <= points; cut++) {
    const world = newWorld()
    const { step } = await live(world, 0, cut)
    const { crm: after } = await live(world, step, 0)
    await judge(world, after!).catch((error: unknown) => {
      throw new Error(`cut ${cut}: ${String(error)}`, { cause: error })
    })
  }
})
