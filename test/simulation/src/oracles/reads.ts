/**
 * Monotonic reads: what a node has shown, it goes on showing, over restarts too. A mark may go with its record (given up, deleted, another grant), with an edit that the hub refused, and with the disk
 * that was set back; a mark that a hub has kept never goes from a record that stays, but in a commit that takes an entry out which a hub refused to this device: own or carried (S-1, S-4), it was let in from another
 * device, by the rights of its session or later (A-10, DM-15), and comes anew, with what builds on it. A mark that a hub let in and took back in one commit was never kept: frames end by size, and who is told the edit
 * in one and the mend in the next shows it between the two, a second hub too (Z-1, DM-15, O5). Where there are two hubs each judges by what it has heard: one may have kept what the other takes back.
 */

import {
  type Commit,
  decodeEntry,
  type JsonObject,
  type NewEntry,
  type Receipt,
  type RecordRow,
  type Refusal,
  type Seq,
  type StoredEntry,
} from '@skerry/core'
import type { NodeFace, ProcessFace } from '../nodes/surroundings.ts'
import { takingBack } from './acknowledged.ts'
import { type Ledger, markForm } from './ledger.ts'
import { OracleFailed } from './oracle-failed.ts'

/** Of a batch, what tells what it took back. */
interface Stored {
  entries: readonly Pick<NewEntry, 'kind' | 'record' | 'bytes' | 'origin'>[]
  records: readonly Pick<RecordRow, 'record' | 'view'>[]
}

export class ReadsOracle {
  readonly #ledger: Ledger
  /** Marks that hubs have kept since hubs were last set back, with those that did. */
  readonly #kept = new Map<string, Set<NodeFace>>()
  /** Marks that a hub took back before it kept them, by record, with the hub that did (undefined: it was set back since, and may be told the two itself). */
  readonly #takenBack = new Map<string, Map<string, NodeFace | undefined>>()
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
    for (const marks of this.#takenBack.values())
      for (const [mark, hub] of marks) if (hub === node) marks.set(mark, undefined)
  }

  /** A hub's answer to this node, which is an answer and no refusal where it says that the record is elsewhere. */
  refused(node: NodeFace, refusals: readonly Pick<Refusal, 'seq' | 'code'>[]): void {
    const refused = this.#refused.get(node) ?? new Set()
    this.#refused.set(node, refused)
    for (const { seq, code } of refusals) if (code !== 'elsewhere') refused.add(seq)
  }

  /** A batch is on this node's disk, and took these entries out; its commit is told next, if the node lives. */
  stored(node: NodeFace, batch: Stored, removed: readonly Pick<StoredEntry, 'seq' | 'record'>[]): void {
    if (node.isHub) this.#takeBack(node, batch)
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
      if (node.isHub) this.#keep(node, record, marks)
    }
  }

  /** A receipt of this hub's own names the marks; those that it showed before, or goes on showing, are not among them. */
  #takeBack(hub: NodeFace, { entries, records }: Stored): void {
    for (const { kind, record, bytes, origin } of entries) {
      if (kind !== 'receipt' || origin) continue
      const { rule, fields = [] } = receiptOf(bytes)
      if (!takingBack.has(rule)) continue
      const view = records.find((row) => row.record === record)?.view
      const shown = { ...this.#seen.get(hub)?.get(record), ...(view && marksOf(JSON.parse(view))) }
      const takenBack = this.#takenBack.get(record) ?? new Map<string, NodeFace | undefined>()
      this.#takenBack.set(record, takenBack)
      for (const [mark] of fields.join().matchAll(markForm))
        if (!(mark in shown) && !this.#kept.get(mark)?.has(hub)) takenBack.set(mark, hub)
    }
  }

  /** What the hub that took it back shows again it keeps, as somebody honest built on it (Z-2). */
  #keep(hub: NodeFace, record: string, marks: JsonObject): void {
    const takenBack = this.#takenBack.get(record)
    for (const mark of Object.keys(marks)) {
      if (takenBack?.get(mark) === hub) takenBack.delete(mark)
      this.#kept.set(mark, (this.#kept.get(mark) ?? new Set()).add(hub))
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
    const takenBack = this.#takenBack.get(record)
    for (const mark of Object.keys(before))
      if (!(mark in after) && !takenBack?.has(mark) && (node.isHub || this.#kept.has(mark)))
        throw new OracleFailed('reads', `${node.name} showed ${mark} of ${record}, and does not any more`)
  }
}

function receiptOf(bytes: Uint8Array): Pick<Receipt, 'rule' | 'fields'> {
  return JSON.parse(Buffer.from(decodeEntry(bytes).body).toString())
}

function marksOf(view: JsonObject | undefined): JsonObject {
  return (view?.['marks'] ?? {}) as JsonObject
}
