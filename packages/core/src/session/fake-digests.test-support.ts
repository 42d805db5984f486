/** What a fake replica has of its lines, for reconciling: each line is an author of its own, so that a record's state is simply which lines there are. */
import { toHex } from '../bytes/hex.ts'
import { recordDigest } from '../digest/item-digest.ts'
import type { Item, Tree } from '../digest/tree.ts'
import type { Host } from '../host.ts'
import { NaiveDigests, naiveHash } from '../reconcile/naive-digests.test-support.ts'
import type { Beyond, Claims, Held, RecordState, ReplicaDigests, ToldState } from '../reconcile/port.ts'
import { Recounts } from '../reconcile/recounts.ts'
import type { LoggedEntry, Mark, Seq } from '../store/port.ts'

export interface FakeRecords {
  head(): Seq
  entries(): Promise<LoggedEntry[]>
  /** Channels that a record is in now. */
  channelsOf(record: string): readonly string[]
  marksOf(record: string): Promise<Mark[]>
}

const LINE_MAX = 1_000_000

export class FakeDigests implements ReplicaDigests {
  readonly hasOthers = false
  isKnown = false
  readonly kept: NaiveDigests
  readonly claims: Claims[] = []
  recounts = 0
  /** Called before counting; may wait, may throw. */
  beforeCatchUp: () => void | Promise<void> = () => undefined
  readonly #host: Host
  readonly #records: FakeRecords
  readonly #recounts = new Recounts()

  constructor(host: Host, records: FakeRecords) {
    this.#host = host
    this.#records = records
    this.kept = new NaiveDigests((tree) => this.#itemsOf(tree))
  }

  async mayBeKnown(): Promise<boolean> {
    return this.isKnown
  }

  async catchUp(): Promise<Seq> {
    await this.beforeCatchUp()
    return this.#records.head()
  }

  async hasAny(channel: string): Promise<boolean> {
    return (await this.kept.sum({ kind: 'records', channel }, '')).count > 0
  }

  mayRecountFor(node: string): boolean {
    return this.#recounts.mayMakeFor(node, this.#host.now())
  }

  async recount(): Promise<NaiveDigests> {
    this.recounts += 1
    return this.kept
  }

  async keysOf(tree: Tree, hash: string): Promise<string[]> {
    return (await this.kept.items(tree, hash, LINE_MAX)).map(({ key }) => key)
  }

  async stateOf({ channel }: Tree, key: string): Promise<Held> {
    const entries = await this.#entriesOf(key)
    if (entries.length === 0 || !this.#records.channelsOf(key).includes(channel))
      return { state: undefined, newest: 0 }
    const actors = new Map(entries.map((entry) => [this.#actorOf(entry), 1]))
    return { state: { incarnation: 0, actors, receipts: [] }, newest: entries.at(-1)!.seq }
  }

  async beyond(tree: Tree, key: string, has: ToldState | undefined): Promise<Beyond> {
    const held = await this.stateOf(tree, key)
    const mark = (await this.#records.marksOf(key)).find(({ channel }) => channel === tree.channel)
    if (held.state === undefined) return { ...held, entries: [], mark }
    const entries = await this.#entriesOf(key)
    const known = has === undefined || has === 'large' ? [] : this.covered(entries, has)
    return { ...held, entries: entries.filter((entry) => !known.includes(entry)), mark }
  }

  async unchanged(records: readonly string[], channels: ReadonlySet<string>): Promise<ReadonlySet<string>> {
    return new Set(
      records.filter((record) => this.#records.channelsOf(record).some((channel) => channels.has(channel))),
    )
  }

  covered(entries: readonly LoggedEntry[], { actors }: RecordState): readonly LoggedEntry[] {
    return entries.filter((entry) => actors.has(this.#actorOf(entry)))
  }

  async settleClaims(claims: Claims): Promise<void> {
    this.claims.push(claims)
  }

  async #itemsOf({ kind, channel }: Tree): Promise<Item[]> {
    if (kind === 'others') return []
    const heads = new Map<string, string[]>()
    for (const entry of await this.#records.entries()) {
      if (!this.#records.channelsOf(entry.record).includes(channel)) continue
      heads.set(
        entry.record,
        [...(heads.get(entry.record) ?? []), toHex(this.#host.sha256(entry.bytes))].sort(),
      )
    }
    return [...heads].map(([key, lines]) => ({
      hash: naiveHash(this.#host, key),
      key,
      digest: recordDigest(this.#host, { key, incarnation: 0, heads: lines, receipts: [] }),
    }))
  }

  async #entriesOf(record: string): Promise<LoggedEntry[]> {
    return (await this.#records.entries()).filter((entry) => entry.record === record)
  }

  #actorOf({ bytes }: LoggedEntry): string {
    return `00${toHex(this.#host.sha256(bytes).subarray(0, 16))}`
  }
}
