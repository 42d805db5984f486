/** What a reconciliation needs of a replica: its sums, what it has of single records, and what becomes of the outcome. */
import type { DigestReader } from '../digest/digest-reader.ts'
import type { Tree } from '../digest/tree.ts'
import type { LoggedEntry, Mark, Seq } from '../store/port.ts'

/** What one side has of a record. */
export interface RecordState {
  incarnation: number
  /** Highest sequence by actor (hex). Containers are left out: they come with what needs them. */
  actors: ReadonlyMap<string, number>
  /** Hashes of receipts, hex. */
  receipts: readonly string[]
}

/** `large`: too large to list; everything is sent. */
export type ToldState = RecordState | 'large'

/** What there is of a record in a channel. */
export interface Held {
  /** Undefined: the record is not in this channel. */
  state: ToldState | undefined
  /** Sequence of its newest entry; 0 when it is not in the channel. */
  newest: Seq
}

/** What the other side lacks of a record. */
export interface Beyond extends Held {
  entries: LoggedEntry[]
  /** The newest mark of the record in that channel. */
  mark: Mark | undefined
}

export interface Claims {
  channel: string
  /** The channel is told from the beginning: nothing that was said of it counts. */
  isVoid: boolean
  /** Records that were found to differ: what the other side says of them is told by marks. */
  differing: ReadonlySet<string>
  /** Of these, the ones that the other side does not have in that channel. */
  onlyHere: ReadonlySet<string>
  /** Hashes of records that only the other side has. */
  lacked: ReadonlySet<string>
  /** The log was counted up to here when the comparison began: what changed since was not compared. */
  upTo: Seq
  /** Of the side that told. */
  log: string
  /** What was equal may have gone from here since: the channel is to be asked without a cursor once more, also by a later session (Q16). */
  isDoubtful: boolean
}

export interface ReplicaDigests {
  /** Whether entries of other kinds than changes and receipts are kept here. */
  readonly hasOthers: boolean
  /** Whether this log may be known already to the replica of that log: an authority has answered some of it, or others than that one told what is here. */
  mayBeKnown(): Promise<boolean>
  /** Sums as they were when `catchUp` was called last. */
  readonly kept: DigestReader
  /** Counts what came since; resolves with the sequence up to which the log is counted. @throws StoreError */
  catchUp(): Promise<Seq>
  /** Whether this replica has anything in the channel, by its own judgement. */
  hasAny(channel: string): Promise<boolean>
  /** Whether a recount may be made for this peer now; it is then taken as made. `node`: of the peer. */
  mayRecountFor(node: string): boolean
  recount(seed: Uint8Array, channel: string): Promise<DigestReader>
  /** Keys of the tree's items with this hash. */
  keysOf(tree: Tree, hash: string): Promise<string[]>
  stateOf(tree: Tree, key: string): Promise<Held>
  /**
   * What of an item `has` does not cover; all of it where that is undefined, and where `has` is what is here though it was found to differ at `comparedAt`, after which nothing of it came.
   * `newest` and `entries` are of what is in the channel after they were read.
   */
  beyond(tree: Tree, key: string, has: ToldState | undefined, comparedAt: Seq): Promise<Beyond>
  /** Which of these records were counted in one of the channels before `upTo` and did not change since. */
  unchanged(
    records: readonly string[],
    channels: ReadonlySet<string>,
    upTo: Seq,
  ): Promise<ReadonlySet<string>>
  /** Which of these entries a side with this state has. */
  covered(entries: readonly LoggedEntry[], state: RecordState): readonly LoggedEntry[]
  /** The authority has told who is in a channel, and it was compared: claims of records follow (replica rule G-6). */
  settleClaims(claims: Claims): Promise<void>
}
