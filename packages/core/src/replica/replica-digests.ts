/** A replica as a reconciliation sees it: sums of its records, what it has of single ones, and whose channel claims the outcome settles. */
import { actorKind } from '../change/actors.ts'
import { DigestFollower } from '../digest/digest-follower.ts'
import { type DigestReader, StoredDigests } from '../digest/digest-reader.ts'
import {
  decodeItem,
  ITEMS_TABLE,
  itemKey,
  RECORDS_TABLE,
  treeKey,
  wasCounted,
} from '../digest/digest-tables.ts'
import { Recount } from '../digest/recount.ts'
import { itemHash, type Tree } from '../digest/tree.ts'
import { decodeFrontier, type Frontier, isKnown } from '../log/frontier.ts'
import { ACTORS_LISTED_MAX, ITEMS_PER_NODE_MAX, RECEIPTS_LISTED_MAX } from '../reconcile/limits.ts'
import type { Beyond, Claims, Held, RecordState, ReplicaDigests, ToldState } from '../reconcile/port.ts'
import { Recounts } from '../reconcile/recounts.ts'
import type { LoggedEntry, RecordRow, Seq } from '../store/port.ts'
import { channelsOfStream } from './append-entry.ts'
import { isCovered } from './covered.ts'
import { wasTold } from './cursors.ts'
import { collectionOf } from './open-record.ts'
import { receiptHashes } from './receipts.ts'
import type { ReplicaCore } from './replica-core.ts'
import { settleClaims } from './settle-claims.ts'

const PAGE_ROWS = 500
const nothing: Held = { state: undefined, newest: 0 }

export class CoreDigests implements ReplicaDigests {
  readonly kept: DigestReader
  readonly #core: ReplicaCore
  readonly #follower: DigestFollower
  readonly #recounts = new Recounts()

  constructor(core: ReplicaCore) {
    this.#core = core
    this.kept = new StoredDigests(core.store)
    this.#follower = new DigestFollower({
      host: core.host,
      store: core.store,
      soundLog: core.soundLog,
      isLacking: (record) => core.damage.has(record),
      head: () => core.writer.head,
      run: (work) => core.writer.run(work),
      receiptsOf: (record) => receiptHashes(core.store, record),
      channelsOf: (record) => channelsOfStream(core.store, record),
    })
  }

  get hasOthers(): boolean {
    return this.#core.kinds.size > 0 || this.#core.revocations.size > 0
  }

  async mayBeKnown(log: string): Promise<boolean> {
    return this.#core.answered > 0 || wasTold(this.#core.store, log)
  }

  catchUp(): Promise<Seq> {
    return this.#follower.catchUp()
  }

  async hasAny(channel: string): Promise<boolean> {
    const { items } = await this.#core.store.readChannels(new Map([[channel, 0]]), { entries: 1, bytes: 1 })
    return items.length > 0
  }

  mayRecountFor(node: string): boolean {
    return this.#recounts.mayMakeFor(node, this.#core.host.now())
  }

  recount(seed: Uint8Array, channel: string): Promise<DigestReader> {
    const { host, store, damage } = this.#core
    const source = {
      host,
      allRows: () => this.#allRows(),
      rows: async (records: readonly string[]) =>
        (await store.rows(records)).map((row) => (row && damage.has(row.record) ? undefined : row)),
      receiptsOf: (record: string) => receiptHashes(store, record),
      kept: this.kept,
    }
    return Recount.of(source, seed, channel)
  }

  async keysOf(tree: Tree, hash: string): Promise<string[]> {
    const items = await this.kept.items(tree, hash, ITEMS_PER_NODE_MAX)
    return items.map(({ key }) => key)
  }

  async stateOf(tree: Tree, key: string): Promise<Held> {
    if (tree.kind === 'others') return this.#otherHeld(tree, key)
    const entries = await this.#core.soundLog.tellRecord(key)
    return this.#heldNow(tree.channel, key, entries)
  }

  async beyond(tree: Tree, key: string, has: ToldState | undefined): Promise<Beyond> {
    const { store, soundLog } = this.#core
    if (tree.kind === 'others') {
      const held = await this.#otherHeld(tree, key)
      const entries = has === undefined ? await soundLog.readEntries([held.newest]) : []
      return { ...held, entries, mark: undefined }
    }
    const entries = await soundLog.tellRecord(key)
    // Looked at after the entries were read: what left the channel meanwhile is not told.
    const held = await this.#heldNow(tree.channel, key, entries)
    const mark = (await store.readMarks(key)).find(({ channel }) => channel === tree.channel)
    if (held.state === undefined) return { ...held, entries: [], mark }
    // Asked for because it differs, and the same by its sequences: one of them stands for two changes, and only the entries tell which.
    if (has === undefined || has === 'large' || isSameState(held.state, has))
      return { ...held, entries, mark }
    const known = new Set(this.covered(entries, has))
    return { ...held, entries: entries.filter((entry) => !known.has(entry)), mark }
  }

  async unchanged(
    records: readonly string[],
    channels: ReadonlySet<string>,
    upTo: Seq,
  ): Promise<ReadonlySet<string>> {
    const found = new Set<string>()
    for (const record of records)
      if (await wasCounted(this.#core.store, record, upTo, channels)) found.add(record)
    return found
  }

  covered(entries: readonly LoggedEntry[], state: RecordState): readonly LoggedEntry[] {
    return entries.filter((entry) => isCovered(entry, state, this.#core.host))
  }

  settleClaims(claims: Claims): Promise<void> {
    return settleClaims(this.#core, claims)
  }

  async #heldNow(channel: string, key: string, entries: readonly LoggedEntry[]): Promise<Held> {
    const { store, damage } = this.#core
    if (damage.has(key)) return nothing
    const [row] = await store.rows([key])
    const frontier = row && decodeFrontier(row.frontier)
    if (!frontier || !isKnown(frontier) || !frontier.channels.includes(channel)) return nothing
    const receipts = await receiptHashes(store, key)
    return { state: stateOf(frontier, receipts), newest: entries.at(-1)?.seq ?? 0 }
  }

  async #otherHeld(tree: Tree, key: string): Promise<Held> {
    const { host, store } = this.#core
    const value = await store.get(ITEMS_TABLE, itemKey(treeKey(tree), itemHash(host, key), key))
    const seq = value && decodeItem(value).seq
    return seq === undefined
      ? nothing
      : { state: { incarnation: 0, actors: new Map(), receipts: [] }, newest: seq }
  }

  /** Of collections that are known here, then of others that are kept unread. */
  async *#allRows(): AsyncGenerator<RecordRow> {
    const { store, collections, damage } = this.#core
    for (const collection of collections.keys()) {
      for (let after = ''; ; ) {
        const rows = await store.scanRows(collection, after, PAGE_ROWS)
        yield* rows.filter(({ record }) => !damage.has(record))
        if (rows.length < PAGE_ROWS) break
        after = rows.at(-1)!.record
      }
    }
    for (let after = ''; ; ) {
      const counted = await store.scan(RECORDS_TABLE, { after, limit: PAGE_ROWS })
      const unread = counted.map(({ key }) => key).filter((key) => !collections.has(collectionOf(key)))
      for (const row of await store.rows(unread)) if (row) yield row
      if (counted.length < PAGE_ROWS) break
      after = counted.at(-1)!.key
    }
  }
}

function isSameState(here: ToldState, there: RecordState): boolean {
  if (here === 'large' || here.incarnation !== there.incarnation) return false
  if (here.actors.size !== there.actors.size || here.receipts.length !== there.receipts.length) return false
  const actors = [...here.actors].every(([actor, seq]) => there.actors.get(actor) === seq)
  return actors && here.receipts.every((receipt) => there.receipts.includes(receipt))
}

function stateOf({ incarnation, seqs }: Frontier, receipts: readonly string[]): ToldState {
  const actors = new Map([...seqs].filter(([actor]) => actorKind(actor) !== 'container'))
  if (actors.size > ACTORS_LISTED_MAX || receipts.length > RECEIPTS_LISTED_MAX) return 'large'
  return { incarnation, actors, receipts }
}
