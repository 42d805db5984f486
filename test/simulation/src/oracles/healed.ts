/** What a disk has lost comes back as long as somebody who is met has it; what nobody has any more is not to be had, and the operator mends the disk. */
import { decodeFrontier } from '@skerry/core'
import type { SimulatedNode } from '../nodes/node.ts'
import type { World } from '../world.ts'
import { OracleFailed } from './oracle-failed.ts'

const PAGE = { entries: 1_000, bytes: 1_000_000 }

/** Everything is read, so that what is damaged is found. */
export async function readAll({ running }: SimulatedNode): Promise<void> {
  for (let after = 0; running; ) {
    const page = await running.replica.session.readLog(after, PAGE)
    if (page.length === 0) return
    after = page.at(-1)!.seq
  }
}

/** In a world at rest. @throws OracleFailed for a record that is damaged at one node and whole at another that it is in step with */
export async function checkHealed(world: World): Promise<void> {
  for (const node of world.living)
    for (const record of damagedAt(node))
      for (const other of met(world, node))
        if (
          !damagedAt(other).includes(record) &&
          (await headsAt(other, record)) === (await headsAt(node, record))
        )
          throw new OracleFailed('healed', `${record} is damaged at ${node.name}, and ${other.name} has it`)
}

/** The disk reads again what it had lost; whoever looks finds it. */
export async function mendDisk(node: SimulatedNode): Promise<void> {
  node.disk.rotten.clear()
  for (let left = damagedAt(node).length; left > 0; left--) await node.running?.replica.upkeep()
}

export function damagedAt({ running }: SimulatedNode): string[] {
  const quarantined = running?.replica.quarantined ?? []
  return quarantined.flatMap(({ code, record }) => (code === 'damaged' ? [record] : []))
}

function met(world: World, node: SimulatedNode): SimulatedNode[] {
  const isMet = (one: SimulatedNode, other: SimulatedNode) => one.running?.links.has(other.name)
  return world.living.filter((other) => other !== node && (isMet(node, other) || isMet(other, node)))
}

async function headsAt({ running }: SimulatedNode, record: string): Promise<string | undefined> {
  const [row] = (await running?.store.rows([record])) ?? []
  return row && decodeFrontier(row.frontier).heads.join()
}
