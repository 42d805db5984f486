/** What one small edit costs in a world at rest: each link carries it once, and nothing of it comes back to where it was made. */
import type { SimulatedNode } from '../nodes/node.ts'
import type { World } from '../world.ts'
import { OracleFailed } from './oracle-failed.ts'

/** Bytes: an entry of a new record with its containers, in a frame. */
const ENTRY_BYTES_MAX = 1_600
/** Bytes: an acknowledgement, and what a mark says of the record's channel. */
const ANSWER_BYTES_MAX = 160

export interface Probe {
  author: SimulatedNode
  before: ReadonlyMap<string, number>
}

export function checkBytes(world: World, { author, before }: Probe): void {
  for (const [way, bytes] of world.bytes) {
    const [from, to] = way.split('>') as [string, string]
    const spent = bytes - (before.get(way) ?? 0)
    const isBack = to === author.name && world.nodes.get(from)?.isHub
    const most = isBack ? ANSWER_BYTES_MAX : ENTRY_BYTES_MAX
    if (spent > most)
      throw new OracleFailed(
        'bytes',
        `one edit of ${author.name} cost ${spent} bytes from ${from} to ${to}, at most ${most} are needed`,
      )
  }
}
