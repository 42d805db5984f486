/**
 * A reader of this replica's log for one peer: pages from the store become the items that the peer is to be told, with the positions that
 * hold after each (O1–O4, O7). It reads ahead and is told what was taken; it decides nothing about when to send.
 *
 *     store ──page──▶ items, each with "position after it" ──take()──▶ frame
 *                     └ told: everything up to here is in the queue, was taken, or is not for this peer
 */
import type { LoggedEntry, Seq } from '../store/port.ts'
import type { CitedCredentials } from './cited-credentials.ts'
import type { Compared } from './compared.ts'
import { type FrameItem, itemBytesMax } from './frame.ts'
import { ENTRY_BYTES_MAX, FRAME_BYTES_MAX, PAGE_ENTRIES_MAX } from './limits.ts'
import type { PeerHolds } from './peer-holds.ts'
import type { Peer, SessionReplica, Want } from './port.ts'

interface Queued {
  item: FrameItem
  bytes: number
  /** Everything asked up to here has been told once this item was. Absent inside a record. */
  positionAfter: Seq | undefined
}

/** O5: told of an entry that is too large for any frame and so is not sent. */
export type LeftOut = (seq: Seq, bytes: number) => void

export interface Taken {
  items: FrameItem[]
  position: Seq | undefined
}

export interface ReaderOptions {
  replica: SessionReplica
  peer: Peer
  want: Want
  /** What the peer was told already, by channel of the want (`*` for the log). */
  from: ReadonlyMap<string, Seq>
  leftOut: LeftOut
  held: PeerHolds
  /** What a reconciliation found the peer to have; absent: nothing was compared. */
  credentials: CitedCredentials
  compared?: Compared | undefined
}

const pageLimit = { entries: PAGE_ENTRIES_MAX, bytes: FRAME_BYTES_MAX }

export class LogReader {
  readonly want: Want
  readonly #replica: SessionReplica
  readonly #peer: Peer
  readonly #from: ReadonlyMap<string, Seq>
  readonly #leftOut: LeftOut
  readonly #held: PeerHolds
  readonly #compared: Compared | undefined
  readonly #credentials: CitedCredentials
  #queue: Queued[] = []
  #queuedBytes = 0
  #told: Seq
  #position: Seq

  constructor({ replica, peer, want, from, leftOut, held, credentials, compared }: ReaderOptions) {
    this.#held = held
    this.#replica = replica
    this.#peer = peer
    this.want = want
    this.#from = from
    this.#leftOut = leftOut
    this.#compared = compared
    this.#credentials = credentials
    this.#told = from.size === 0 ? 0 : Math.min(...from.values())
    this.#position = this.#told
  }

  /** Everything up to here is queued, taken, or not for this peer. */
  get told(): Seq {
    return this.#told
  }

  /** Everything up to here was taken, or is not for this peer. */
  get position(): Seq {
    return this.#position
  }

  get queued(): number {
    return this.#queue.length
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Reads one page; afterwards `told` has moved, or nothing is left. One call at a time. @throws StoreError */
  async read(): Promise<void> {
    if (this.want.kind === 'log') await this.#readLog()
    else if (this.want.kind === 'channels') await this.#readChannels()
  }

  /** The items of the next frame; none when the queue is empty. */
  take(): Taken {
    const items: FrameItem[] = []
    let bytes = 0
    let position: Seq | undefined = this.#position
    for (const next of this.#queue) {
      if (items.length > 0 && bytes + next.bytes > FRAME_BYTES_MAX) break
      items.push(next.item)
      bytes += next.bytes
      position = next.positionAfter
    }
    this.#queuedBytes -= bytes
    // Something is always read ahead: a queue that lets go only when it is empty would hold all that was ever told.
    this.#queue = this.#queue.slice(items.length)
    if (position !== undefined) this.#position = position
    return { items, position }
  }

  async #readLog(): Promise<void> {
    // Taken before reading: what is at or below it is visible to the read.
    const head = this.#replica.head
    const entries = await this.#replica.readLog(this.#told, pageLimit, this.#peer)
    const compared = await this.#compared?.covered(entries)
    const fresh: Queued[] = []
    for (const entry of entries) {
      if (!this.#held.has(this.#peer, entry) && !compared?.has(entry))
        await this.#add(fresh, entry, entry.seq)
      else if (fresh.length > 0) fresh.at(-1)!.positionAfter = entry.seq
    }
    this.#append(fresh, entries.at(-1)?.seq ?? head)
  }

  async #readChannels(): Promise<void> {
    const { items, upTo } = await this.#replica.readChannels(this.#after(), pageLimit)
    const fresh: Queued[] = []
    for (const [i, item] of items.entries()) {
      const whole = (items[i + 1]?.seq ?? upTo + 1) > item.seq ? item.seq : undefined
      if (item.kind === 'entry') {
        if (!this.#held.has(this.#peer, item.entry)) await this.#add(fresh, item.entry, whole)
        else if (fresh.length > 0 && whole !== undefined) fresh.at(-1)!.positionAfter = whole
        continue
      }
      if (item.kind === 'enter')
        for (const entry of item.entries) if (!this.#isEcho(entry)) await this.#add(fresh, entry, undefined)
      const { kind, seq, channel, record } = item
      if (kind === 'leave') this.#held.doubt(record)
      push(fresh, { kind, seq, channel, record }, whole)
    }
    this.#append(fresh, upTo)
  }

  /** What an authority's mark brings must be whole, since the peer gives up and takes back by its word; nobody does by the word of others (O3). */
  #isEcho(entry: LoggedEntry): boolean {
    return this.#replica.credential?.role !== 'authority' && this.#held.hasJustTold(this.#peer, entry)
  }

  /** O4: the credentials that an entry cites go first. */
  async #add(fresh: Queued[], { seq, bytes }: LoggedEntry, positionAfter: Seq | undefined): Promise<void> {
    if (bytes.length > ENTRY_BYTES_MAX) {
      this.#leftOut(seq, bytes.length)
      return
    }
    for (const token of await this.#credentials.before(bytes))
      push(fresh, { kind: 'credential', token }, undefined)
    push(fresh, { kind: 'entry', seq, bytes }, positionAfter)
  }

  #append(fresh: readonly Queued[], told: Seq): void {
    for (const queued of fresh) {
      this.#queue.push(queued)
      this.#queuedBytes += queued.bytes
    }
    this.#told = Math.max(this.#told, told)
    if (this.queued > 0) this.#queue.at(-1)!.positionAfter = this.#told
    else this.#position = this.#told
  }

  #after(): ReadonlyMap<string, Seq> {
    const after = new Map<string, Seq>()
    for (const [channel, from] of this.#from) after.set(channel, Math.max(from, this.#told))
    return after
  }
}

function push(fresh: Queued[], item: FrameItem, positionAfter: Seq | undefined): void {
  fresh.push({ item, bytes: itemBytesMax(item), positionAfter })
}
