/**
 * Telling the peer what it asked for. Events (a commit, credit, an acknowledgement, room in the transport, a page read) change what is
 * known; `decide` says what to do next; `#pump` does it.
 */
import type { RunRow, Seq } from '../store/port.ts'
import type { CitedCredentials } from './cited-credentials.ts'
import type { Compared } from './compared.ts'
import { LineSpeed, shouldDeflate } from './compression.ts'
import { cursorsOf, listedRuns, ownerOf } from './cursor.ts'
import { deflateFrame, encodeFrame, type Frame, type FrameItem } from './frame.ts'
import * as limit from './limits.ts'
import type { MessageOf } from './messages.ts'
import { MissingQueue } from './missing-queue.ts'
import { PeerHolds } from './peer-holds.ts'
import type { Places } from './places.ts'
import { type Peer, ProtocolError, type Refusal, type SessionReplica, type Want } from './port.ts'
import { LogReader } from './reader.ts'
import { SlowReader } from './slow-reader.ts'
import { ViewReader } from './view-reader.ts'
import { encodeViews } from './view-text.ts'
import { startOf, viewsWelcome } from './want.ts'

/** A refusal, and that the record is elsewhere. */
const ANSWERS_PER_ENTRY_MAX = 2

/** What is known when deciding. */
export interface Outlook {
  /** Items read and not sent, and their bytes. */
  queued: number
  queuedBytes: number
  /** What a reconciliation found missing fills a frame, or is complete. */
  missing: boolean
  /** The stream's last frame ended inside a record's entries: the mark that they come with is still to be sent. */
  insideRecord: boolean
  /** Views go before the stream: of them a frame is there, or is awaited. Then `queuedBytes` and `behind` are theirs. */
  views?: 'due' | 'awaited' | undefined
  /** All of the log that was there when the first queued item was read is queued: nothing is won by reading on first. */
  complete: boolean
  /** The log goes on beyond what was read. */
  behind: boolean
  reading: boolean
  /** The last frame said that nothing was left; false before the first frame. */
  saidCurrent: boolean
  /** Sequences passed over since the last position sent. */
  lag: number
  creditBytes: number
  bufferedBytes: number
  /** What may wait in the transport. */
  bufferBytesMax: number
  unacknowledged: number
}

export interface Decision {
  read: boolean
  /** Those that are missing go first, but not into the middle of a record; then views. */
  send: 'missing' | 'views' | 'stream' | false
  /** Why a frame that is ready is not sent. */
  heldBy?: 'credit' | 'buffer' | 'acknowledgement'
}

/** The one place that decides (O5–O8). One frame ahead of the one being sent is read; while the peer takes nothing, only the one that will be. */
export function decide(outlook: Outlook): Decision {
  const { queued, queuedBytes, behind } = outlook
  const held = heldBy(outlook)
  const framesAhead = held === undefined ? 2 : 1
  const read = behind && !outlook.reading && queuedBytes < framesAhead * limit.FRAME_BYTES_MAX
  const frame = queued > 0 && (outlook.complete || queuedBytes >= limit.FRAME_BYTES_MAX)
  // They have no position, and so wait for no acknowledgement.
  const missing = outlook.missing && !outlook.insideRecord
  const beside = missing ? 'missing' : outlook.views === 'due' ? 'views' : undefined
  if (beside !== undefined)
    return held === 'credit' || held === 'buffer'
      ? { read, send: false, heldBy: held }
      : { read, send: beside }
  if (outlook.views !== undefined) return { read, send: false }
  const position = queued === 0 && !behind && (!outlook.saidCurrent || outlook.lag >= limit.POSITION_LAG_MAX)
  if (!frame && !position) return { read, send: false }
  return held === undefined ? { read, send: 'stream' } : { read, send: false, heldBy: held }
}

function heldBy({ creditBytes, bufferedBytes, bufferBytesMax, unacknowledged }: Outlook): Decision['heldBy'] {
  if (creditBytes <= 0) return 'credit'
  if (bufferedBytes >= bufferBytesMax) return 'buffer'
  return unacknowledged >= limit.UNACKNOWLEDGED_FRAMES_MAX ? 'acknowledgement' : undefined
}

export interface OutgoingPorts {
  replica: SessionReplica
  /** Sends a frame. */
  send(message: Uint8Array, entries: number): void
  bufferedBytes(): number
  /** What may wait in the transport before no more data is sent. */
  bufferBytesMax(): number
  /** For reads until everything was told for the first time; undefined: nobody else reads that much. */
  firstReads: Places | undefined
  /** None of them sent but by the handshake. */
  credentials(): CitedCredentials
  leftOut(seq: Seq, bytes: number): void
  changed(): void
  fail(error: unknown): void
}

export class Outgoing {
  readonly #ports: OutgoingPorts
  readonly #compress: boolean
  readonly #speed = new LineSpeed()
  #reader: LogReader | undefined
  /** What goes before the stream. */
  #views: ViewReader | undefined
  /** Bytes of views under way: how fast their credit comes back is how fast the line is. */
  #viewBytes = 0
  #listed: readonly RunRow[] | undefined
  readonly #held: PeerHolds
  readonly #missing = new MissingQueue()
  readonly #slowReader: SlowReader
  #compared: Compared | undefined
  #peer: Peer | undefined
  #reading = false
  #head: Seq = 0
  #completeAt: Seq | undefined
  #saidCurrent = false
  #insideRecord = false
  /** Everything asked was told at some time. */
  #wasCurrent = false
  #positionSent: Seq = 0
  /** Only what a comparison found missing is sent. */
  #waits = false
  /** Where telling what is asked now began. */
  #toldFrom: Seq = 0
  #creditBytes = 0
  #unacknowledged: { position: Seq; bytes: number }[] = []
  #bytesSincePosition = 0
  #acknowledged: Seq = 0
  /** An entry is refused once at most, and its record is elsewhere once at most. */
  #refusable = 0
  /** Answers that the replica has not made durable yet. */
  #reporting = 0
  #woken = false
  #ended = false

  constructor(ports: OutgoingPorts, compress: boolean) {
    this.#ports = ports
    this.#compress = compress
    this.#held = new PeerHolds(ports.replica.host, ports.replica.head)
    this.#slowReader = new SlowReader(ports.replica.host, ports.fail)
  }

  /** Everything asked was sent, said to be all, and acknowledged. */
  get inStep(): boolean {
    const idle = this.#unacknowledged.length === 0 && this.#reporting === 0
    const told = this.#saidCurrent && this.#reader?.queued === 0 && !this.#behind
    return idle && told && this.#missing.size === 0 && this.#views === undefined
  }

  get creditBytes(): number {
    return this.#creditBytes
  }

  /** Frames. */
  get unacknowledged(): number {
    return this.#unacknowledged.length
  }

  /** Something is ready for the peer and may not be sent. */
  get isHeld(): boolean {
    return this.#reader !== undefined && decide(this.#outlook(this.#reader)).heldBy !== undefined
  }

  /** Everything for the peer up to here was sent and acknowledged. */
  get settledUpTo(): Seq {
    return this.#unacknowledged.length === 0 ? (this.#reader?.position ?? 0) : this.#acknowledged
  }

  /**
   * From now on the peer is told this. `resume`: channels that were told already go on where they stand.
   */
  follow(peer: Peer, want: Want, { resume }: { resume: boolean }): void {
    const { replica, leftOut } = this.#ports
    const from = new Map<string, Seq>()
    const before = resume ? this.#reader : undefined
    for (const [channel, cursor] of cursorsOf(want)) {
      const reached = before !== undefined && cursorsOf(before.want).has(channel) ? before.position : 0
      const told =
        want.kind === 'log' ? Math.min(cursor?.seq ?? 0, replica.answered(peer)) : (cursor?.seq ?? 0)
      from.set(channel, Math.max(told, reached))
    }
    this.#peer = peer
    this.#waits = false
    this.#views = resume ? this.#viewsGoingOn(want) : this.#viewsToTell(want)
    this.#listed ??= listedRuns(replica.runs, replica.forgotten)
    const compared = this.#compared
    this.#reader = new LogReader({
      replica,
      peer,
      want,
      from,
      leftOut,
      held: this.#held,
      credentials: this.#ports.credentials(),
      compared,
    })
    this.#head = from.size === 0 ? 0 : replica.head
    this.#completeAt = undefined
    this.#saidCurrent = false
    this.#insideRecord = false
    this.#positionSent = startOf(want)
    this.#toldFrom = this.#reader.told
    this.#wake()
  }

  /** U1, U6: only an authority's views are believed. */
  #viewsToTell(want: Want): ViewReader | undefined {
    const { replica } = this.#ports
    const channels = viewsWelcome(want)
    const tells = replica.credential?.role === 'authority' && replica.viewsMin < Number.POSITIVE_INFINITY
    return tells && channels.length > 0 ? new ViewReader(replica, channels) : undefined
  }

  /** U5 */
  #viewsGoingOn(want: Want): ViewReader | undefined {
    return this.#views?.isWithin(cursorsOf(want)) ? this.#views : undefined
  }

  /** Nothing is told until it is known what the peer has: what was asked before does not count any more. */
  wait(): void {
    this.#waits = true
  }

  /** What the peer has of the log, for when it asks all of it. */
  leaveOut(compared: Compared): void {
    this.#compared = compared
  }

  /** What a reconciliation found the peer to lack. Resolves when there is room for more. */
  sendMissing(items: readonly FrameItem[]): Promise<void> {
    for (const item of items) if (item.kind === 'leave') this.#held.doubt(item.record)
    this.#missing.add(items)
    this.#wake()
    return this.#missing.room()
  }

  /** Resolves when all of it is sent. */
  missingSent(): Promise<void> {
    const sent = this.#missing.sent()
    this.#wake()
    return sent
  }

  /** The log grew; `channels` are those it grew in, absent: any. */
  committed(head: Seq, channels: ReadonlySet<string> | undefined): void {
    const want = this.#reader?.want
    if (want === undefined || cursorsOf(want).size === 0) return
    if (want.kind === 'channels' && channels !== undefined && !intersects(want.cursors, channels)) return
    this.#head = Math.max(this.#head, head)
    this.#wake()
  }

  /** The peer may have given up any record. */
  doubtHeld(): void {
    this.#held.doubtAll()
  }

  /** The peer was answered that it may not read this record: it gives it up. */
  givenUp(record: string): void {
    this.#held.doubt(record)
  }

  /** The peer may lack of this log, up to `seq`, also what it told itself. */
  lostUpTo(seq: Seq): void {
    this.#held.doubtUpTo(seq)
  }

  addCredit(bytes: number): void {
    this.#creditBytes = Math.min(this.#creditBytes + bytes, limit.CREDIT_BYTES_MAX)
    if (bytes > 0) this.#slowReader.took()
    const ofViews = Math.min(bytes, this.#viewBytes)
    this.#viewBytes -= ofViews
    if (ofViews > 0) this.#speed.acknowledged(ofViews, this.#ports.replica.host.now(), this.#viewBytes === 0)
    this.#wake()
  }

  drained(): void {
    this.#wake()
  }

  /** @throws ProtocolError when this was never sent */
  acknowledge({ position, head, refusals }: MessageOf<'ack'>): void {
    const moved = this.#takeAcknowledged(position)
    if (moved) this.#slowReader.took()
    this.#takeRefusals(refusals)
    // Refusals may come before the first position is acknowledged; an ACK that says nothing new is not worth a commit.
    if (moved || refusals.length > 0) this.#answered(position || this.#toldFrom, refusals, head)
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#slowReader.end()
  }

  get #behind(): boolean {
    return this.#reader !== undefined && this.#reader.told < this.#head
  }

  /** Whether the position is a new one. */
  #takeAcknowledged(position: Seq): boolean {
    const at = this.#unacknowledged.findIndex((sent) => sent.position === position)
    if (at < 0) {
      if (position === this.#acknowledged) return false
      throw new ProtocolError('malformed', `the peer acknowledged position ${position}, which was not sent`)
    }
    this.#acknowledged = position
    let bytes = 0
    for (const sent of this.#unacknowledged.splice(0, at + 1)) bytes += sent.bytes
    this.#speed.acknowledged(bytes, this.#ports.replica.host.now(), this.#unacknowledged.length === 0)
    return true
  }

  #takeRefusals(refusals: readonly Refusal[]): void {
    const { head } = this.#ports.replica
    const beyond = refusals.find(({ seq }) => seq > head)
    if (beyond !== undefined) {
      throw new ProtocolError('malformed', `the peer refused entry ${beyond.seq}; this log ends at ${head}`)
    }
    this.#refusable -= refusals.length
    if (this.#refusable < 0)
      throw new ProtocolError('malformed', 'the peer refused more entries than it was sent')
  }

  /**
   * Reported at once, not one at a time: the replica's writer keeps the order, and an answer must not be overtaken by a frame that came after it.
   */
  #answered(position: Seq, refusals: readonly Refusal[], at?: Seq): void {
    this.#reporting += 1
    this.#report(position, refusals, at).catch(this.#ports.fail)
  }

  async #report(position: Seq, refusals: readonly Refusal[], at?: Seq): Promise<void> {
    try {
      await this.#ports.replica.acknowledged(this.#peer!, position, refusals, at)
    } finally {
      this.#reporting -= 1
    }
    this.#ports.changed()
  }

  /** O9: what happens in one turn is answered together. */
  #wake(): void {
    if (this.#woken) return
    this.#woken = true
    Promise.resolve()
      .then(() => {
        this.#woken = false
        this.#pump()
      })
      .catch(this.#ports.fail)
  }

  #pump(): void {
    for (;;) {
      const reader = this.#reader
      if (reader === undefined || this.#ended) return
      const { read, send, heldBy } = decide(this.#outlook(reader))
      if (read) this.#read(reader).catch(this.#ports.fail)
      this.#slowReader.looks(heldBy)
      if (!send) return
      if (send === 'missing') this.#sendMissing()
      else if (send === 'views') this.#sendViews(this.#views!)
      else this.#send(reader)
    }
  }

  #outlook(reader: LogReader): Outlook {
    const outlook = this.#whole(reader)
    if (!this.#waits) return outlook
    return {
      ...outlook,
      queued: 0,
      queuedBytes: 0,
      views: undefined,
      behind: false,
      saidCurrent: true,
      lag: 0,
    }
  }

  #whole(reader: LogReader): Outlook {
    if (this.#views?.isOver) this.#views = undefined
    const views = this.#views
    return {
      queued: reader.queued,
      missing: this.#missing.isDue,
      insideRecord: this.#insideRecord,
      views: views && (views.isDue ? 'due' : 'awaited'),
      queuedBytes: (views ?? reader).queuedBytes,
      complete: this.#completeAt !== undefined && reader.told >= this.#completeAt,
      behind: views ? views.isBehind : this.#behind,
      reading: this.#reading,
      saidCurrent: this.#saidCurrent,
      lag: reader.position - this.#positionSent,
      creditBytes: this.#creditBytes,
      bufferedBytes: this.#ports.bufferedBytes(),
      bufferBytesMax: this.#ports.bufferBytesMax(),
      unacknowledged: this.#unacknowledged.length,
    }
  }

  async #read(reader: LogReader): Promise<void> {
    this.#reading = true
    try {
      await this.#inPlace(async () => {
        if (!this.#ended) await (this.#views ?? reader).read()
      })
    } finally {
      this.#reading = false
    }
    // The reader may have been replaced meanwhile: what it read is forgotten with it.
    if (reader === this.#reader && reader.queued > 0) this.#completeAt ??= this.#head
    this.#pump()
    this.#ports.changed()
  }

  /** O16 */
  #inPlace(work: () => Promise<void>): Promise<void> {
    const { firstReads } = this.#ports
    return firstReads === undefined || this.#wasCurrent ? work() : firstReads.during(work)
  }

  #sendMissing(): void {
    const items = this.#missing.take()
    const message = this.#encode({ items, position: undefined, current: false, beside: 'missing' })
    this.#put(message, items)
    this.#ports.changed()
  }

  #sendViews(views: ViewReader): void {
    const { views: told, whole } = views.take()
    const items: FrameItem[] = [{ kind: 'views', bytes: encodeViews(told) }]
    const message = this.#encode({ items, position: undefined, current: whole, beside: 'views' })
    this.#viewBytes += message.length + limit.FRAME_COST_BYTES
    this.#speed.sent(this.#ports.replica.host.now())
    this.#put(message, items)
  }

  #send(reader: LogReader): void {
    const { items, position } = reader.take()
    if (reader.queued === 0) this.#completeAt = undefined
    const current = reader.queued === 0 && !this.#behind
    const message = this.#encode({ items, position: this.#named(position), current })
    this.#saidCurrent = current
    this.#insideRecord = position === undefined
    this.#wasCurrent ||= current
    this.#bytesSincePosition += message.length
    if (position) this.#positioned(position, items.length > 0)
    this.#put(message, items)
  }

  #put(message: Uint8Array, items: readonly FrameItem[]): void {
    this.#creditBytes -= message.length + limit.FRAME_COST_BYTES
    const entries = items.filter((item) => item.kind === 'entry').length
    this.#refusable += ANSWERS_PER_ENTRY_MAX * entries
    this.#ports.send(message, entries)
  }

  /** An empty frame that moves nothing is not acknowledged (I2): the peer stands there durably, and could refuse nothing. */
  #positioned(position: Seq, hasItems: boolean): void {
    const { replica } = this.#ports
    if (hasItems || position !== this.#positionSent) this.#expect(position)
    else if (this.#unacknowledged.length === 0 && position > replica.answered(this.#peer!))
      this.#answered(position, [])
    this.#positionSent = position
  }

  #expect(position: Seq): void {
    this.#unacknowledged.push({ position, bytes: this.#bytesSincePosition })
    this.#bytesSincePosition = 0
    this.#speed.sent(this.#ports.replica.host.now())
  }

  /** Position 0 says nothing. A run that was listed need not be named. */
  #named(position: Seq | undefined): Frame['position'] {
    if (!position) return undefined
    const { runs } = this.#ports.replica
    // As listed when the session opened; naming a run once too often costs its bytes.
    const listed = ownerOf(this.#listed ?? [], position) !== undefined
    return { seq: position, run: listed ? undefined : ownerOf(runs, position) }
  }

  #encode(frame: Frame): Uint8Array {
    const { host } = this.#ports.replica
    const message = encodeFrame(frame, host.crc32)
    if (!this.#compress || !shouldDeflate(message.length, this.#speed.isSlow)) return message
    return deflateFrame(message, (bytes) => host.deflateRaw(bytes))
  }
}

function intersects(asked: ReadonlyMap<string, unknown>, channels: ReadonlySet<string>): boolean {
  for (const channel of channels) if (asked.has(channel)) return true
  return false
}
