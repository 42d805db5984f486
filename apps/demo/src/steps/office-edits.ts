/** The office works in the CRM, at times on the same field as a technician; and a technician breaks a rule of the house. */
import type { Report } from '../report.ts'
import type { Step } from '../step.ts'
import { waitForCase } from '../wait-for-case.ts'
import type { World } from '../world.ts'

export const officeEdits: Step = {
  title: '3 office and rules',
  async play(world, report) {
    const { ana } = world
    const site = { site: 'Mahlon Sweet', state: 'OR' }
    const order = await ana.edge.create({ title: 'Grease the gate motor', ...site })
    const fence = await ana.edge.create({ title: 'Count the cones', ...site })
    await Promise.all([order, fence].map((id) => ana.edge.saved({ id, place: 'crm' })))
    await officeRenames(world, order, report)
    await sameField(world, order, fence, report)
    await brokenRule(world, fence, report)
  },
}

async function officeRenames({ ana, ben, crm }: World, id: string, report: Report): Promise<void> {
  const row = await waitForCase(crm, 'Grease the gate motor')
  const title = 'Grease both gate motors'
  report.mark()
  await crm.officeEdit(row, { title })
  const seen = await Promise.all([ana, ben].map(({ edge }) => edge.until({ id, fields: { title } })))
  report.check("edges that have the office's edit", 2, seen.length)
}

/**
 * The technician's edit and the office's meet in the bridge: the CRM keeps back the answer to an earlier call for this record, so that the edit must wait;
 * meanwhile the office is faster. A second record that reaches the CRM shows that the edit stands before the bridge by then.
 */
async function sameField({ ana, crm }: World, id: string, fence: string, report: Report): Promise<void> {
  const row = await waitForCase(crm, 'Grease both gate motors')
  await crm.hold(1)
  await ana.edge.edit({ id, edit: { addHours: 1 } })
  await crm.held(1)
  await ana.edge.edit({ id, edit: { set: { priority: 'low' } } })
  await crm.unplan()
  await ana.edge.edit({ id: fence, edit: { usePart: 'cone' } })
  await ana.edge.saved({ id: fence, place: 'crm' })
  await crm.officeEdit(row, { priority: 'high' })
  await crm.release()
  const told = String(await ana.edge.saved({ id, place: 'crm' }))
  const { priority } = await ana.edge.until({ id, fields: { priority: 'high' } })
  report.check("the priority, by the rule 'that-side'", 'high', priority)
  report.judge('what the technician is told of it', 'that it was overruled', told, told.includes('overruled'))
  const receipt = (await ana.edge.receipts({ id })).find(({ outcome }) => outcome === 'overruled')
  report.check(
    'both values, in the receipt',
    { '/priority': { was: 'low', became: 'high' } },
    receipt?.values,
  )
}

async function brokenRule({ ana, crm }: World, id: string, report: Report): Promise<void> {
  report.mark()
  await ana.edge.edit({ id, edit: { set: { status: 'done' } } })
  await ana.edge.until({ id, fields: { status: 'open' } })
  const receipt = (await ana.edge.receipts({ id })).find(({ outcome }) => outcome === 'mended')
  const reason = 'a finished work order needs its hours; write them down, then finish it'
  report.check('why the finished order is open again', reason, receipt?.reason)
  await ana.edge.saved({ id, place: 'crm' })
  report.check('its status in the CRM', 'open', (await waitForCase(crm, 'Count the cones')).fields.status)
}
