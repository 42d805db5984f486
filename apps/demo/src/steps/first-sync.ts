/** The CRM's accounts become sites; each technician gets exactly those of the own states. */
import type { Airport } from '../data.ts'
import { eventually } from '../patience.ts'
import type { Report } from '../report.ts'
import type { Step } from '../step.ts'
import type { Technician } from '../technician.ts'
import type { World } from '../world.ts'

export const firstSync: Step = {
  title: '1 first sync',
  async play(world, report) {
    const { airports, crm, adapter, hub, ana, ben } = world
    report.check('accounts in the CRM', airports.length, await crm.seedAccounts(airports))

    await adapter.start()
    const atHub = await eventually('every site is at the hub', async () => {
      const records = await hub.records()
      return records >= airports.length ? records : undefined
    })
    report.check('sites at the hub, from starting the adapter node', airports.length, atHub)

    const told = await ben.edge.enrol({ token: ana.token }).then(String, (error: Error) => error.message)
    const refused = told.includes("is for another device's key") ? 'refused' : told
    report.check("ana's credential on ben's device", 'refused', refused)
    for (const technician of [ana, ben]) await join(technician, world, report)
  },
}

async function join(technician: Technician, { airports }: World, report: Report): Promise<void> {
  const { name, states, edge } = technician
  const expected = airports.filter(({ state }) => states.includes(state)).map(siteName)
  report.mark()
  await technician.online()
  const seen = (await edge.sites()).map(siteName)
  report.check(`sites on ${name}'s edge (${states.join(', ')})`, expected.length, seen.length)
  const wrong = seen.filter((site) => !expected.includes(site)).length
  report.check(`sites on ${name}'s edge that are not ${name}'s`, 0, wrong)
}

function siteName({ name, city, state }: Pick<Airport, 'name' | 'city' | 'state'>): string {
  return `${name}, ${city}, ${state}`
}
