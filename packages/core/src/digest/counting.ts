/** Changes of the sums in one turn: items come, go and change, and the nodes above them follow. Written at the end, each node once. */

import { equalBytes } from '../bytes/compare.ts'
import type { Host } from '../host.ts'
import type { Seq } from '../store/port.ts'
import {
  type Counted,
  decodeCounted,
  decodeSum,
  encodeCounted,
  encodeItem,
  encodeSum,
  ITEMS_TABLE,
  itemKey,
  NODES_TABLE,
  nodeKey,
  RECORDS_TABLE,
  type TableTurn,
  treeKey,
} from './digest-tables.ts'
import { itemHash, keptDigits, RunningSum } from './tree.ts'

export class Counting {
  readonly #host: Pick<Host, 'sha256'>
  readonly #turn: TableTurn
  /** By key of the node. */
  readonly #differences = new Map<string, RunningSum>()

  constructor(host: Pick<Host, 'sha256'>, turn: TableTurn) {
    this.#host = host
    this.#turn = turn
  }

  counted(record: string): Promise<Counted | undefined> {
    return this.#turn.get(RECORDS_TABLE, record).then((value) => value && decodeCounted(value))
  }

  /** `now` undefined: the record is in no tree any more. */
  record(key: string, before: Counted | undefined, now: Counted | undefined): void {
    if (before && now && isSame(before, now)) return
    const hash = itemHash(this.#host, key)
    for (const channel of before?.channels ?? []) {
      const tree = treeKey({ kind: 'records', channel })
      this.#turn.put(ITEMS_TABLE, itemKey(tree, hash, key), undefined)
      for (const sum of this.#nodesAbove(tree, hash)) sum.subtract(before!.digest)
    }
    for (const channel of now?.channels ?? []) {
      const tree = treeKey({ kind: 'records', channel })
      this.#turn.put(ITEMS_TABLE, itemKey(tree, hash, key), encodeItem(now!.digest))
      for (const sum of this.#nodesAbove(tree, hash)) sum.add(now!.digest)
    }
    this.#turn.put(RECORDS_TABLE, key, now && encodeCounted(now))
  }

  /** An entry of another kind, which stands where it stands for ever. */
  async other(channel: string, key: string, digest: Uint8Array, seq: Seq): Promise<void> {
    const tree = treeKey({ kind: 'others', channel })
    const hash = itemHash(this.#host, key)
    const row = itemKey(tree, hash, key)
    if (await this.#turn.get(ITEMS_TABLE, row)) return
    this.#turn.put(ITEMS_TABLE, row, encodeItem(digest, seq))
    for (const sum of this.#nodesAbove(tree, hash)) sum.add(digest)
  }

  /** It was counted, and is not there any more. */
  withoutOther(channel: string, key: string, digest: Uint8Array): void {
    const tree = treeKey({ kind: 'others', channel })
    const hash = itemHash(this.#host, key)
    this.#turn.put(ITEMS_TABLE, itemKey(tree, hash, key), undefined)
    for (const sum of this.#nodesAbove(tree, hash)) sum.subtract(digest)
  }

  async write(): Promise<void> {
    for (const [key, difference] of this.#differences) {
      const before = await this.#turn.get(NODES_TABLE, key)
      const sum = new RunningSum(before && decodeSum(before)).add(difference.digest, difference.count)
      if (sum.count < 0)
        throw new Error(`counting node ${key}: ${sum.count} items; its sums are not those of its items`)
      this.#turn.put(NODES_TABLE, key, sum.count === 0 ? undefined : encodeSum(sum))
    }
  }

  #nodesAbove(tree: string, hash: string): RunningSum[] {
    return keptDigits.map((digits) => {
      const key = nodeKey(tree, hash.slice(0, digits))
      const sum = this.#differences.get(key) ?? new RunningSum()
      this.#differences.set(key, sum)
      return sum
    })
  }
}

function isSame(a: Counted, b: Counted): boolean {
  return (
    equalBytes(a.digest, b.digest) &&
    a.hasReceipts === b.hasReceipts &&
    a.channels.length === b.channels.length &&
    a.channels.every((channel, i) => channel === b.channels[i])
  )
}
