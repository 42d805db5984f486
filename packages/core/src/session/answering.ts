/**
 * Answers what the peer compares: reads what the machine needs (reconcile/teller.ts), sends what is missing in frames, and says up to where what was compared is told.
 * One request at a time; each is answered before the next is taken.
 */
import type { DigestReader } from '../digest/digest-reader.ts'
import { itemHash, type Sum, type Tree } from '../digest/tree.ts'
import { allEqual } from '../reconcile/all-equal.ts'
import * as limit from '../reconcile/limits.ts'
import type { AnsweredRecord, Ask, AskedRecord, Compare, Difference } from '../reconcile/messages.ts'
import type { Beyond } from '../reconcile/port.ts'
import {
  differenceBytes,
  isEqual,
  itemsDifference,
  showsItems,
  sumsDifference,
  Teller,
} from '../reconcile/teller.ts'
import type { Seq } from '../store/port.ts'
import type { CitedCredentials } from './cited-credentials.ts'
import { NO_RUN, ownerOf } from './cursor.ts'
import type { FrameItem } from './frame.ts'
import type { MessageOf } from './messages.ts'
import type { Peer, SessionReplica } from './port.ts'

export interface AnsweringPorts {
  replica: SessionReplica
  peer(): Peer
  /** None of them sent but by the handshake. */
  credentials(): CitedCredentials
  /** Resolves when the peer's budget allows to answer; false: the session ended. */
  allowed(): Promise<boolean>
  send(message: MessageOf<'differences' | 'answer'>): void
  /** Starts work that waits; what it gives back is done afterwards, unless the session ended. */
  run(work: () => Promise<() => void>): void
  /** Sends what the peer lacks; resolves when there is room for more. */
  sendMissing(items: readonly FrameItem[]): Promise<void>
  missingSent(): Promise<void>
  /** Everything up to here was told and acknowledged. */
  settledUpTo(): Seq
  /** Channels that were compared go on from `seq`, but for those in `beginning`. */
  settled(seq: Seq, beginning: ReadonlySet<string>): void
}

export class Answering {
  readonly #ports: AnsweringPorts
  readonly #teller = new Teller()
  #channels: ReadonlySet<string> = new Set()
  #reader: DigestReader
  #upTo: Seq = 0
  /** Changes with what is asked: work that was begun before is dropped. */
  #era = 0

  constructor(ports: AnsweringPorts) {
    this.#ports = ports
    this.#reader = ports.replica.digests.kept
  }

  /** From now on these channels are told. */
  follow(channels: ReadonlySet<string>): void {
    this.#era += 1
    this.#channels = channels
    this.#teller.cancel()
  }

  /** `given`: answers to wants that were given in this session. @throws ProtocolError */
  compare(asked: Compare, given: number): void {
    const seed = asked.opening?.seed
    const mayRecount = seed === undefined || this.#mayRecount(asked.opening!.trees)
    const isTold = ({ channel }: Tree) => mayRecount && this.#channels.has(channel)
    if (!this.#teller.hears(asked, isTold, given)) return
    this.#work(async () => {
      if (asked.opening !== undefined) await this.#open(seed, asked.opening.trees)
      const answers: Difference[] = []
      let bytes = 0
      for (const { tree, node, sum } of asked.nodes) {
        const answer = await this.#differenceOf(tree, node, sum)
        bytes += differenceBytes(answer)
        // The rest is asked for again (Q5).
        if (answers.length > 0 && bytes > limit.DIFFERENCES_BYTES_MAX) break
        answers.push(answer)
      }
      return () => {
        const { number } = asked
        const settles =
          asked.opening !== undefined && answers.length === asked.nodes.length && allEqual({ answers })
        this.#teller.answered(settles)
        this.#ports.send({ type: 'differences', number, answers })
        if (settles) this.#settle(number, [], [])
      }
    })
  }

  /** @throws ProtocolError */
  ask(asked: Ask): void {
    if (!this.#teller.isAsked(asked)) return
    this.#work(async () => {
      const credentials = this.#ports.credentials()
      const records: AnsweredRecord[] = []
      for (const record of asked.records) records.push(await this.#tell(record, credentials))
      await this.#ports.missingSent()
      return () => {
        const { number, end } = asked
        this.#teller.answered(end !== undefined)
        if (end === undefined) this.#ports.send({ type: 'answer', number, records, settled: undefined })
        else this.#settle(number, records, end.beginning)
      }
    })
  }

  #mayRecount(trees: readonly Tree[]): boolean {
    const { replica, peer } = this.#ports
    return trees.length === 1 && trees[0]!.kind === 'records' && replica.digests.mayRecountFor(peer().node)
  }

  async #open(seed: Uint8Array | undefined, trees: readonly Tree[]): Promise<void> {
    const { digests } = this.#ports.replica
    this.#upTo = await digests.catchUp()
    const isRecount = seed !== undefined && this.#teller.isTold(0)
    this.#reader = isRecount ? await digests.recount(seed, trees[0]!.channel) : digests.kept
  }

  async #differenceOf(index: number, node: string, asked: Sum): Promise<Difference> {
    if (!this.#teller.isTold(index)) return { kind: 'left-out' }
    const tree = this.#teller.trees[index]!
    const here = await this.#reader.sum(tree, node)
    if (isEqual(asked, here)) return { kind: 'equal' }
    if (showsItems(node, here))
      return itemsDifference(await this.#reader.items(tree, node, limit.ITEMS_PER_NODE_MAX + 1))
    return sumsDifference(node, await this.#reader.below(tree, node))
  }

  /** Sends what the peer lacks of the records with this hash, and who is in the channel. */
  async #tell(asked: AskedRecord, credentials: CitedCredentials): Promise<AnsweredRecord> {
    const { digests, host } = this.#ports.replica
    const tree = this.#teller.trees[asked.tree]!
    const known = 'key' in asked ? asked.key : undefined
    const keys = new Set(await digests.keysOf(tree, 'key' in asked ? itemHash(host, asked.key) : asked.hash))
    if (known !== undefined) keys.add(known)
    let answer: AnsweredRecord = { state: undefined, underWay: false }
    for (const key of keys) {
      const beyond = await digests.beyond(
        tree,
        key,
        'key' in asked && key === known ? asked.state : undefined,
        this.#upTo,
      )
      const underWay = beyond.newest > this.#ports.settledUpTo()
      if (key === known) answer = { state: beyond.state, underWay: answer.underWay || underWay }
      else answer = { ...answer, underWay: answer.underWay || underWay }
      await this.#ports.sendMissing(await this.#itemsOf(tree, key, beyond, credentials))
    }
    return answer
  }

  async #itemsOf(
    { channel }: Tree,
    record: string,
    { state, entries, mark }: Beyond,
    credentials: CitedCredentials,
  ): Promise<FrameItem[]> {
    const items: FrameItem[] = []
    for (const { seq, bytes } of entries) {
      for (const token of await credentials.before(bytes)) items.push({ kind: 'credential', token })
      items.push({ kind: 'entry', seq, bytes })
    }
    // Marks are what the channel's stream tells as well: whoever never was in it is not named.
    if (mark?.kind === (state === undefined ? 'leave' : 'enter'))
      items.push({ kind: mark.kind, seq: mark.seq, channel, record })
    return items
  }

  #settle(number: number, records: readonly AnsweredRecord[], beginning: readonly number[]): void {
    const run = ownerOf(this.#ports.replica.runs, this.#upTo) ?? NO_RUN
    this.#ports.send({ type: 'answer', number, records, settled: { run, seq: this.#upTo } })
    this.#ports.settled(this.#upTo, new Set(beginning.map((tree) => this.#teller.trees[tree]!.channel)))
  }

  /** What is asked may change meanwhile: then nothing comes of it. */
  #work(work: () => Promise<() => void>): void {
    const era = this.#era
    this.#ports.run(async () => {
      if (!(await this.#ports.allowed())) return () => undefined
      const then = await work()
      return () => {
        if (era === this.#era) then()
      }
    })
  }
}
