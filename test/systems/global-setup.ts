/** Before any test: says which systems are not here, and makes what is made once for a machine. */
import { demoDump, lackOf, type Service } from '@skerry/systems'

const services: readonly Service[] = ['postgres', 'tryton']

/** @throws in a pipeline when a system is not here: there nothing may be passed over */
export default async function setUp(): Promise<void> {
  const lacks = services.flatMap((service) => lackOf(service) ?? [])
  if (lacks.length > 0 && process.env.CI === 'true')
    throw new Error(`under CI=true every system must be here: ${lacks.join('; ')}`)
  for (const lack of lacks) console.log(`test:systems: ${lack} (its tests are skipped)`)
  if (lackOf('tryton') === undefined) await demoDump({ told: (line) => console.log(`test:systems: ${line}`) })
}
