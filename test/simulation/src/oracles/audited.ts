/** The audit of a session must agree with the other oracles: in a world at rest, where everybody has the same, it finds nothing that differs. */
import type { World } from '../world.ts'
import { OracleFailed } from './oracle-failed.ts'

/** The slowest commit there is (steps/faults.ts), and a little more. */
const SLOW_COMMIT_MS = 6_000

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
  // A commit that a slow disk had begun when the faults stopped keeps the writer, and nothing that moves tells of it.
  if (found.size < asked.size) await world.scheduler.advance(SLOW_COMMIT_MS)
  for (const between of asked)
    if (!found.has(between)) throw new OracleFailed('audited', `the audit of ${between} has not ended`)
  for (const [between, diverged] of found)
    if (diverged)
      throw new OracleFailed('audited', `the audit of ${between} found ${diverged} records to differ`)
}
