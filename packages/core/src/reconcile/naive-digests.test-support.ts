/** Digests as plainly as they can be: every sum is added up anew, as big integers, from all records. What kept sums are held against, and what machines are played with. */
import { toHex } from '../bytes/hex.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import type { DigestReader, Sums } from '../digest/digest-reader.ts'
import { childrenOf, DIGEST_BYTES, type Item, type Sum, type Tree } from '../digest/tree.ts'
import type { Host } from '../host.ts'

const MODULUS = 2n ** 128n

export function naiveHash(host: Pick<Host, 'sha256'>, key: string): string {
  return toHex(host.sha256(encodeUtf8(key))).slice(0, 16)
}

function naiveSum(items: readonly Item[]): Sum {
  let sum = 0n
  for (const { digest } of items)
    sum += [...digest].reduceRight((value, byte) => (value << 8n) + BigInt(byte), 0n)
  sum %= MODULUS
  const digest = Uint8Array.from({ length: DIGEST_BYTES }, (_, i) => Number((sum >> BigInt(8 * i)) & 0xffn))
  return { count: items.length, digest }
}

export class NaiveDigests implements DigestReader {
  readonly #itemsOf: (tree: Tree) => Promise<readonly Item[]>

  /** In any order. */
  constructor(itemsOf: (tree: Tree) => Promise<readonly Item[]>) {
    this.#itemsOf = itemsOf
  }

  async sum(tree: Tree, node: string): Promise<Sum> {
    return naiveSum(await this.items(tree, node, Number.MAX_SAFE_INTEGER))
  }

  async below(tree: Tree, node: string): Promise<Sums> {
    const sums = new Map<string, Sum>()
    for (const child of childrenOf(node)) {
      const sum = await this.sum(tree, child)
      if (sum.count > 0) sums.set(child, sum)
    }
    return sums
  }

  async items(tree: Tree, node: string, limit: number): Promise<Item[]> {
    const items = (await this.#itemsOf(tree)).filter(({ hash }) => hash.startsWith(node))
    return items.sort((a, b) => (a.hash + a.key < b.hash + b.key ? -1 : 1)).slice(0, limit)
  }
}
