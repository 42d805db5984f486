/** After edits of one device to one record: those that do not stand, as of a revoked one, are taken back; those of others stay where they are on top of such. */
import type { ReplicaCore } from './replica-core.ts'
import { giveWay, REVOKED_RULE, takeBack } from './take-back.ts'
import type { Turn } from './turn.ts'
import { RuleFailed, type Suspect } from './violation.ts'

/** A turn may be run again before it is committed: what it did is told after that. Returns whether the edits are taken back, so that no rule needs to weigh them. */
export async function settleRevoked(
  turn: Turn,
  { author, events }: ReplicaCore,
  key: string,
  suspect: Suspect,
): Promise<boolean> {
  const { takenBack } = suspect
  const fields = { rule: takenBack?.rule ?? REVOKED_RULE }
  try {
    if (!takenBack) await giveWay(turn, author, key)
    else if (await takeBack(turn, author, suspect, takenBack))
      turn.afterCommit(() =>
        events({
          level: 'info',
          code: 'mended',
          message: `${key}: what ${suspect.author.subject} wrote was let in, since others may have built on it, and taken back: ${takenBack.reason}`,
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
  return takenBack !== undefined
}
