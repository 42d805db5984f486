/**
 * One row taken in: what it says beyond the shadow becomes a change on a fork at the shadow, merged, with the rules' decisions on top (SPEC B-20 to B-36).
 * All of it is part of the caller's append. A row that fits neither mapping nor schema throws, and the append with it; the caller sets the row aside.
 */
import { type Imported, importRow, type JsonObject, pathOf, type RecordState } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { takenFact } from './audit/facts.ts'
import { BridgeError } from './bridge-error.ts'
import { type BridgeContext, runSeqs } from './context.ts'
import {
  type Decided,
  decide,
  editedMore,
  enact,
  isLoss,
  isOwedBy,
  isTaken,
  newestHere,
  tellLosers,
} from './decide.ts'
import { heardSince } from './heard.ts'
import { importAtHeads } from './import-at-heads.ts'
import { concerns, versionNaming, withField } from './mapping/field.ts'
import { emptyValue, type Mapping } from './mapping.ts'
import { differences, lackingFields } from './meeting.ts'
import type { OutboxItem } from './outbox.ts'
import { shadowFor } from './plan.ts'
import { type ConflictOutcome, count } from './review/conflict-counts.ts'
import { endWhole } from './review/end.ts'
import { holdFields, holdRecord, rowView } from './review/hold.ts'
import { heldBy, nothingHeld } from './review/item.ts'
import { settle } from './settle.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { tellOverruled } from './told.ts'
import { type Agreed, fieldsBeyond, type Verdict, verdictsOf } from './verdict.ts'
import { wishOf } from './wish.ts'

export interface Subject {
  /** Its references made ready for this row and this record. */
  mapping: Mapping
  row: ExternalRow
  /** The row's mapped value, as far as it is known here. */
  mapped: JsonObject
  record: string
  state: RecordState
  shadow: Shadow | undefined
  item: OutboxItem | undefined
  /** Who decided that the row is taken in so; absent: a rule. */
  by?: string | undefined
}

type Fork = { document: Uint8Array; heads: readonly string[] }

interface Change {
  fork: Fork | undefined
  /** The fork's view. */
  view: JsonObject
  /** What is taken in. */
  verdicts: readonly Verdict[]
  deleted?: boolean
  /** External names of fields that are ours to write whatever happens; absent: those of the shadow. */
  owed?: readonly string[]
  /** What was decided of each field that differed; absent: the verdicts were taken. */
  decided?: readonly Decided[]
}

interface Outcome {
  after: RecordState
  /** A receipt said that an edit made here lost, and nothing else of it waits for an answer. */
  isTold: boolean
}

export class Intake {
  readonly #context: BridgeContext
  readonly #tables: BridgeTables
  readonly #subject: Subject
  readonly #mapped: JsonObject

  constructor(context: BridgeContext, tables: BridgeTables, subject: Subject) {
    this.#context = context
    this.#tables = tables
    this.#subject = subject
    this.#mapped = subject.mapped
  }

  /** @returns false when the row is not for this replica */
  async run(): Promise<boolean> {
    const { row, record, state, shadow, mapping } = this.#subject
    const usable = shadowFor(state, shadow)
    if (state.heads.length === 0) {
      if (!shadow) return this.#first()
      this.#tables.tell({
        level: 'warn',
        code: 'record-absent',
        message: `${mapping.type} ${row.id} changed, but ${record} is not in this replica any more`,
      })
      return false
    }
    if (!usable || (usable.gone && !row.deleted && !state.value)) return this.#meet()
    if (row.deleted) return this.#deletion(usable)
    if (!state.value) return this.#editOfDeleted(usable)
    return this.#edit(usable)
  }

  /** A row that nobody here knows becomes a record. */
  async #first(): Promise<boolean> {
    const { mapping, row } = this.#subject
    if (row.deleted || !mapping.inward || !mapping.takes(row)) return false
    const view = mapping.defaults
    const verdicts = verdictsOf(
      mapping,
      { ...nothing, view, value: emptyValue(mapping) },
      this.#mapped,
      undefined,
    )
    const change: Change = { fork: undefined, view, verdicts }
    return this.#remember(await this.#import(change), change)
  }

  /** Both exist and have no common state that is of use: fields that differ are decided without knowing who changed them (B-29). */
  async #meet(): Promise<boolean> {
    const { mapping, row, record } = this.#subject
    const lives = mapping.deletes === 'edit-wins'
    const revived =
      !this.#subject.state.value && !row.deleted && (lives || this.#subject.shadow?.gone === true)
    const state = revived ? await this.#revive() : this.#subject.state
    const fork = await this.#tables.transaction.save(record)
    const view = state.content
    if (row.deleted || !state.value) {
      const change: Change = { fork, view, verdicts: [], deleted: true }
      return this.#remember(
        row.deleted && state.value && !lives ? await this.#import(change) : undefined,
        change,
        fork,
      )
    }
    const heard = await heardSince(this.#context, this.#tables, { mapping, state }, [])
    const decided = await differences(this.#context, this.#tables, this.#subject, {
      view,
      rowDecides: revived,
      heard,
    })
    return this.#decided(fork, view, decided, lackingFields(mapping, this.#mapped, view, heard))
  }

  async #revive(): Promise<RecordState> {
    const { record, row } = this.#subject
    const { content: value } = await this.#tables.transaction.record(record)
    return importAtHeads(this.#context, this.#tables, { record, value, row, deleted: false })
  }

  async #edit(shadow: Shadow): Promise<boolean> {
    const { mapping, state, record } = this.#subject
    const held = mapping.mayHold ? heldBy(await this.#tables.review(record)) : nothingHeld
    const heard = await heardSince(this.#context, this.#tables, { mapping, state }, shadow.heads)
    const agreed: Agreed = { ...shadow, held: held.fields, heard }
    const verdicts = verdictsOf(mapping, agreed, this.#mapped, state.value)
    if (heard.size > 0) return this.#meetAgain(agreed, verdicts)
    if (verdicts.length === 0)
      return this.#remember(undefined, { fork: shadow, view: shadow.view, verdicts }, shadow)
    return this.#decided(shadow, shadow.view, await this.#decide(verdicts), undecided(shadow.owed, verdicts))
  }

  /** The shadow is older than what another node has taken in: both sides meet as they are, with what is known to be agreed. */
  async #meetAgain(agreed: Agreed, verdicts: readonly Verdict[]): Promise<boolean> {
    const { mapping, state, record } = this.#subject
    const fork = await this.#tables.transaction.save(record)
    const ours = undecided(fieldsBeyond(mapping, agreed, this.#mapped, state.content), verdicts)
    return this.#decided(fork, state.content, await this.#decide(verdicts), ours)
  }

  #decide(verdicts: readonly Verdict[]): Promise<Decided[]> {
    const { mapping, state, row, item } = this.#subject
    const theirs = { theirsAt: row.modifiedAt, theirsBy: row.modifiedBy }
    const tried = item?.state === 'waiting' ? item.tried : undefined
    return decide(this.#context, this.#tables, { mapping, state, theirs, verdicts, tried })
  }

  /** What was decided, field by field, as changes, receipts, counts and what is owed. */
  async #decided(
    fork: Fork,
    view: JsonObject,
    decided: readonly Decided[],
    owed: readonly string[],
  ): Promise<boolean> {
    const { mapping, row, state } = this.#subject
    const ours = decided.filter(isOwedBy).map(({ field }) => field.external)
    const change: Change = {
      fork,
      view,
      verdicts: decided.filter(isTaken),
      owed: [...owed, ...ours],
      decided,
    }
    const imported = change.verdicts.length > 0 ? await this.#import(change) : undefined
    const merged = imported ?? (await this.#tables.transaction.record(state.key))
    const after = await enact(this.#context, this.#tables, merged, { row, decided })
    const oursLost = await tellLosers(this.#context, this.#tables, state, decided)
    await holdFields(this.#context, this.#tables, { mapping, state: after }, decided)
    for (const one of decided.filter(isLoss)) await this.#count(one)
    const isTold = oursLost && !(await this.#editedMore(decided))
    return this.#remember(imported, change, fork, { after, isTold })
  }

  async #editedMore(decided: readonly Decided[]): Promise<boolean> {
    const { state, shadow } = this.#subject
    return editedMore(await this.#tables.transaction.history(state.key), shadow?.seqs ?? {}, decided)
  }

  async #count({ field, rule, ending }: Decided): Promise<void> {
    const { mapping } = this.#subject
    // What is held is counted when it is put there, and when it ends.
    if (ending.winner === 'review' || ending.winner === 'same' || rule === undefined) return
    await count(this.#context, this.#tables, { mapping, field: field.name, rule, outcome: ending.winner })
  }

  /** The record is deleted here, and the row does not know it yet. */
  async #editOfDeleted(shadow: Shadow): Promise<boolean> {
    const { mapping, state } = this.#subject
    const verdicts = verdictsOf(mapping, { ...nothing, ...shadow }, this.#mapped, undefined)
    const change: Change = {
      fork: shadow,
      view: shadow.view,
      verdicts,
      owed: undecided(shadow.owed, verdicts),
    }
    if (verdicts.length === 0) return this.#remember(undefined, change, shadow)
    if (mapping.deletes === 'review') return this.#hold(shadow)
    const imported = await this.#import(change)
    if (mapping.deletes === 'delete-wins') {
      await this.#overruled('ours', { was: this.#wholeRow(), became: null }, {})
      return this.#remember(imported, change, shadow)
    }
    const alive = await this.#revive()
    await this.#overruled('theirs', { was: null, became: this.#wholeRow() }, runSeqs(state))
    return this.#remember(imported, change, shadow, { after: alive, isTold: true })
  }

  async #deletion(shadow: Shadow): Promise<boolean> {
    const { mapping, state, record } = this.#subject
    const change: Change = { fork: shadow, view: shadow.view, verdicts: [], deleted: true }
    if (!mapping.inward || !state.value || shadow.gone) return this.#remember(undefined, change, shadow)
    const wish = wishOf(mapping, shadow, state, nothingHeld)
    const held = heldBy(mapping.mayHold ? await this.#tables.review(record) : undefined)
    if (wish.action === 'none' && held.fields.size === 0)
      return this.#remember(await this.#import(change), change, shadow)
    if (mapping.deletes === 'review') return this.#hold(shadow)
    if (mapping.deletes === 'edit-wins') {
      await this.#overruled('ours', { was: null, became: state.value }, {})
      return this.#remember(undefined, change, shadow)
    }
    const imported = await this.#import(change)
    await this.#overruled('theirs', { was: state.value, became: null }, runSeqs(state))
    return this.#remember(imported, change, shadow, { after: imported, isTold: true })
  }

  /** Delete against edit, for a person: nothing is taken in, and the row waits (B-104). */
  async #hold(shadow: Shadow): Promise<boolean> {
    const { mapping, state, row, record } = this.#subject
    const history = await this.#tables.transaction.history(record)
    const sides = {
      ...newestHere(this.#context, history),
      theirsAt: row.modifiedAt,
      theirsBy: row.modifiedBy,
    }
    await holdRecord(this.#context, this.#tables, {
      mapping,
      state,
      row,
      theirs: row.deleted ? null : this.#wholeRow(),
      agreed: shadow.view,
      sides,
    })
    await settle(this.#context, this.#tables, record)
    return true
  }

  #import(change: Change): Promise<Imported> {
    const { row, record } = this.#subject
    const { fork, deleted, verdicts } = change
    const set = verdicts.map(({ field, theirs: value }) => ({ field, value }))
    return importRow(this.#tables.transaction, record, {
      system: this.#context.system,
      externalId: `${row.type}/${row.id}`,
      externalVersion: versionNaming(row.version, set),
      time: row.modifiedAt,
      fork: fork && { document: fork.document, heads: fork.heads },
      value: this.#valueOf(change),
      ...(deleted !== undefined && { deleted }),
    })
  }

  /** The fork's view with what the row says. @throws BridgeError mapping when the schema will not have it */
  #valueOf({ fork, view, verdicts }: Change): JsonObject {
    const { mapping, row, record } = this.#subject
    let value = view
    for (const { field, theirs } of verdicts) value = withField(value, field, theirs)
    const parsed = mapping.collection.parse(value)
    if ('value' in parsed) return fork ? value : { ...value, ...parsed.value }
    const named = (path: string) => verdicts.some(({ field }) => concerns(field, pathOf(path)))
    // What was wrong before the row came is not the row's fault.
    const issues = fork ? parsed.issues.filter(({ path }) => named(path)) : parsed.issues
    if (issues.length === 0) return value
    // What the schema says also to whoever does not see what is withheld does not quote it (B-159).
    const seen = mapping.collection.parse(this.#tables.shown(record, value))
    const said = new Set('issues' in seen ? seen.issues.map(wordsOf) : [])
    const wrong = issues.map((issue) =>
      said.has(wordsOf(issue)) ? wordsOf(issue) : wordsOf({ ...issue, message: UNTOLD }),
    )
    throw new BridgeError(
      'mapping',
      `${row.type} ${row.id} does not fit ${mapping.collection.name}: ${wrong.join('; ')}`,
    )
  }

  #wholeRow(): JsonObject {
    return rowView(this.#subject.mapping, this.#mapped)
  }

  async #overruled(
    outcome: ConflictOutcome,
    values: { was: JsonObject | null; became: JsonObject | null },
    seqs: Record<string, number>,
  ): Promise<void> {
    const { record, mapping, by } = this.#subject
    await tellOverruled(this.#context, this.#tables, record, {
      values: { '': values },
      seqs,
      rules: [mapping.deletes],
      ...(by !== undefined && { reason: `the record was under review, and ${by} decided` }),
    })
    if (by === undefined)
      await count(this.#context, this.#tables, { mapping, field: '', rule: mapping.deletes, outcome })
    else await endWhole(this.#context, this.#tables, { mapping, record, why: `${by} decided`, outcome })
  }

  /** The new shadow, at the fork as the row left it; settling moves it on when nothing of ours is beyond it (B-36). */
  async #remember(
    imported: Imported | undefined,
    change: Change,
    before?: { document: Uint8Array; heads: readonly string[] },
    outcome?: Outcome,
  ): Promise<boolean> {
    const { row, record, state, shadow, mapping } = this.#subject
    const { document, heads } = imported ? imported.agreed : before!
    if (mapping.mayHold)
      await endWhole(this.#context, this.#tables, { mapping, record, why: 'the row was taken in' })
    const next: Shadow = {
      type: mapping.type,
      rowId: row.id,
      externalId: row.externalId ?? shadow?.externalId ?? '',
      version: row.version,
      gone: row.deleted,
      incarnation: state.incarnation,
      value: this.#mapped,
      view: imported ? this.#valueOf(change) : change.view,
      document,
      heads,
      owed: [...new Set(change.owed ?? shadow?.owed ?? [])],
      seqs: { ...shadow?.seqs, ...(outcome?.isTold && runSeqs(outcome.after)) },
    }
    this.#tables.putShadow(record, next, shadow)
    const after = outcome?.after ?? imported ?? state
    this.#tables.note(takenFact(this.#subject, change, after, this.#tables.isWalk))
    await settle(this.#context, this.#tables, record, { item: this.#itemNow(), shadow: next, state: after })
    return true
  }

  /** What the system would not have before, it may have now. */
  #itemNow(): OutboxItem | undefined {
    const { record, item } = this.#subject
    if (item?.state !== 'dead') return item
    this.#tables.putItem(record, undefined)
    return undefined
  }
}

const UNTOLD = 'does not fit; why is not told, because it may quote a field that is withheld from the system'

function wordsOf({ path, message }: { path: string; message: string }): string {
  return `${path || '/'} ${message}`
}

/** Nothing that a person, or another node, has said. */
const nothing: Pick<Agreed, 'owed' | 'held' | 'heard'> = { owed: [], held: new Map(), heard: new Map() }

/** A field whose conflict was decided is owed no more: what is ours of it stands beyond the shadow, or lost. */
function undecided(owed: readonly string[], verdicts: readonly Verdict[]): string[] {
  return owed.filter((external) => !verdicts.some(({ field }) => field.external === external))
}
