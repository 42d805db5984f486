/**
 * One row taken in: what it says beyond the shadow becomes a change on a fork at the shadow, merged, with the rules' decisions on top (SPEC B-20 to B-36).
 * All of it is part of the caller's append. A row that fits neither mapping nor schema throws, and the append with it; the caller sets the row aside.
 */
import { DELETED_KEY, type Imported, type JsonObject, pathOf, type RecordState } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { BridgeError } from './bridge-error.ts'
import { type BridgeContext, runSeqs } from './context.ts'
import { decide, enact, tellLosers } from './decide.ts'
import { concerns, rowPart, withField } from './mapping/field.ts'
import { emptyValue, type Mapping } from './mapping.ts'
import { differences, lackingFields } from './meeting.ts'
import { shadowFor } from './plan.ts'
import { settle } from './settle.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { tellOverruled } from './told.ts'
import { type Verdict, verdictsOf } from './verdict.ts'
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
}

interface Change {
  fork: { document: Uint8Array; heads: readonly string[] } | undefined
  /** The fork's view. */
  view: JsonObject
  verdicts: readonly Verdict[]
  deleted?: boolean
  /** External names of fields that are ours to write whatever happens; absent: those of the shadow that were not decided. */
  owed?: readonly string[]
}

interface Outcome {
  after: RecordState
  /** A receipt said that an edit made here lost. */
  oursLost: boolean
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
    const agreed = { value: emptyValue(mapping), view, owed: [] }
    const verdicts = verdictsOf(mapping, agreed, this.#mapped, undefined)
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
    const differing = await differences(this.#context, this.#tables, this.#subject, {
      view,
      rowDecides: revived,
    })
    const decided = differing.filter(({ winner }) => winner !== 'ours')
    const owed = differing.filter(({ winner }) => winner === 'ours').map(({ field }) => field.external)
    const change: Change = {
      fork,
      view,
      verdicts: decided,
      owed: [...owed, ...lackingFields(mapping, this.#mapped, view)],
    }
    const imported = await this.#import(change)
    const after = await enact(this.#tables, imported, decided)
    const oursLost = await tellLosers(this.#context, this.#tables, this.#subject.state, differing)
    return this.#remember(imported, change, fork, { after, oursLost })
  }

  #revive(): Promise<RecordState> {
    return this.#tables.transaction.edit(this.#subject.record, [
      { op: 'put', path: [DELETED_KEY], value: false },
    ])
  }

  async #edit(shadow: Shadow): Promise<boolean> {
    const { mapping, state } = this.#subject
    const verdicts = verdictsOf(mapping, shadow, this.#mapped, state.value)
    const change: Change = { fork: shadow, view: shadow.view, verdicts }
    if (verdicts.length === 0) return this.#remember(undefined, change, shadow)
    const decided = await decide(this.#context, this.#tables, { ...this.#subject, verdicts })
    const imported = await this.#import(change)
    const after = await enact(this.#tables, imported, decided)
    const oursLost = await tellLosers(this.#context, this.#tables, state, decided)
    return this.#remember(imported, change, shadow, { after, oursLost })
  }

  /** The record is deleted here, and the row does not know it yet. */
  async #editOfDeleted(shadow: Shadow): Promise<boolean> {
    const { mapping, state } = this.#subject
    const verdicts = verdictsOf(mapping, shadow, this.#mapped, undefined)
    const change: Change = { fork: shadow, view: shadow.view, verdicts }
    if (verdicts.length === 0) return this.#remember(undefined, change, shadow)
    const imported = await this.#import(change)
    if (mapping.deletes === 'delete-wins') {
      await this.#overruled({ was: this.#wholeRow(), became: null }, {})
      return this.#remember(imported, change, shadow)
    }
    const alive = await this.#revive()
    await this.#overruled({ was: null, became: this.#wholeRow() }, runSeqs(state))
    return this.#remember(imported, change, shadow, { after: alive, oursLost: true })
  }

  async #deletion(shadow: Shadow): Promise<boolean> {
    const { mapping, state } = this.#subject
    const change: Change = { fork: shadow, view: shadow.view, verdicts: [], deleted: true }
    if (!mapping.inward || !state.value || shadow.gone) return this.#remember(undefined, change, shadow)
    const wish = wishOf(mapping, shadow, state)
    if (wish.action === 'none') return this.#remember(await this.#import(change), change, shadow)
    if (mapping.deletes === 'edit-wins') {
      await this.#overruled({ was: null, became: state.value }, {})
      return this.#remember(undefined, change, shadow)
    }
    const imported = await this.#import(change)
    await this.#overruled({ was: state.value, became: null }, runSeqs(state))
    return this.#remember(imported, change, shadow, { after: imported, oursLost: true })
  }

  #import(change: Change): Promise<Imported> {
    const { row, record } = this.#subject
    const { fork, deleted } = change
    return this.#tables.transaction.import(record, {
      system: this.#context.system,
      externalId: `${row.type}/${row.id}`,
      externalVersion: versionOf(row, change),
      fork: fork && { document: fork.document, heads: fork.heads },
      value: this.#valueOf(change),
      ...(deleted !== undefined && { deleted }),
    })
  }

  /** The fork's view with what the row says. @throws BridgeError mapping when the schema will not have it */
  #valueOf({ fork, view, verdicts }: Change): JsonObject {
    const { mapping, row } = this.#subject
    let value = view
    for (const { field, theirs } of verdicts) value = withField(value, field, theirs)
    const parsed = mapping.collection.parse(value)
    if ('value' in parsed) return fork ? value : { ...value, ...parsed.value }
    const named = (path: string) => verdicts.some(({ field }) => concerns(field, pathOf(path)))
    // What was wrong before the row came is not the row's fault.
    const issues = fork ? parsed.issues.filter(({ path }) => named(path)) : parsed.issues
    if (issues.length === 0) return value
    const wrong = issues.map(({ path, message }) => `${path || '/'} ${message}`).join('; ')
    throw new BridgeError(
      'mapping',
      `${row.type} ${row.id} does not fit ${mapping.collection.name}: ${wrong}`,
    )
  }

  #wholeRow(): JsonObject {
    const fields = this.#subject.mapping.fields.filter(({ direction }) => direction !== 'out')
    return fields.reduce<JsonObject>(
      (whole, field) => withField(whole, field, field.from(rowPart(this.#mapped, field)) ?? null),
      {},
    )
  }

  #overruled(
    values: { was: JsonObject | null; became: JsonObject | null },
    seqs: Record<string, number>,
  ): Promise<void> {
    const { record, mapping } = this.#subject
    return tellOverruled(this.#context, this.#tables, record, {
      values: { '': values },
      seqs,
      rules: [mapping.deletes],
    })
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
    await this.#tables.putShadow(record, {
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
      owed: change.owed ?? undecided(shadow?.owed ?? [], change.verdicts),
      seqs: { ...shadow?.seqs, ...(outcome && toldBy(state, outcome)) },
    })
    // What the system would not have before, it may have now.
    if ((await this.#tables.item(record))?.state === 'dead') this.#tables.putItem(record, undefined)
    await settle(this.#context, this.#tables, record)
    return true
  }
}

/**
 * What a reference leads to is known by the links of this node, and another node may know less: so the change is named by it, or two nodes would write different changes under one
 * name (SPEC B-84).
 */
function versionOf({ version }: ExternalRow, { verdicts }: Change): string {
  const references = verdicts.filter(({ field }) => field.reference)
  if (references.length === 0) return version
  return `${version}\n${JSON.stringify(references.map(({ field, theirs }) => [field.name, theirs ?? null]))}`
}

/** A field whose conflict was decided is owed no more: what is ours of it stands beyond the shadow, or lost. */
function undecided(owed: readonly string[], verdicts: readonly Verdict[]): string[] {
  return owed.filter((external) => !verdicts.some(({ field }) => field.external === external))
}

/** Edits that no receipt will follow: the deciding change, and ours when a receipt said already that they lost. */
function toldBy(state: RecordState, { after, oursLost }: Outcome): Record<string, number> {
  if (oursLost) return runSeqs(after)
  return Object.fromEntries(
    Object.entries(runSeqs(after)).filter(([actor, seq]) => seq > (state.seqs[actor] ?? 0)),
  )
}
