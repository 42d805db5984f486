/**
 * Compares this replica with the peer, channel by channel: reads what the machine needs (reconcile/asker.ts), asks for what differs, and hands on the outcome. Used for
 * channels without a valid cursor, as an audit of all channels, and to learn what of this log the peer has.
 */
import type { DigestReader } from '../digest/digest-reader.ts'
import type { Tree } from '../digest/tree.ts'
import { Asker, type DifferingRecord, type Outcome, type Own } from '../reconcile/asker.ts'
import * as limit from '../reconcile/limits.ts'
import type { AskedRecord, Compare, Difference, NodeName } from '../reconcile/messages.ts'
import type { ToldState } from '../reconcile/port.ts'
import type { Seq } from '../store/port.ts'
import type { CitedCredentials } from './cited-credentials.ts'
import type { FrameItem } from './frame.ts'
import type { MessageOf } from './messages.ts'
import { ProtocolError, type SessionReplica } from './port.ts'

export interface ComparingPorts {
  replica: SessionReplica
  /** None of them sent but by the handshake. */
  credentials(): CitedCredentials
  send(message: MessageOf<'compare' | 'ask'>): void
  /** Starts work that waits; what it gives back is done afterwards, unless the session ended. */
  run(work: () => Promise<() => void>): void
  /** Whether the peer is sent what it lacks; otherwise it asks for it itself. */
  mends(): boolean
  sendMissing(items: readonly FrameItem[]): Promise<void>
  missingSent(): Promise<void>
  /** Answers to wants that were heard in this session. */
  granted(): number
  /** Everything of this log up to here was told to the peer and acknowledged. */
  settledUpTo(): Seq
  /** At once when the peer settles: frames that follow are told under what it says. */
  settled(end: ComparingEnd): void
  over(end: ComparingEnd): void
}

export interface ComparingEnd {
  outcome: Outcome
  /** This log was counted up to here when it began. */
  upTo: Seq
  settled: { run: string; seq: Seq }
}

/** What is compared now. */
interface Comparison {
  asker: Asker
  reader: DigestReader
  trees: readonly Tree[]
  upTo: Seq
  /** What the peer had acknowledged when it began. */
  acknowledged: Seq
  credentials: CitedCredentials
  /** Records of which an entry is on its way from here. */
  underWay: Set<string>
}

export class Comparing {
  readonly #ports: ComparingPorts
  #comparison: Comparison | undefined
  #number = 0
  #starting = false
  #era = 0

  constructor(ports: ComparingPorts) {
    this.#ports = ports
  }

  get isBusy(): boolean {
    return this.#starting || this.#comparison !== undefined
  }

  /** Not while it is busy. `seed`: everything is counted anew under it. */
  start(channels: readonly string[], seed?: Uint8Array): void {
    const { replica, settledUpTo } = this.#ports
    const { digests } = replica
    this.#starting = true
    const acknowledged = settledUpTo()
    this.#work(async () => {
      const upTo = await digests.catchUp()
      const reader = seed === undefined ? digests.kept : await digests.recount(seed, channels[0]!)
      const withOthers = digests.hasOthers && seed === undefined
      const trees = channels.flatMap((channel): Tree[] => [
        { channel, kind: 'records' },
        ...(withOthers ? [{ channel, kind: 'others' } as const] : []),
      ])
      const roots = await Promise.all(trees.map(async (tree) => ({ tree, root: await reader.sum(tree, '') })))
      return () => {
        this.#starting = false
        this.#number += 1
        const asker = new Asker(this.#number, roots)
        const credentials = this.#ports.credentials()
        this.#comparison = { asker, reader, trees, upTo, acknowledged, credentials, underWay: new Set() }
        this.#ports.send({ type: 'compare', ...asker.opening(this.#ports.granted(), seed) })
      }
    })
  }

  /** What is asked or told changes: what the peer still says of the present comparison is passed over. */
  cancel(): void {
    this.#era += 1
    this.#starting = false
    this.#comparison = undefined
  }

  /** @throws ProtocolError */
  differences(said: MessageOf<'differences'>): void {
    const comparison = this.#of(said.number)
    if (comparison === undefined) return
    const { asker, reader, trees } = comparison
    const opened = asker.heard(said)
    this.#work(async () => {
      const found: { name: NodeName; difference: Difference; own: Own }[] = []
      for (const { name, difference } of opened) {
        const tree = trees[name.tree]!
        const own =
          difference.kind === 'sums'
            ? { sums: await reader.below(tree, name.node) }
            : { items: await reader.items(tree, name.node, limit.ITEMS_PER_NODE_MAX + 1) }
        found.push({ name, difference, own })
      }
      return () => {
        for (const { name, difference, own } of found) asker.took(name, difference, own)
        this.#goOn(comparison)
      }
    })
  }

  /** @throws ProtocolError */
  answer(said: MessageOf<'answer'>): void {
    const comparison = this.#of(said.number)
    if (comparison === undefined) return
    const { asker, underWay } = comparison
    const answered = asker.answered(said)
    const unexplained = answered.filter(
      ({ asked, answer }) => !answer.underWay && !('key' in asked && underWay.has(asked.key)),
    )
    asker.diverged(unexplained.length)
    const { settled } = said
    const end = settled && { outcome: asker.outcome, upTo: comparison.upTo, settled }
    if (end) this.#ports.settled(end)
    this.#work(async () => {
      if (this.#ports.mends()) {
        for (const { asked, answer } of answered)
          if ('key' in asked) await this.#mend(comparison, asked, answer.state)
        await this.#ports.missingSent()
      }
      return () => {
        if (end === undefined) this.#goOn(comparison)
        else {
          this.#comparison = undefined
          this.#ports.over(end)
        }
      }
    })
  }

  #goOn(comparison: Comparison): void {
    const { asker } = comparison
    const next = asker.next()
    if (next.do === 'compare') this.#compare(comparison, next.nodes)
    if (next.do === 'ask') this.#ask(comparison, next.records)
  }

  #compare({ asker, reader, trees }: Comparison, names: readonly NodeName[]): void {
    this.#work(async () => {
      const nodes: Compare['nodes'][number][] = []
      for (const { tree, node } of names)
        nodes.push({ tree, node, sum: await reader.sum(trees[tree]!, node) })
      return () => this.#ports.send({ type: 'compare', number: asker.number, opening: undefined, nodes })
    })
  }

  /** As many as fit; at least one, if there is one. */
  #ask(comparison: Comparison, wanted: readonly DifferingRecord[]): void {
    const { asker, trees, acknowledged, underWay } = comparison
    this.#work(async () => {
      const records: AskedRecord[] = []
      let bytes = 0
      for (const record of wanted) {
        if ('hash' in record) {
          records.push(record)
          continue
        }
        const { state, newest } = await this.#ports.replica.digests.stateOf(trees[record.tree]!, record.key)
        if (newest > acknowledged) underWay.add(record.key)
        // It may have left the channel meanwhile: then nothing is said of it here.
        const told = state ?? { incarnation: 0, actors: new Map(), receipts: [] }
        bytes += record.key.length * 3 + bytesOf(told)
        if (records.length > 0 && bytes > limit.ASK_BYTES_MAX) break
        records.push({ ...record, state: told })
      }
      return () => {
        const isLast = asker.asked(records.length)
        const end = isLast ? { beginning: asker.beginning } : undefined
        this.#ports.send({ type: 'ask', number: asker.number, records, end })
      }
    })
  }

  /** Sends what the peer ought to have by now, and has not. */
  async #mend(
    { trees, acknowledged, credentials, upTo }: Comparison,
    { tree, key }: { tree: number; key: string },
    state: ToldState | undefined,
  ): Promise<void> {
    const { entries } = await this.#ports.replica.digests.beyond(trees[tree]!, key, state, upTo)
    const items: FrameItem[] = []
    for (const { seq, bytes } of entries) {
      if (seq > acknowledged) continue
      for (const token of await credentials.before(bytes)) items.push({ kind: 'credential', token })
      items.push({ kind: 'entry', seq, bytes })
    }
    if (items.length > 0) await this.#ports.sendMissing(items)
  }

  /** Undefined: of a comparison that was cancelled. @throws ProtocolError when it was never begun */
  #of(number: number): Comparison | undefined {
    if (number > this.#number)
      throw new ProtocolError('malformed', `comparison ${number} is answered, begun are ${this.#number}`)
    return this.#comparison?.asker.number === number ? this.#comparison : undefined
  }

  #work(work: () => Promise<() => void>): void {
    const era = this.#era
    this.#ports.run(async () => {
      const then = await work()
      return () => {
        if (era === this.#era) then()
      }
    })
  }
}

function bytesOf(state: ToldState): number {
  return state === 'large' ? 1 : state.actors.size * 26 + state.receipts.length * 8
}
