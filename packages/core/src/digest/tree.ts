/**
 * The shape of a digest tree. All items of a tree are spread by the first 16 bits of the hash of their key; a node is named by the hex digits that its items share:
 *
 *     ''  ──256──▶  'a3'  ──16──▶  'a3f'  ──16──▶  'a3f0'  ──▶  items
 *
 * The depth is fixed, so that two replicas need not agree on anything before they compare. Rejected: ranges of sorted keys split by count (negentropy), which save
 * bytes where little differs, and cost a round trip more for each level.
 */
import { toHex } from '../bytes/hex.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import type { Host } from '../host.ts'

/** Records, compared by their heads and receipts; or entries of other kinds (segments), each an item of its own that never changes. */
export type TreeKind = 'records' | 'others'

export interface Tree {
  channel: string
  kind: TreeKind
}

/** What stands in a node: how many items, and the sum of their digests modulo 2^128, little endian. */
export interface Sum {
  count: number
  digest: Uint8Array
}

export interface Item {
  /** 16 hex digits: the first 8 bytes of sha256 of the key. */
  hash: string
  /** Record key; for others the record and the hash of the entry, behind a line break. */
  key: string
  digest: Uint8Array
}

export const DIGEST_BYTES = 16
export const ITEM_HASH_BYTES = 8
export const LEAF_DIGITS = 4

export const emptySum: Readonly<Sum> = { count: 0, digest: new Uint8Array(DIGEST_BYTES) }

export function itemHash(host: Pick<Host, 'sha256'>, key: string): string {
  return toHex(host.sha256(encodeUtf8(key)).subarray(0, ITEM_HASH_BYTES))
}

/** Names of the nodes right below this one, ascending. */
export function childrenOf(prefix: string): string[] {
  const digits = prefix === '' ? 2 : 1
  return Array.from({ length: 16 ** digits }, (_, i) => prefix + i.toString(16).padStart(digits, '0'))
}

/** Digits of the nodes in which sums are kept: those below are added up from items. */
export const keptDigits: readonly number[] = [0, 2, 3]

export function equalSums(a: Sum, b: Sum): boolean {
  if (a.count !== b.count) return false
  for (let i = 0; i < DIGEST_BYTES; i++) if (a.digest[i] !== b.digest[i]) return false
  return true
}

/** A sum that grows and shrinks, item by item. Its count may be below zero while it is the difference of two. */
export class RunningSum implements Sum {
  count: number
  readonly digest: Uint8Array

  constructor({ count, digest }: Sum = emptySum) {
    this.count = count
    this.digest = digest.slice()
  }

  add(digest: Uint8Array, count = 1): this {
    this.count += count
    let carry = 0
    for (let i = 0; i < DIGEST_BYTES; i++) {
      carry += this.digest[i]! + digest[i]!
      this.digest[i] = carry
      carry >>= 8
    }
    return this
  }

  subtract(digest: Uint8Array): this {
    this.count -= 1
    let borrow = 0
    for (let i = 0; i < DIGEST_BYTES; i++) {
      const left = this.digest[i]! - digest[i]! + borrow
      this.digest[i] = left
      borrow = left >> 8
    }
    return this
  }
}
