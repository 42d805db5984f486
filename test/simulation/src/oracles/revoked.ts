/** A revocation is everybody's to know: what one replica has heard, all have in the end, also a hub that was set back since. */
import type { World } from '../world.ts'
import { OracleFailed } from './oracle-failed.ts'

const nobody = new Uint8Array(32)

export function checkRevoked(world: World): void {
  for (const hash of world.rights.everRevoked) {
    const knows = [...world.living].map(({ name, running }) => ({
      name,
      yes: running!.replica.isRevoked({ hash, publicKey: nobody }),
    }))
    const lacking = knows.find(({ yes }) => !yes)
    const knowing = knows.find(({ yes }) => yes)
    if (lacking && knowing)
      throw new OracleFailed(
        'rights',
        `${lacking.name} has not heard that ${hash.slice(0, 12)} was revoked, which ${knowing.name} knows`,
      )
  }
}
