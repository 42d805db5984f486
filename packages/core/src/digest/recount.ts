/**
 * Counting a tree anew from the records themselves, under a seed. Kept sums find accidents; but whoever chooses records can make two sets of them with one sum, because anybody
 * can add up digests beforehand. A seed that is drawn afterwards spoils that. It reads every record, so it is done now and then, and of one tree.
 */
import type { Host } from '../host.ts'
import { decodeFrontier, isKnown } from '../log/frontier.ts'
import type { RecordRow } from '../store/port.ts'
import type { DigestReader, Sums } from './digest-reader.ts'
import { recordDigest, seededDigest } from './item-digest.ts'
import { emptySum, type Item, itemHash, RunningSum, type Sum, type Tree } from './tree.ts'

/** Digits of the nodes whose sums are kept in memory, 4,096 at most. What is below is counted again when it is asked for. */
const DIGITS = 3

export interface RecountSource {
  host: Pick<Host, 'sha256'>
  allRows(): AsyncIterable<RecordRow>
  rows(records: readonly string[]): Promise<(RecordRow | undefined)[]>
  receiptsOf(record: string): Promise<string[]>
  /** Where items are listed. */
  kept: DigestReader
}

/** Reads as kept sums do, but of one tree of records. */
export class Recount implements DigestReader {
  readonly #source: RecountSource
  readonly #seed: Uint8Array
  readonly #channel: string
  readonly #sums = new Map<string, RunningSum>()

  private constructor(source: RecountSource, seed: Uint8Array, channel: string) {
    this.#source = source
    this.#seed = seed
    this.#channel = channel
  }

  static async of(source: RecountSource, seed: Uint8Array, channel: string): Promise<Recount> {
    const recount = new Recount(source, seed, channel)
    for await (const row of source.allRows()) {
      const digest = await recount.#digestOf(row)
      if (digest) recount.#add(itemHash(source.host, row.record), digest)
    }
    return recount
  }

  async sum(tree: Tree, node: string): Promise<Sum> {
    if (node.length <= DIGITS) return this.#sums.get(node) ?? emptySum
    return (await this.below(tree, node.slice(0, DIGITS))).get(node) ?? emptySum
  }

  async below(tree: Tree, node: string): Promise<Sums> {
    const digits = node === '' ? 2 : node.length + 1
    if (digits <= DIGITS)
      return new Map([...this.#sums].filter(([name]) => name.length === digits && name.startsWith(node)))
    const sums = new Map<string, RunningSum>()
    for (const { hash, digest } of await this.items(tree, node, Number.MAX_SAFE_INTEGER)) {
      const name = hash.slice(0, digits)
      sums.set(name, (sums.get(name) ?? new RunningSum()).add(digest))
    }
    return sums
  }

  async items(tree: Tree, node: string, limit: number): Promise<Item[]> {
    const kept = await this.#source.kept.items(tree, node, limit)
    const rows = await this.#source.rows(kept.map(({ key }) => key))
    const items: Item[] = []
    for (const [i, item] of kept.entries()) {
      const row = rows[i]
      const digest = row && (await this.#digestOf(row))
      if (digest) items.push({ ...item, digest })
    }
    return items
  }

  #add(hash: string, digest: Uint8Array): void {
    for (const digits of [0, 2, DIGITS]) {
      const name = hash.slice(0, digits)
      const sum = this.#sums.get(name) ?? new RunningSum()
      this.#sums.set(name, sum.add(digest))
    }
  }

  async #digestOf({ record: key, frontier }: RecordRow): Promise<Uint8Array | undefined> {
    const { incarnation, heads, channels } = decodeFrontier(frontier)
    if (!isKnown({ heads, incarnation }) || !channels.includes(this.#channel)) return undefined
    const { host, receiptsOf } = this.#source
    const digest = recordDigest(host, { key, incarnation, heads, receipts: await receiptsOf(key) })
    return seededDigest(host, this.#seed, key, digest)
  }
}
