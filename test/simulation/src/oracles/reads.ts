/**
 * Monotonic reads: what a node has shown, it goes on showing, over restarts too. A mark may go with its record (given up, deleted, another grant), with an edit that the hub refused, and with the disk
 * that was set back; a mark that a hub has kept never goes from a record that stays, but in a commit that takes an entry out which a hub refused to this device: own or carried (S-1, S-4), it was let in from another
 * device, by the rights of its session or later (A-10, DM-15), and comes anew, with what builds on it.
 */

import type { Commit, JsonObject, Refusal, Seq, StoredEntry } from '@skerry/core'
import type { NodeFace, ProcessFace } from '../nodes/surroundings.ts'
import type { Ledger } from './ledger.ts'
import { OracleFailed } from './oracle-failed.ts'

export class ReadsOracle {
  readonly #ledger: Ledger
  /** Marks that a hub has kept since hubs were last set back. */
  readonly #kept = new Set<string>()
  readonly #seen = new Map<NodeFace, Map<string, JsonObject>>()

  /** By node: where in its log the entries stand that a hub refused to it. */
  readonly #refused = new Map<NodeFace, Set<Seq>>()
  /** Records of which the node's last batch took such an entry out. */
  readonly #withdrawn = new Map<NodeFace, ReadonlySet<string>>()

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** A hub was set back: what it kept since is not kept any more. */
  hubRestored(): void {
    this.#kept.clear()
  }

  restored(node: NodeFace): void {
    this.#seen.delete(node)
    this.#refused.delete(node)
  }

  /** A hub's answer to this node, which is an answer and no refusal where it says that the record is elsewhere. */
  refused(node: NodeFace, refusals: readonly Pick<Refusal, 'seq' | 'code'>[]): void {
    const refused = this.#refused.get(node) ?? new Set()
    this.#refused.set(node, refused)
    for (const { seq, code } of refusals) if (code !== 'elsewhere') refused.add(seq)
  }

  /** A batch that took these entries out is on this node's disk; its commit is told next, if the node lives. */
  stored(node: NodeFace, removed: readonly Pick<StoredEntry, 'seq' | 'record'>[]): void {
    const refused = this.#refused.get(node)
    const withdrawn = removed.filter(({ seq }) => refused?.has(seq))
    this.#withdrawn.set(node, new Set(withdrawn.map(({ record }) => record)))
  }

  committed(node: NodeFace, commit: Commit): void {
    const withdrawn = node.isHub ? undefined : this.#withdrawn.get(node)
    const seen = this.#seen.get(node) ?? new Map<string, JsonObject>()
    this.#seen.set(node, seen)
    for (const { record, collection, before, after } of commit.changes) {
      if (collection !== 'visits') continue
      const marks = marksOf(after)
      if (after === undefined) seen.delete(record)
      else {
        seen.set(record, marks)
        if (!withdrawn?.has(record)) this.#compare(node, record, marksOf(before), marks)
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
