/**
 * One row taken in: what it says beyond the shadow becomes a change on a fork at the shadow, merged, with the rules' decisions on top (SPEC B-20 to B-36). All of it is
 * part of the caller's append. A row that fits neither mapping nor schema throws, and the append with it; the caller sets the row aside.
 */
import { DELETED_KEY, type Imported, type JsonObject, keyOf, type RecordState } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { BridgeError } from './bridge-error.ts'
import { type BridgeContext, mappingOfType, runSeqs } from './context.ts'
import { decide, type Decision } from './decide.ts'
import { importedId, recordNamed } from './ids.ts'
import { emptyValue, type Mapping, mappedValue, withField } from './mapping.ts'
import { settle, shadowFor } from './settle.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { tellOverruled } from './told.ts'
import { type Verdict, verdictsOf } from './verdict.ts'
import { wishOf } from './wish.ts'

export type Taken =
  /** It says what is known. */
  | 'known'
  | 'taken'
  /** A call of its record has begun: it is read again later. */
  | 'waits'
  /** Not mapped, filtered out, or of a record that is not here. */
  | 'left'

/** @throws BridgeError mapping for a row that fits neither mapping nor schema */
export async function takeRow(context: BridgeContext, tables: BridgeTables, row: ExternalRow): Promise<Taken> {
  const mapping = mappingOfType(context, row.type)
  if (!mapping) return 'left'
  const record = await recordOf(context, tables, mapping, row)
  if ((await tables.item(record))?.state === 'begun') {
    tables.putHint({ type: row.type, id: row.id, externalId: row.externalId, stamp: stamp(context) })
    return 'waits'
  }
  const shadow = await tables.shadow(record)
  if (shadow && shadow.version === row.version && shadow.rowId === row.id && shadow.gone === row.deleted) return 'known'
  const state = await tables.transaction.record(record)
  return new Intake(context, tables, { mapping, row, record, state, shadow }).run()
}

export function stamp({ host }: BridgeContext): string {
  return Array.from(host.random(8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The record that a row belongs to, whether it exists or not (B-27). */
export async function recordOf(
  { system, host }: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  row: { id: string; externalId?: string | undefined },
): Promise<string> {
  const collection = mapping.collection.name
  const linked = await tables.linked(mapping.type, row)
  return linked ?? recordNamed(collection, row.externalId) ?? keyOf(collection, importedId(host, system, mapping.type, row.id, 0))
}

interface Subject {
  mapping: Mapping
  row: ExternalRow
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
}

class Intake {
  readonly #context: BridgeContext
  readonly #tables: BridgeTables
  readonly #subject: Subject
  readonly #mapped: JsonObject

  constructor(context: BridgeContext, tables: BridgeTables, subject: Subject) {
    this.#context = context
    this.#tables = tables
    this.#subject = subject
    this.#mapped = mappedValue(subject.mapping, subject.row)
  }

  async run(): Promise<Taken> {
    const { row, record, state, shadow, mapping } = this.#subject
    const usable = shadowFor(state, shadow)
    if (state.heads.length === 0) {
      if (!shadow) return this.#first()
      this.#tables.tell({ level: 'warn', code: 'record-absent', message: `${mapping.type} ${row.id} changed, but ${record} is not in this replica any more` })
      return 'left'
    }
    if (!usable || (usable.gone && !row.deleted && !state.value)) return this.#meet()
    if (row.deleted) return this.#deletion(usable)
    if (!state.value) return this.#editOfDeleted(usable)
    return this.#edit(usable)
  }

  /** A row that nobody here knows becomes a record. */
  async #first(): Promise<Taken> {
    const { mapping, row } = this.#subject
    if (row.deleted || !mapping.inward || !mapping.takes(row)) return 'left'
    const view = mapping.defaults
    const verdicts = verdictsOf(mapping, { value: emptyValue(mapping), view }, this.#mapped, undefined)
    const change: Change = { fork: undefined, view, verdicts }
    return this.#remember(await this.#import(change), change)
  }

  /** Both exist and have no common state that is of use: fields that differ are decided without knowing who changed them (B-29). */
  async #meet(): Promise<Taken> {
    const { mapping, row, record } = this.#subject
    const lives = mapping.deletes === 'edit-wins'
    const revived = !this.#subject.state.value && !row.deleted && (lives || this.#subject.shadow?.gone === true)
    const state = revived ? await this.#revive() : this.#subject.state
    const fork = await this.#tables.transaction.save(record)
    const view = state.content
    if (row.deleted || !state.value) {
      const change: Change = { fork, view, verdicts: [], deleted: true }
      return this.#remember(row.deleted && state.value && !lives ? await this.#import(change) : undefined, change, fork)
    }
    const change: Change = { fork, view, verdicts: this.#differences(view, revived) }
    const imported = await this.#import(change)
    const decision = await decide(this.#context, this.#tables, { ...this.#subject, ...change, imported, merges: false })
    return this.#remember(imported, change, fork, decision)
  }

  /** What the row has and the record has otherwise; a side that lacks a field does not contradict the other. */
  #differences(view: JsonObject, rowDecides: boolean): Verdict[] {
    const { mapping } = this.#subject
    const value = Object.fromEntries(mapping.fields.map(({ name, external, to }) => [external, to(view[name])]))
    return verdictsOf(mapping, { value, view }, this.#mapped, view)
      .filter(({ theirs }) => rowDecides || theirs !== undefined)
      .map((verdict) => ({ ...verdict, kind: rowDecides || verdict.ours === undefined ? 'theirs' : 'conflict' }))
  }

  #revive(): Promise<RecordState> {
    return this.#tables.transaction.edit(this.#subject.record, [{ op: 'put', path: [DELETED_KEY], value: false }])
  }

  async #edit(shadow: Shadow): Promise<Taken> {
    const { mapping, state } = this.#subject
    const verdicts = verdictsOf(mapping, shadow, this.#mapped, state.value)
    const change: Change = { fork: shadow, view: shadow.view, verdicts }
    if (verdicts.length === 0) return this.#remember(undefined, change, shadow)
    const imported = await this.#import(change)
    const decision = await decide(this.#context, this.#tables, { ...this.#subject, imported, verdicts, merges: true })
    return this.#remember(imported, change, shadow, decision)
  }

  /** The record is deleted here, and the row does not know it yet. */
  async #editOfDeleted(shadow: Shadow): Promise<Taken> {
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

  async #deletion(shadow: Shadow): Promise<Taken> {
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
      externalVersion: row.version,
      fork: fork && { document: fork.document, heads: fork.heads },
      value: this.#valueOf(change),
      ...(deleted !== undefined && { deleted }),
    })
  }

  /** The fork's view with what the row says. @throws BridgeError mapping when the schema will not have it */
  #valueOf({ fork, view, verdicts }: Change): JsonObject {
    const { mapping, row } = this.#subject
    let value = view
    for (const { field, theirs } of verdicts) value = withField(value, field.name, theirs)
    const parsed = mapping.collection.parse(value)
    if ('value' in parsed) return fork ? value : { ...value, ...parsed.value }
    const named = (path: string) => verdicts.some(({ field }) => path.split('/')[1] === field.name)
    // What was wrong before the row came is not the row's fault.
    const issues = fork ? parsed.issues.filter(({ path }) => named(path)) : parsed.issues
    if (issues.length === 0) return value
    const wrong = issues.map(({ path, message }) => `${path || '/'} ${message}`).join('; ')
    throw new BridgeError('mapping', `${row.type} ${row.id} does not fit ${mapping.collection.name}: ${wrong}`)
  }

  #wholeRow(): JsonObject {
    return Object.fromEntries(this.#subject.mapping.fields.map(({ name, external, from }) => [name, from(this.#mapped[external] ?? null) ?? null]))
  }

  #overruled(values: { was: JsonObject | null; became: JsonObject | null }, seqs: Record<string, number>): Promise<void> {
    const { record, mapping } = this.#subject
    return tellOverruled(this.#context, this.#tables, record, { values: { '': values }, seqs, rules: [mapping.deletes] })
  }

  /** The new shadow, at the fork as the row left it; settling moves it on when nothing of ours is beyond it (B-36). */
  async #remember(imported: Imported | undefined, change: Change, before?: { document: Uint8Array; heads: readonly string[] }, decision?: Decision): Promise<Taken> {
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
      seqs: { ...shadow?.seqs, ...(decision && toldBy(state, decision)) },
    })
    // What the system would not have before, it may have now.
    if ((await this.#tables.item(record))?.state === 'dead') this.#tables.putItem(record, undefined)
    await settle(this.#context, this.#tables, record)
    return 'taken'
  }
}

/** Edits that no receipt will follow: the deciding change, and ours when a receipt said already that they lost. */
function toldBy(state: RecordState, { after, oursLost }: Decision): Record<string, number> {
  if (oursLost) return runSeqs(after)
  return Object.fromEntries(Object.entries(runSeqs(after)).filter(([actor, seq]) => seq > (state.seqs[actor] ?? 0)))
}
