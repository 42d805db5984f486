/** Both technicians work offline on the same work order, and on others; what the CRM hears is one call for each. */
import { isDeepStrictEqual } from 'node:util'
import type { CaseWrite } from '../crm.ts'
import type { Edit } from '../edge-commands.ts'
import type { Report } from '../report.ts'
import type { Step } from '../step.ts'
import type { Technician } from '../technician.ts'
import type { World } from '../world.ts'

/** In Oregon, where both work. */
const both = {
  title: 'Pump 7 leaks',
  site: 'Portland Intl',
  state: 'OR',
  notes: 'Seen at the morning round.',
}
const washington = ['Check the beacon', 'Replace a runway light', 'Paint the hangar gate']
const california = ['Clear the drain', 'Test the generator', 'Mend the fence']
/** Each of these is made by itself, so that there are three edits of one record to collapse. */
const smallEdits: readonly Edit[] = [{ addHours: 1 }, { noteAfter: 'Done the first half. ' }, { addHours: 1 }]

export const offlineEdits: Step = {
  title: '2 offline edits',
  async play(world, report) {
    const { ana, ben, crm } = world
    const shared = await ana.edge.create(both)
    const orders = [
      ...(await createAll(ana, washington, 'Boeing Field/King County Intl', 'WA')),
      ...(await createAll(ben, california, 'San Diego International-Lindbergh', 'CA')),
    ]
    await ben.edge.until({ id: shared, fields: { title: both.title } })
    await allSaved(world, shared)
    report.check('work orders that became cases in the CRM', 7, (await crm.cases()).length)

    await Promise.all([ana.edge.offline(), ben.edge.offline()])
    const since = await crm.lastCall()
    await ana.edge.edit({
      id: shared,
      edit: { set: { status: 'en_route' }, noteBefore: 'Ana: seal is torn. ', addHours: 2 },
    })
    await ben.edge.edit({
      id: shared,
      edit: { set: { priority: 'high' }, noteAfter: ' Ben: valve is shut.', addHours: 3 },
    })
    await ana.edge.edit({ id: shared, edit: { set: { title: 'Pump 7 leaks (seal)' } } })
    await ben.edge.edit({ id: shared, edit: { set: { title: 'Pump 7 leaks (valve)' } } })
    for (const { technician, id } of orders)
      for (const edit of smallEdits) await technician.edge.edit({ id, edit })
    report.check('calls to the CRM while both are offline', 0, (await crm.writes(since)).length)

    report.mark()
    await Promise.all([ana.online(), ben.online()])
    await converged(world, shared, report)
    await allSaved(world, shared)
    await Promise.all(orders.map(({ technician, id }) => technician.edge.saved({ id, place: 'crm' })))
    checkWrites(await crm.writes(since), crm.writesOfStatus, report)
  },
}

interface Order {
  technician: Technician
  id: string
}

async function createAll(
  technician: Technician,
  titles: readonly string[],
  site: string,
  state: string,
): Promise<Order[]> {
  const ids = await Promise.all(titles.map((title) => technician.edge.create({ title, site, state })))
  await Promise.all(ids.map((id) => technician.edge.saved({ id, place: 'crm' })))
  return ids.map((id) => ({ technician, id }))
}

/** Both have edited it. */
async function allSaved({ ana, ben }: World, id: string): Promise<void> {
  await Promise.all([ana, ben].map(({ edge }) => edge.saved({ id, place: 'crm' })))
}

async function converged({ ana, ben }: World, id: string, report: Report): Promise<void> {
  const fields = { status: 'en_route', priority: 'high', hours: 5 } as const
  const [onAna, onBen] = await Promise.all([ana.edge.until({ id, fields }), ben.edge.until({ id, fields })])
  const same = isDeepStrictEqual(onAna, onBen)
  report.judge('the shared work order on both edges', 'the same', same ? 'the same' : 'two versions', same)
  const notes = 'Ana: seal is torn. Seen at the morning round. Ben: valve is shut.'
  report.check('its notes, written by both', notes, onAna.notes)
  report.check('its hours: 2 by ana, 3 by ben', 5, onAna.hours)
  const conflicts = await ben.edge.concurrent({ id })
  const titles = conflicts.find(({ path }) => path[0] === 'title')?.values ?? []
  const listed = titles.map(({ value, author }) => `${author} ${value}`).sort()
  const expected = ['tech:ana Pump 7 leaks (seal)', 'tech:ben Pump 7 leaks (valve)']
  report.check('its title, set by both: both are listed', expected.join('; '), listed.join('; '))
}

/** One of the records has a new status. */
function checkWrites(writes: readonly CaseWrite[], writesOfStatus: number, report: Report): void {
  const byRecord = Map.groupBy(writes, ({ record }) => record)
  report.check('records written to the CRM', 7, byRecord.size)
  report.check('writes to the CRM for them', 7 + writesOfStatus, writes.length)
  const fields = [...byRecord.values()].map((ofOne) =>
    ofOne
      .flatMap((write) => write.fields)
      .sort()
      .join(' '),
  )
  const expected = ['1 × hours notes priority status title', '6 × hours notes']
  report.check('fields in those writes: only what changed', expected.join('; '), counted(fields).join('; '))
}

function counted(texts: readonly string[]): string[] {
  return [...new Set(texts)]
    .map((text) => `${texts.filter((other) => other === text).length} × ${text}`)
    .sort()
}
