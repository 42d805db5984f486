/** Nobody here writes two changes under one sequence, whatever is copied, restored or killed: who is accused of it is accused wrongly. */
import type { World } from '../world.ts'
import { OracleFailed } from './oracle-failed.ts'

export function checkAccused(world: World): void {
  for (const { name, running } of world.living)
    for (const { subject, record, seq } of running?.replica.proofs() ?? [])
      throw new OracleFailed('accused', `${name} accuses ${subject} of two changes ${seq} of ${record}`)
}
