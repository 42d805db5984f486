/**
 * Monotonic reads: what a node has shown, it goes on showing, over restarts too. A mark may go with its record (given up, deleted, another grant), with an edit that the hub refused, and with the disk
 * that was set back; a mark that a hub has kept never goes from a record that stays, but in a commit that sets an edit of this device aside: the hub refused that to it, and let it in from another (DM-15), with what
 * builds on it, which then comes anew.
 */

import { type AsideEdit, type Batch, type Commit, decodeUtf8, type JsonObject } from '@skerry/core'
import type { NodeFace, ProcessFace } from '../nodes/surroundings.ts'
import type { Ledger } from './ledger.ts'
import { OracleFailed } from './oracle-failed.ts'

export class ReadsOracle {
  readonly #ledger: Ledger
  /** Marks that a hub has kept since hubs were last set back. */
  readonly #kept = new Set<string>()
  readonly #seen = new Map<NodeFace, Map<string, JsonObject>>()

  /** Records of which the node's last batch set an edit aside. */
  readonly #setAside = new Map<NodeFace, Set<string>>()

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** A hub was set back: what it kept since is not kept any more. */
  hubRestored(): void {
    this.#kept.clear()
  }

  restored(node: NodeFace): void {
    this.#seen.delete(node)
  }

  /** A batch is on this node's disk; its commit is told next, if the node lives. */
  stored(node: NodeFace, { tables }: Pick<Batch, 'tables'>): void {
    const records = new Set<string>()
    for (const { table, value } of tables)
      if (table === 'aside' && value) records.add((JSON.parse(decodeUtf8(value)!) as AsideEdit).record)
    this.#setAside.set(node, records)
  }

  committed(node: NodeFace, commit: Commit): void {
    const setAside = node.isHub ? undefined : this.#setAside.get(node)
    const seen = this.#seen.get(node) ?? new Map<string, JsonObject>()
    this.#seen.set(node, seen)
    for (const { record, collection, before, after } of commit.changes) {
      if (collection !== 'visits') continue
      const marks = marksOf(after)
      if (after === undefined) seen.delete(record)
      else {
        seen.set(record, marks)
        if (!setAside?.has(record)) this.#compare(node, record, marksOf(before), marks)
      }
      if (node.isHub) for (const mark of Object.keys(marks)) this.#kept.add(mark)
    }
  }

  /** After a restart: everything that was shown is still there. */
  async reopened(node: NodeFace, { replica, life }: ProcessFace): Promise<void> {
    const seen = this.#seen.get(node)
    if (!seen) return
    for (const [record, marks] of [...seen]) {
      const visit = await replica.visits.get(record.slice('visits/'.length))
      if (!life.isAlive) return
      // What it showed was durable; what it does not show any more was committed, and perhaps not told, when it died.
      if (visit) this.#compare(node, record, marks, (visit.marks ?? {}) as JsonObject)
      else if (node.isHub && !this.#ledger.deleted.has(record))
        throw new OracleFailed('reads', `${node.name} showed ${record}, and does not after a restart`)
    }
  }

  #compare(node: NodeFace, record: string, before: JsonObject, after: JsonObject): void {
    for (const mark of Object.keys(before))
      if (!(mark in after) && (node.isHub || this.#kept.has(mark)))
        throw new OracleFailed('reads', `${node.name} showed ${mark} of ${record}, and does not any more`)
  }
}

function marksOf(view: JsonObject | undefined): JsonObject {
  return (view?.['marks'] ?? {}) as JsonObject
}
