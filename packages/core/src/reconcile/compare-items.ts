/** Two lists of items of one node beside each other. */
import { toHex } from '../bytes/hex.ts'
import type { Item } from '../digest/tree.ts'
import type { ListedItem } from './messages.ts'

export interface ItemDifferences {
  /** Hashes that only the other side has. */
  lacked: string[]
  /** Keys of what is here and differs, or is missing there. */
  had: string[]
}

/** Two keys may share a hash: the pair of hash and digest is what must be met on the other side. */
export function compareItems(theirs: readonly ListedItem[], own: readonly Item[]): ItemDifferences {
  const told = new Set(theirs.map(pairOf))
  const here = new Set(own.map(pairOf))
  const differing = own.filter((item) => !told.has(pairOf(item)))
  const differingHashes = new Set(differing.map(({ hash }) => hash))
  const lacked = new Set<string>()
  for (const item of theirs)
    if (!here.has(pairOf(item)) && !differingHashes.has(item.hash)) lacked.add(item.hash)
  return { lacked: [...lacked], had: differing.map(({ key }) => key) }
}

function pairOf({ hash, digest }: ListedItem): string {
  return `${hash} ${toHex(digest)}`
}
