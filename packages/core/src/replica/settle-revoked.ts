/** After edits of one device to one record: those of a revoked one are taken back; those of others stay where they are on top of such. */
import type { ReplicaCore } from './replica-core.ts'
import { giveWay, REVOKED_RULE, takeBack } from './take-back.ts'
import type { Turn } from './turn.ts'
import { RuleFailed, type Suspect } from './violation.ts'

/** A turn may be run again before it is committed: what it did is told after that. Returns whether the edits are a revoked device's, which no rule needs to weigh. */
export async function settleRevoked(
  turn: Turn,
  { author, events }: ReplicaCore,
  key: string,
  suspect: Suspect,
): Promise<boolean> {
  const fields = { rule: REVOKED_RULE }
  try {
    if (!suspect.isRevoked) await giveWay(turn, author, key)
    else if (await takeBack(turn, author, suspect))
      turn.afterCommit(() =>
        events({
          level: 'info',
          code: 'mended',
          message: `${key}: what ${suspect.author.subject} wrote, who was revoked, came by another device and was taken back`,
          fields,
        }),
      )
  } catch (error) {
    if (!(error instanceof RuleFailed)) throw error
    turn.afterCommit(() =>
      events({
        level: 'error',
        code: 'mend-failed',
        message: `${key} was not mended: ${error.message}`,
        fields,
      }),
    )
  }
  return suspect.isRevoked
}
