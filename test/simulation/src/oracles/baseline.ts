/** When everything was closed in order, nothing is left: no timer, no session, no record in memory beyond the ceiling, no process that does not close. */

import { CACHED_RECORDS_MAX, type Process } from '../nodes/process.ts'
import type { World } from '../world.ts'
import { OracleFailed } from './oracle-failed.ts'

const CLOSING_MS_MAX = 60_000

export async function checkCaches(world: World): Promise<void> {
  for (const { name, running } of world.living) {
    const { cachedRecords, unacknowledged } = await running!.replica.stats()
    if (cachedRecords > CACHED_RECORDS_MAX)
      throw new OracleFailed('baseline', `${name} keeps ${cachedRecords} records loaded`)
    if (unacknowledged > 0)
      throw new OracleFailed('liveness', `${name} has ${unacknowledged} entries without an answer`)
  }
}

export async function checkClosing(world: World): Promise<void> {
  const processes = world.living.map(({ running }) => running!)
  let closed = 0
  for (const process of processes)
    process.close().then(
      () => {
        closed += 1
      },
      (error: unknown) => world.found(error),
    )
  const untilMs = world.scheduler.nowMs + CLOSING_MS_MAX
  while (closed < processes.length && (await world.scheduler.next(untilMs - world.scheduler.nowMs)));
  await world.scheduler.settle()
  world.check()
  if (closed < processes.length)
    throw new OracleFailed('baseline', `${processes.length - closed} nodes do not close`)
  for (const process of processes) checkLeft(process)
}

function checkLeft({ node, life, hubSessions, accepted }: Process): void {
  const sessions = accepted.size + (hubSessions?.size ?? 0)
  if (sessions > 0) throw new OracleFailed('baseline', `${node.name} was closed and has ${sessions} sessions`)
  if (life.timers > 0)
    throw new OracleFailed('baseline', `${node.name} was closed and has ${life.timers} timers`)
}
