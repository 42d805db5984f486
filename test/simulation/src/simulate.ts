/** One seed: a world is started, lived in, healed, and held against the oracles. */
import type { VisitReplica } from './node.ts'
import { World } from './world.ts'

/** Things that happen in one run. */
const STEPS = 120

class OracleFailed extends Error {
  override readonly name = 'OracleFailed'
}

/** `tell` hears what happens. */
export async function simulate(seed: number, tell?: (line: string) => void): Promise<void> {
  const world = new World(seed, tell)
  await world.start()
  for (let i = 0; i < STEPS; i++) await world.step()
  await world.heal()
  if (world.leaks.length > 0) throw new OracleFailed(`leaked: ${world.leaks.join('; ')}`)
  const atHub = await contentsOf(world.hub.replica!)
  for (const edge of world.edges) {
    const expected = new Map(
      [...atHub].filter(([, visit]) => edge.grant.read.includes(visit['site'] as string)),
    )
    compare(edge.name, expected, await contentsOf(edge.replica!))
  }
  await checkAcknowledged(world)
  // The audit must agree with the oracle: what it calls different was found equal above.
  for (const [name, diverged] of await world.audit())
    if (diverged !== 0) throw new OracleFailed(`${name} found ${diverged} records to differ from the hub's`)
}

type Contents = Map<string, Record<string, unknown>>

async function contentsOf(replica: VisitReplica): Promise<Contents> {
  return new Map((await replica.visits.all()).map((visit) => [visit.id, visit]))
}

function compare(name: string, expected: Contents, found: Contents): void {
  for (const [id, visit] of expected) {
    const own = found.get(id)
    if (!own) throw new OracleFailed(`${name} lacks ${id}, which the hub has in ${String(visit['site'])}`)
    const [atHub, here] = [JSON.stringify(sorted(visit)), JSON.stringify(sorted(own))]
    if (atHub !== here)
      throw new OracleFailed(`${name} and the hub differ in ${id}:\n  hub  ${atHub}\n  ${name} ${here}`)
  }
  for (const id of found.keys())
    if (!expected.has(id)) throw new OracleFailed(`${name} still has ${id}, which is in none of its channels`)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** What an edge was told is at the hub is there, unless the hub itself was set back to an older copy, or the record was deleted. */
async function checkAcknowledged(world: World): Promise<void> {
  if (world.hubWasRestored) return
  for (const { record, mark } of world.acknowledged) {
    const visit = await world.hub.replica!.visits.get(record)
    if (visit ? !visit.marks?.[mark] : !world.deleted.has(record))
      throw new OracleFailed(`the hub acknowledged ${mark} of ${record} and does not have it`)
  }
}
