/** The adapter node dies between the CRM's commit and its answer: on a create, on an update, and on several creates at once. */
import type { CaseWrite } from '../crm.ts'
import type { Report } from '../report.ts'
import type { Step } from '../step.ts'
import { waitForCase } from '../wait-for-case.ts'
import type { World } from '../world.ts'

const one = 'Survey the apron'
const many = ['Sweep bay 1', 'Sweep bay 2', 'Sweep bay 3', 'Sweep bay 4', 'Sweep bay 5']
/** Of those five, at least: the bridge makes four calls at once, or sends several writes in one. */
const UNDER_WAY = 4
const site = { site: 'Bellingham Intl', state: 'WA' }

export const killedAdapter: Step = {
  title: '4 adapter killed',
  async play(world, report) {
    const id = await killedOnCreate(world, report)
    await killedOnUpdate(world, id, report)
    await killedOnMany(world, report)
    const cases = await world.crm.cases()
    const duplicates = cases.length - new Set(cases.map(({ fields }) => fields.title)).size
    report.check('duplicates among all cases of the CRM', 0, duplicates)
  },
}

async function killedOnCreate(world: World, report: Report): Promise<string> {
  const { ana, crm } = world
  const since = await crm.lastCall()
  const id = await killedWhileHeld(world, 1, () => ana.edge.create({ title: one, ...site }))
  await ana.edge.saved({ id, place: 'crm' })
  report.check('a create: cases made, killed before the answer', 1, creations(await crm.writes(since)))
  return id
}

async function killedOnUpdate(world: World, id: string, report: Report): Promise<void> {
  const { ana, crm } = world
  const since = await crm.lastCall()
  await killedWhileHeld(world, 1, () => ana.edge.edit({ id, edit: { addHours: 2 } }))
  await ana.edge.saved({ id, place: 'crm' })
  const row = await waitForCase(crm, one)
  report.check('an update: hours in the CRM', 2, row.fields.hours)
  report.check('an update: commits, killed before the answer', 1, commits(await crm.writes(since)))
}

async function killedOnMany(world: World, report: Report): Promise<void> {
  const { ana, crm } = world
  const since = await crm.lastCall()
  const create = () => Promise.all(many.map((title) => ana.edge.create({ title, ...site })))
  const ids = await killedWhileHeld(world, UNDER_WAY, create)
  await Promise.all(ids.map((id) => ana.edge.saved({ id, place: 'crm' })))
  report.check(
    `${UNDER_WAY} writes under way: cases made of ${many.length}`,
    many.length,
    creations(await crm.writes(since)),
  )
}

/** The CRM commits what comes of `edit` and keeps its answers back; there the adapter node is killed, and started again. */
async function killedWhileHeld<Result>(
  { adapter, crm }: World,
  writes: number,
  edit: () => Promise<Result>,
): Promise<Result> {
  await crm.hold(writes)
  const result = await edit()
  await crm.held(writes)
  await adapter.kill()
  await crm.unplan()
  await adapter.start()
  return result
}

function creations(writes: readonly CaseWrite[]): number {
  return writes.filter(({ created }) => created).length
}

function commits(writes: readonly CaseWrite[]): number {
  return writes.filter(({ committed }) => committed).length
}
