/** Looks whether a damaged record is whole, outside of a delivery: as soon as it is found, beside the upkeep, when an operator asks. A disk may read now what it could not read a moment ago. */
import { deliver } from './deliver.ts'
import { Healing } from './heal.ts'
import type { ReplicaCore } from './replica-core.ts'
import { tryParked } from './try-parked.ts'
import { ReplicaClosed } from './writer.ts'

/** Returns whether it lacks nothing any more. @throws StoreError, ReplicaClosed */
export async function healRecord(core: ReplicaCore, record: string): Promise<boolean> {
  const isWhole = await core.writer.run((turn) => new Healing(core, turn).heal(record))
  if (isWhole) await tryParked(core, new Set([record]), deliver)
  return isWhole
}

/** When nobody waits for the outcome. */
export async function lookAgain(core: ReplicaCore, record: string): Promise<void> {
  try {
    await healRecord(core, record)
  } catch (error) {
    if (error instanceof ReplicaClosed) return
    core.events({
      level: 'error',
      code: 'heal-failed',
      message: `${record} is damaged, and it failed to see whether it is whole again: ${error}`,
      fields: { record },
    })
  }
}
