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
    const { airports, crm, adapter, hub } = world
    const rows = airports.map(({ iata, ...fields }) => ({ externalId: iata, fields }))
    const { created } = await crm.seed('accounts', rows)
    const states = [...new Set(airports.map(({ state }) => state))]
    const credential = await adapter.enrol(states)
    report.check('accounts in the CRM', airports.length, created)

    await adapter.start(credential)
    await eventually('every site is at the hub', async () => {
      const records = await hub.records()
      return records >= airports.length ? records : undefined
    })
    report.check('sites at the hub, through the adapter node', airports.length, await hub.records())

    for (const technician of [world.ana, world.ben]) await join(technician, world, report)
  },
}

async function join(technician: Technician, { airports }: World, report: Report): Promise<void> {
  const { name, states, edge } = technician
  await technician.online()
  const expected = airports.filter(({ state }) => states.includes(state)).map(siteName)
  const seen = (await edge.sites()).map(siteName)
  report.check(`sites on ${name}'s edge (${states.join(', ')})`, expected.length, seen.length)
  const foreign = seen.filter((site) => !expected.includes(site))
  report.check(`sites on ${name}'s edge that are not ${name}'s`, 0, foreign.length)
}

function siteName({ name, city, state }: Pick<Airport, 'name' | 'city' | 'state'>): string {
  return `${name}, ${city}, ${state}`
}
