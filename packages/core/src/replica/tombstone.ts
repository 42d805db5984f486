/**
 * Tombstones. The authority decides when the content of a deleted record goes, and says so by an entry that reaches everyone who has the record:
 *
 *   deleted ──deletedKeptMs──► tombstone of incarnation n ──► create: incarnation n + 1
 *
 * An absent device that comes back cannot bring the content back: its entries are of an incarnation that has gone. It sets its own aside, and its copy goes when it hears of the tombstone.
 */
import { EntryError } from '../log/entry.ts'
import { decodeTombstone } from '../log/tombstone.ts'
import type { AdmitContext } from './admit.ts'
import { answeredIn } from './answers.ts'
import { withdraw } from './aside.ts'
import { bury, RECORD_GONE } from './bury.ts'
import { settleEntered } from './entered.ts'
import { type Judged, Refused } from './judge.ts'
import { collectionOf, type OpenRecord } from './open-record.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'
import { setUntoldAside } from './untold-edits.ts'

/** Returns the record when its content went. @throws Refused */
export async function admitTombstone(
  turn: Turn,
  core: ReplicaCore,
  { entry, author, bytes }: Judged,
  context: Pick<AdmitContext, 'origin' | 'strict'>,
): Promise<OpenRecord | undefined> {
  if (author && author.role !== 'authority')
    throw new Refused('not-authority', `${author.subject} may not say that ${entry.record} has gone`)
  checkBody(entry.body)
  const known = await turn.open(entry.record)
  if (!known.collection && context.strict)
    throw new Refused('unknown-collection', `there is no collection '${collectionOf(known.key)}' here`)
  if (entry.incarnation < known.frontier.incarnation) return undefined
  if (!core.authority) await setUnansweredAside(turn, core, known)
  const gone = await bury(turn, await turn.open(entry.record), entry.incarnation)
  turn.append({ kind: 'tombstone', record: entry.record, bytes, origin: context.origin })
  if (!author) await settleEntered(turn, entry.record)
  return gone
}

/** @throws Refused */
function checkBody(body: Uint8Array): void {
  try {
    decodeTombstone(body)
  } catch (cause) {
    if (cause instanceof EntryError) throw new Refused(cause.code, cause.message, { cause })
    throw cause
  }
}

/** Own edits that the hub has not answered would be refused by it: they are set aside at once. */
async function setUnansweredAside(turn: Turn, core: ReplicaCore, record: OpenRecord): Promise<void> {
  const { key } = record
  if (record.isDamaged) return setUntoldAside(turn, core, record)
  const answered = await answeredIn(turn)
  const own = (await turn.entriesOf(key)).filter(
    ({ kind, origin, seq }) => kind === 'changes' && !origin && seq > answered,
  )
  if (own.length === 0) return
  core.identity.renewActor()
  const reason = `${key} was deleted, and its content has gone`
  const refusals = own.map(({ seq }) => ({ seq, code: RECORD_GONE, reason, record: key }))
  await withdraw(turn, core, key, refusals, true)
  turn.afterCommit(() =>
    core.events({
      level: 'warn',
      code: 'set-aside',
      message: `edits of ${key} were set aside: ${reason}`,
      fields: { reason: RECORD_GONE },
    }),
  )
}
