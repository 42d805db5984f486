/** Revoking, as the authority does it: an entry that every replica of the space is told. */
import { encodeEntry } from '../log/entry.ts'
import { encodeRevocation, type Revocation, type Revoked } from '../log/revocation.ts'
import type { ReplicaCore } from './replica-core.ts'
import { REVOCATIONS_MAX, REVOCATIONS_RECORD, TooManyRevocations } from './revocations.ts'
import type { Turn } from './turn.ts'

/** Resolves when it is durable; false when that was known. @throws StoreError, TooManyRevocations */
export function revoke(core: ReplicaCore, revoked: Revoked & { wipe?: boolean }): Promise<boolean> {
  const { by, value, wipe: wipes = false } = revoked
  return core.writer.run(async (turn) => {
    const { revocations } = core
    const isKnown =
      revocations.knows({ by, value, wipe: true }) ||
      (!wipes && revocations.knows({ by, value, wipe: false }))
    if (isKnown) return false
    if (revocations.isFull)
      throw new TooManyRevocations(
        `revoking ${value}: ${REVOCATIONS_MAX} are kept already; make a new authority for the space`,
      )
    await append(turn, core, { by, value, wipe: wipes })
    return true
  })
}

/** Those that a hub kept before revocations travelled become entries, once it has a credential to sign them under. */
export async function tellUntold(core: ReplicaCore): Promise<void> {
  const untold = core.revocations.untold()
  if (untold.length === 0) return
  await core.writer.run(async (turn) => {
    for (const revocation of untold) await append(turn, core, revocation)
  })
}

/** Signed by this replica. */
async function append(
  turn: Turn,
  { identity, revocations }: ReplicaCore,
  revocation: Revocation,
): Promise<void> {
  const [record, incarnation] = [REVOCATIONS_RECORD, 0]
  const body = encodeRevocation(revocation)
  const signature = await identity.signBody('revocation', { record, incarnation }, body)
  await revocations.keep(
    turn,
    revocation,
    encodeEntry({ kind: 'revocation', record, incarnation, signature, body }),
  )
}
