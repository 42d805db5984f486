/** Reading sums and items as they were counted last. Nodes in which no sum is kept are added up from their items, of which there are few. */
import type { Store } from '../store/port.ts'
import {
  decodeItem,
  decodeSum,
  ITEMS_TABLE,
  NODES_TABLE,
  nodeKey,
  nodesPrefix,
  treeKey,
} from './digest-tables.ts'
import { emptySum, type Item, keptDigits, RunningSum, type Sum, type Tree } from './tree.ts'

/** Items read from the store at once. */
const PAGE_ITEMS = 1024

/** Sums by name of the node; nodes without items are left out. */
export type Sums = ReadonlyMap<string, Sum>

export interface DigestReader {
  sum(tree: Tree, node: string): Promise<Sum>
  /** The nodes right below this one. */
  below(tree: Tree, node: string): Promise<Sums>
  /** The items of a node in ascending order, at most `limit`. */
  items(tree: Tree, node: string, limit: number): Promise<Item[]>
}

export class StoredDigests implements DigestReader {
  readonly #store: Pick<Store, 'get' | 'scan'>

  constructor(store: Pick<Store, 'get' | 'scan'>) {
    this.#store = store
  }

  async sum(tree: Tree, node: string): Promise<Sum> {
    if (keptDigits.includes(node.length)) {
      const value = await this.#store.get(NODES_TABLE, nodeKey(treeKey(tree), node))
      return value ? decodeSum(value) : emptySum
    }
    return (await addUp(this.#allItems(tree, node), node.length)).get(node) ?? emptySum
  }

  async below(tree: Tree, node: string): Promise<Sums> {
    const digits = node === '' ? 2 : node.length + 1
    if (!keptDigits.includes(digits)) return addUp(this.#allItems(tree, node), digits)
    const prefix = nodesPrefix(treeKey(tree), digits)
    const rows = await this.#store.scan(NODES_TABLE, {
      prefix: prefix + node,
      limit: 16 ** (digits - node.length),
    })
    return new Map(rows.map(({ key, value }) => [key.slice(prefix.length), decodeSum(value)]))
  }

  async items(tree: Tree, node: string, limit: number): Promise<Item[]> {
    const found: Item[] = []
    for await (const item of this.#allItems(tree, node)) {
      if (found.length === limit) break
      found.push(item)
    }
    return found
  }

  async *#allItems(tree: Tree, node: string): AsyncGenerator<Item> {
    const name = treeKey(tree)
    let after: string | undefined
    for (;;) {
      const range = { prefix: name + node, limit: PAGE_ITEMS }
      const rows = await this.#store.scan(ITEMS_TABLE, after === undefined ? range : { ...range, after })
      for (const { key, value } of rows) {
        const [hash, item] = splitOnce(key.slice(name.length))
        yield { hash, key: item, digest: decodeItem(value).digest }
      }
      if (rows.length < PAGE_ITEMS) return
      after = rows.at(-1)!.key
    }
  }
}

async function addUp(items: AsyncIterable<Item>, digits: number): Promise<Map<string, RunningSum>> {
  const sums = new Map<string, RunningSum>()
  for await (const { hash, digest } of items) {
    const name = hash.slice(0, digits)
    const sum = sums.get(name) ?? new RunningSum()
    sums.set(name, sum.add(digest))
  }
  return sums
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('/')
  return [text.slice(0, at), text.slice(at + 1)]
}
