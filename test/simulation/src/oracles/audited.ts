/** The audit of a session must agree with the other oracles: in a world at rest, where everybody has the same, it finds nothing that differs. */
import type { World } from '../world.ts'
import { OracleFailed } from './oracle-failed.ts'

/** `rest` lets the world run until nothing moves. */
export async function checkAudited(world: World, rest: () => Promise<void>): Promise<void> {
  const found = new Map<string, number | undefined>()
  const asked = new Set<string>()
  for (const { name, running } of world.living)
    for (const [other, { session }] of running?.links ?? []) {
      if (!session || session.granted.read.length === 0) continue
      const between = `${name} and ${other}`
      asked.add(between)
      void session.audit().then((outcome) => found.set(between, outcome?.diverged))
    }
  await rest()
  for (const between of asked)
    if (!found.has(between)) throw new OracleFailed('audited', `the audit of ${between} has not ended`)
  for (const [between, diverged] of found)
    if (diverged)
      throw new OracleFailed('audited', `the audit of ${between} found ${diverged} records to differ`)
}
