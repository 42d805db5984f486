/**
 * What a reconciliation found the peer to have of this log. Who asks the whole log from the beginning is not told it again (Q13): records that were equal are left out, and of
 * those that differed what the peer said it has. What came into the log after the comparison began is told as ever.
 */
import { recordKinds } from '../digest/digest-follower.ts'
import type { RecordState, ReplicaDigests, ToldState } from '../reconcile/port.ts'
import type { LoggedEntry, Seq } from '../store/port.ts'

export class Compared {
  readonly #digests: ReplicaDigests
  readonly #channels: ReadonlySet<string>
  readonly #differing: ReadonlyMap<string, ToldState | undefined>
  readonly #upTo: Seq

  /** `channels`: those that were compared to the end. `upTo`: up to where this log was counted then. */
  constructor(
    digests: ReplicaDigests,
    {
      channels,
      differing,
      upTo,
    }: {
      channels: ReadonlySet<string>
      differing: ReadonlyMap<string, ToldState | undefined>
      upTo: Seq
    },
  ) {
    this.#digests = digests
    this.#channels = channels
    this.#differing = differing
    this.#upTo = upTo
  }

  /** Which of these entries the peer has. */
  async covered(entries: readonly LoggedEntry[]): Promise<ReadonlySet<LoggedEntry>> {
    const covered = new Set<LoggedEntry>()
    const others = new Map<string, LoggedEntry[]>()
    for (const entry of entries) {
      if (entry.seq > this.#upTo || !recordKinds.has(entry.kind)) continue
      others.set(entry.record, [...(others.get(entry.record) ?? []), entry])
    }
    for (const [record, of] of others) {
      if (!this.#differing.has(record)) continue
      others.delete(record)
      const state = this.#differing.get(record)
      if (isListed(state)) for (const entry of this.#digests.covered(of, state)) covered.add(entry)
    }
    const equal = await this.#digests.unchanged([...others.keys()], this.#channels, this.#upTo)
    for (const record of equal) for (const entry of others.get(record)!) covered.add(entry)
    return covered
  }
}

function isListed(state: ToldState | undefined): state is RecordState {
  return state !== undefined && state !== 'large'
}
