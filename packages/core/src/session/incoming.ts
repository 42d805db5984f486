/**
 * Making durable what the peer tells. Frames are taken strictly in order, one delivery at a time; frames that arrived during a delivery
 * share the next one, and its commit. A frame is inflated and read only when its turn comes, so that what waits here is what the peer
 * paid for with credit.
 *
 *     receive ─credit─▶ waiting frames ─decode, check─▶ replica.deliver ─durable─▶ ACK, CREDIT
 */
import { type Credential, CredentialError } from '../identity/credential.ts'
import type { Seq } from '../store/port.ts'
import { ownerOf } from './cursor.ts'
import { clip } from './ending.ts'
import { decodeFrame, type Frame, type FrameItem, itemBytesMax, type ViewsItem } from './frame.ts'
import * as limit from './limits.ts'
import type { MessageOf } from './messages.ts'
import { checkOrder } from './order.ts'
import {
  type Cursor,
  type IncomingItem,
  type Peer,
  ProtocolError,
  type Refusal,
  type SessionReplica,
  type Want,
} from './port.ts'
import type { Throttle } from './throttle.ts'
import { startOf, viewsWelcome } from './want.ts'

interface Waiting {
  message: Uint8Array
  /** What was asked when the peer sent it. */
  want: Want
  waiting: readonly string[]
  frame?: Frame
}

interface Batch {
  want: Want
  waiting: readonly string[]
  items: FrameItem[]
  /** Frames of views share no delivery with others. */
  views: boolean
  position: Frame['position']
  /** Undefined when nothing in it belongs to the stream; of views: these were the last, and none was left out. */
  current: boolean | undefined
  frames: number
  costBytes: number
  /** The position is to be acknowledged. */
  due: boolean
}

export interface IncomingPorts {
  /** The peer was answered that it may not read this record. */
  givenUp(record: string): void
  replica: SessionReplica
  peer(): Peer
  /** Undefined: the peer has no budget. */
  throttle(): Throttle | undefined
  send(message: MessageOf<'ack' | 'credit'>): void
  /** A credential of others that does not hold: entries that cite it will be refused. */
  credentialLeftOut(error: CredentialError): void
  delivered(entries: number): void
  fail(error: unknown): void
}

export class Incoming {
  readonly #ports: IncomingPorts
  readonly #waiting: Waiting[] = []
  #want: Want = { kind: 'nothing' }
  /** Channels asked that are being reconciled: only what is missing is told of them. */
  #channelsWaiting: readonly string[] = []
  /** Nothing is delivered before this. */
  #gate: Promise<void> | undefined
  /** What is to be done between two deliveries, as soon as it is known. */
  #between: Promise<() => void> | undefined
  /** The want that `#position` belongs to. */
  #positionWant: Want | undefined
  #position: Seq = 0
  #creditBytes = limit.INITIAL_CREDIT_BYTES
  #owedBytes = 0
  #acknowledged: Seq = 0
  #refusals: Refusal[] = []
  /** What the newest frame of the stream said. */
  #saidCurrent = false
  /** U7: all views of the want are here. */
  #hasAllViews = false
  /** Frames that are not durable yet. */
  #undelivered = 0
  #delivering = false
  #ended = false

  constructor(ports: IncomingPorts) {
    this.#ports = ports
  }

  /** The peer said that nothing was left when it sent the last frame, and all it sent is durable. */
  get current(): boolean {
    return this.#saidCurrent && this.#undelivered === 0
  }

  /** Everything asked can be queried, though some of it only by the teller's views. */
  get hasAllViews(): boolean {
    return this.#hasAllViews
  }

  /** Frames that arrive from now on answer this want, and are not delivered before `gate`. */
  follow(want: Want, waiting: readonly string[] = [], gate?: Promise<void>): void {
    this.#want = want
    this.#channelsWaiting = waiting
    this.#saidCurrent = false
    this.#hasAllViews = false
    this.#gate = gate
  }

  /** @throws ProtocolError credit-exceeded */
  receive(message: Uint8Array): void {
    if (this.#creditBytes <= 0) {
      throw new ProtocolError(
        'credit-exceeded',
        `a frame of ${message.length} bytes came with no credit left`,
      )
    }
    this.#creditBytes -= message.length + limit.FRAME_COST_BYTES
    this.#undelivered += 1
    this.#waiting.push({ message, want: this.#want, waiting: this.#channelsWaiting })
    if (!this.#delivering) this.#deliverAll().catch(this.#ports.fail)
  }

  /**
   * The peer says anew who it is, and what `judged` gives is done when that is known: after the delivery under way, whose answers are said before it, and before the next one. An answer that was judged by the former
   * rights would otherwise be taken for one by the new ones.
   */
  between(judged: Promise<() => void>): void {
    judged.catch(this.#ports.fail)
    this.#between = judged
    if (!this.#delivering) this.#deliverAll().catch(this.#ports.fail)
  }

  end(): void {
    this.#ended = true
    this.#waiting.length = 0
  }

  async #deliverAll(): Promise<void> {
    this.#delivering = true
    try {
      while (this.#between !== undefined || this.#waiting.length > 0) {
        if (this.#between !== undefined) {
          const next = await this.#between
          if (this.#ended) return
          this.#between = undefined
          if (this.#refusals.length > 0) this.#sendAck(this.#acknowledged)
          next()
          continue
        }
        const throttle = this.#ports.throttle()
        if (throttle?.isSlowed) {
          if (!(await throttle.allowed())) return
          if (this.#between !== undefined) continue
        }
        const gate = this.#gate
        // What came before it is older than the gate.
        if (gate !== undefined && this.#waiting[0]!.want === this.#want) {
          await gate
          if (this.#gate === gate) this.#gate = undefined
          continue
        }
        const batch = this.#nextBatch()
        await (batch.views ? this.#takeViews(batch) : this.#deliver(batch))
      }
    } finally {
      this.#delivering = false
    }
  }

  async #takeViews({ items, want, current, frames, costBytes }: Batch): Promise<void> {
    await this.#ports.replica.takeViews({
      pages: (items as ViewsItem[]).map(({ bytes }) => bytes),
      channels: viewsWelcome(want),
    })
    if (this.#ended) return
    if (want === this.#want && current) this.#hasAllViews = true
    this.#undelivered -= frames
    this.#returnCredit(costBytes)
    this.#ports.delivered(0)
  }

  async #deliver(batch: Batch): Promise<void> {
    const { replica, peer, delivered } = this.#ports
    const { want, waiting } = batch
    const current = batch.current ?? false
    const items = await this.#checkCredentials(batch.items as Exclude<FrameItem, ViewsItem>[])
    if (this.#ended) return
    const position = this.#cursor(batch.position)
    const delivery = { peer: peer(), items, position, current, want, waiting }
    const refusals = await replica.deliver(delivery, this.#ports.throttle()?.spend)
    if (this.#ended) return
    this.#refusals.push(...refusals)
    for (const { record } of refusals) if (record !== undefined) this.#ports.givenUp(record)
    if (want === this.#want && batch.current !== undefined) this.#saidCurrent = batch.current
    this.#undelivered -= batch.frames
    this.#acknowledge(batch.due ? position : undefined)
    this.#returnCredit(batch.costBytes)
    delivered(items.filter((item) => item.kind === 'entry').length)
  }

  /** The next frame, and those after it that answer the same want, as far as they fit. @throws ProtocolError */
  #nextBatch(): Batch {
    const first = this.#waiting[0]!
    const frame = this.#decoded(first)
    const batch: Batch = {
      want: first.want,
      waiting: first.waiting,
      items: [],
      views: frame.beside === 'views',
      position: undefined,
      current: undefined,
      frames: 0,
      costBytes: 0,
      due: false,
    }
    this.#join(batch, frame)
    let bytes = bytesOf(batch.items)
    for (
      let next = this.#waiting[0];
      next !== undefined && next.want === batch.want;
      next = this.#waiting[0]
    ) {
      const frame = this.#decodedOrNot(next)
      if (frame === undefined || (frame.beside === 'views') !== batch.views) break
      // It ends inside a record's entries: together they would, and would be taken for what ends at the position (O7).
      if (batch.position !== undefined && frame.position === undefined) break
      bytes += bytesOf(frame.items)
      if (bytes > limit.DELIVERY_BYTES_MAX) break
      this.#join(batch, frame)
    }
    return batch
  }

  #join(batch: Batch, { items, position, current, beside }: Frame): void {
    const { message } = this.#waiting.shift()!
    for (const item of items) batch.items.push(item)
    // What comes beside the stream says nothing of its end.
    if (beside !== 'missing') batch.current = current
    batch.frames += 1
    batch.costBytes += message.length + limit.FRAME_COST_BYTES
    if (position === undefined) return
    if (batch.want !== this.#positionWant) {
      this.#positionWant = batch.want
      this.#position = startOf(batch.want)
    }
    if (items.length > 0 || position.seq !== this.#position) batch.due = true
    this.#position = position.seq
    batch.position = position
  }

  #decoded(waiting: Waiting): Frame {
    if (waiting.frame === undefined) {
      const { host } = this.#ports.replica
      const inflate = (bytes: Uint8Array, bytesMax: number) => host.inflateRaw(bytes, bytesMax)
      const frame = decodeFrame(waiting.message, inflate, host.crc32)
      checkOrder(frame, waiting.want, waiting.waiting)
      if (frame.beside === 'views' && this.#ports.peer().credential.role !== 'authority')
        throw new ProtocolError('unexpected-message', 'told views, and only an authority may')
      this.#ports.throttle()?.inflated(bytesOf(frame.items) - waiting.message.length)
      waiting.frame = frame
    }
    return waiting.frame
  }

  /** A frame that breaks the protocol does not take those before it along: it fails when it comes first. */
  #decodedOrNot(waiting: Waiting): Frame | undefined {
    try {
      return this.#decoded(waiting)
    } catch (error) {
      if (error instanceof ProtocolError) return undefined
      throw error
    }
  }

  async #checkCredentials(items: readonly Exclude<FrameItem, ViewsItem>[]): Promise<IncomingItem[]> {
    const checked: IncomingItem[] = []
    for (const item of items) {
      if (item.kind !== 'credential') {
        checked.push(item)
        continue
      }
      const credential = await this.#checkCredential(item.token)
      if (credential !== undefined) checked.push({ kind: 'credential', credential })
    }
    return checked
  }

  /**
   * Its author may have written while it was valid: expiry is not asked. One that was revoked is kept for the entries that cite it: those
   * that were let in before, here or elsewhere, are told on with it.
   */
  async #checkCredential(token: string): Promise<Credential | undefined> {
    try {
      return await this.#ports.replica.verifier.verify(token, undefined)
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error
      if (error.revoked) return error.revoked
      this.#ports.credentialLeftOut(error)
      return undefined
    }
  }

  #cursor(position: Frame['position']): Cursor | undefined {
    if (position === undefined) return undefined
    const { log, runs } = this.#ports.peer()
    const run = position.run ?? ownerOf(runs, position.seq)
    if (run === undefined) {
      throw new ProtocolError(
        'malformed',
        `position ${position.seq} is in none of the runs listed, and names none`,
      )
    }
    return { log, run, seq: position.seq }
  }

  /** I2. Refusals wait for the next position, unless they are too many for one message. */
  #acknowledge(position: Cursor | undefined): void {
    const { REFUSALS_PER_ACK_MAX } = limit
    while (this.#refusals.length > REFUSALS_PER_ACK_MAX) this.#sendAck(this.#acknowledged)
    if (position !== undefined) this.#sendAck(position.seq)
  }

  #sendAck(position: Seq): void {
    this.#acknowledged = position
    const refusals = this.#refusals.splice(0, limit.REFUSALS_PER_ACK_MAX).map(({ seq, code, reason }) => ({
      seq,
      code: clip(code, limit.REFUSAL_CODE_BYTES_MAX),
      reason: clip(reason, limit.REFUSAL_REASON_BYTES_MAX),
    }))
    this.#ports.send({ type: 'ack', position, head: this.#ports.replica.head, refusals })
  }

  #returnCredit(bytes: number): void {
    this.#owedBytes += bytes
    if (this.#owedBytes < limit.CREDIT_RETURN_BYTES) return
    this.#creditBytes += this.#owedBytes
    this.#ports.send({ type: 'credit', bytes: this.#owedBytes })
    this.#owedBytes = 0
  }
}

function bytesOf(items: readonly FrameItem[]): number {
  let bytes = 0
  for (const item of items) bytes += itemBytesMax(item)
  return bytes
}
