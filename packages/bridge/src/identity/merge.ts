/** Makes one of two records that are the same thing, with their rows (SPEC B-131 to B-134). */
import {
  collectionOf,
  DELETED_KEY,
  equalJson,
  type JsonObject,
  pointerOf,
  type RecordState,
  type Transaction,
} from '@skerry/core'
import type { ExternalRow } from '../adapter-port.ts'
import { mergedFacts } from '../audit/facts.ts'
import { BridgeError } from '../bridge-error.ts'
import { isOwnFailure, reasonOf, type Shared } from '../bridge-life.ts'
import { mappingOfRecord } from '../choose-mapping.ts'
import { type Overruled, runSeqs } from '../context.ts'
import { lastChangedAt } from '../decide.ts'
import { SOMEBODY } from '../delivery/choice.ts'
import { takeRow } from '../incoming.ts'
import { readField, rowPart } from '../mapping/field.ts'
import { parsePath, withValueAt } from '../mapping/path.ts'
import { resolveReferences } from '../mapping/references.ts'
import { type Mapping, mappedValue } from '../mapping.ts'
import { settle } from '../settle.ts'
import type { BridgeTables } from '../tables.ts'
import { tellOverruled } from '../told.ts'
import { crossReference } from './cross-reference.ts'
import { mergedInto, putMerged } from './merged.ts'
import { type Side, survive } from './survive.ts'

/** A record's key, or its row. */
export type Thing = string | { type: string; row: string }

export interface MergeAsked {
  survivor: Thing
  other: Thing
  /** Who says so: it stands in the audit log. Default SOMEBODY. */
  by?: string
}

export interface Merged {
  survivor: string
  other: string
  /** What the survivor says now, less what is never bridged, or bridged as a hash. */
  value: JsonObject
}

/** Makes whatever refers to one record refer to another, in the append of the merge. */
export type Repoint = (transaction: Transaction, merged: { from: string; to: string }) => Promise<void>

/** A record with its row as the system has it now. */
interface Party {
  record: string
  row: ExternalRow | undefined
}

/** @throws BridgeError cannot-merge */
export async function merge(shared: Shared, asked: MergeAsked, repoint: Repoint): Promise<Merged> {
  const survivor = await recordOf(shared, asked.survivor)
  const other = await recordOf(shared, asked.other)
  const mapping = mappingOf(shared, survivor, other)
  // In one order, or two merges could wait for each other.
  const [first, second] = survivor < other ? [survivor, other] : [other, survivor]
  return shared.locks.hold(first, () =>
    shared.locks.hold(second, async () => {
      const done = await shared.transact((tables) => doneBefore(tables, survivor, other))
      if (done) return done
      const parties = {
        survivor: await present(shared, survivor),
        other: await present(shared, other),
      }
      return shared.transact((tables) => new Merge(shared, tables, mapping, parties).run(repoint, asked.by))
    }),
  )
}

async function recordOf(shared: Shared, thing: Thing): Promise<string> {
  if (typeof thing === 'string') return thing
  const reference = await crossReference(shared, thing)
  if (!reference) throw cannot(`${thing.type} ${thing.row} is the row of no record here`)
  return reference.record
}

function mappingOf({ context }: Shared, survivor: string, other: string): Mapping {
  if (survivor === other) throw cannot(`${survivor} is one record already`)
  const mapping = mappingOfRecord(context, survivor)
  if (!mapping) throw cannot(`no mapping of ${context.system} has ${survivor}`)
  if (collectionOf(survivor) !== collectionOf(other))
    throw cannot(`${survivor} and ${other} are of two collections`)
  return mapping
}

async function doneBefore(
  tables: BridgeTables,
  survivor: string,
  other: string,
): Promise<Merged | undefined> {
  const former = await mergedInto(tables, other)
  if (!former) return undefined
  if (former.survivor !== survivor) throw cannot(`${other} was merged into ${former.survivor} already`)
  const { content } = await tables.transaction.record(survivor)
  return { survivor, other, value: tables.shown(survivor, content) }
}

/** Reads the record's row and takes it in, so that the newest values are weighed. */
async function present(shared: Shared, record: string): Promise<Party> {
  const { adapter, call, context, index } = shared
  if (index.isBegun(record)) throw cannot(`a call of ${record} is under way; merge it when that has ended`)
  const reference = await crossReference(shared, record)
  if (!reference?.row || reference.row.deleted) return { record, row: undefined }
  const { type, id } = reference.row
  const answer = await adapter.read(type, { id }, call)
  if (answer.kind !== 'row')
    throw cannot(`${type} ${id} could not be read: ${'reason' in answer ? answer.reason : 'it is not there'}`)
  shared.overtake(record)
  await shared.vet([answer.row])
  const mapping = mappingOfRecord(context, record, type)
  if (mapping && context.paused?.has(mapping))
    throw cannot(
      `mapping ${mapping.collection.name} ↔ ${type} is paused, because it does not fit the schema of ${context.system}; merge when it goes on`,
    )
  try {
    await shared.transact((tables) => takeRow(context, tables, answer.row))
  } catch (cause) {
    if (isOwnFailure(cause)) throw cause
    throw cannot(reasonOf(cause), cause)
  }
  return { record, row: answer.row.deleted ? undefined : answer.row }
}

class Merge {
  readonly #shared: Shared
  readonly #tables: BridgeTables
  readonly #mapping: Mapping
  readonly #parties: { survivor: Party; other: Party }

  constructor(
    shared: Shared,
    tables: BridgeTables,
    mapping: Mapping,
    parties: { survivor: Party; other: Party },
  ) {
    this.#shared = shared
    this.#tables = tables
    this.#mapping = mapping
    this.#parties = parties
  }

  async run(repoint: Repoint, by = SOMEBODY): Promise<Merged> {
    const { survivor, other } = this.#parties
    const { transaction } = this.#tables
    const ours = await this.#living(survivor)
    const theirs = await this.#living(other)
    const golden = await this.#golden(ours, theirs)
    const after = await transaction.assign(survivor.record, golden)
    await this.#tellSurvivor(ours, after)
    await this.#takeAway(theirs)
    const { context } = this.#shared
    const merged = { survivor: survivor.record, other: other.record, golden, by }
    for (const fact of mergedFacts(this.#mapping, merged)) this.#tables.note(fact)
    putMerged(this.#tables, other.record, { survivor: survivor.record, at: context.host.now() })
    await repoint(transaction, { from: other.record, to: survivor.record })
    await settle(context, this.#tables, survivor.record)
    await settle(context, this.#tables, other.record)
    const value = this.#tables.shown(survivor.record, golden)
    return { survivor: survivor.record, other: other.record, value }
  }

  async #living({ record }: Party): Promise<RecordState & { value: JsonObject }> {
    const state = await this.#tables.transaction.record(record)
    if (!state.value) throw cannot(`there is no ${record} here`)
    return { ...state, value: state.value }
  }

  async #golden(ours: RecordState, theirs: RecordState): Promise<JsonObject> {
    const { survivor, other } = this.#parties
    const { collection, merge: config } = this.#mapping
    const sides = [await this.#side(survivor, ours), await this.#side(other, theirs)] as const
    const golden = byRules(() => survive(...sides, config))
    const parsed = collection.parse(golden)
    if ('value' in parsed) return golden
    const wrong = parsed.issues.map(({ path, message }) => `${path || '/'} ${message}`).join('; ')
    throw cannot(`what would survive does not fit ${collection.name}: ${wrong}`)
  }

  async #side({ record, row }: Party, { content }: RecordState): Promise<Side> {
    const history = await this.#tables.transaction.history(record)
    const { context } = this.#shared
    return {
      record,
      value: content,
      hasRow: row !== undefined,
      // What came from the row says no time of its own.
      changedAt: ({ steps }) => lastChangedAt(context, history, steps) ?? row?.modifiedAt,
    }
  }

  #tellSurvivor(before: RecordState, { content }: RecordState): Promise<void> {
    const { context } = this.#shared
    const { survivor, other } = this.#parties
    const changed = Object.keys({ ...before.content, ...content }).filter(
      (field) => !equalJson(before.content[field], content[field]),
    )
    const values: Overruled = Object.fromEntries(
      changed.map((field) => [
        pointerOf([field]),
        { was: before.content[field] ?? null, became: content[field] ?? null },
      ]),
    )
    const reason = `${other.record} is the same thing and was merged into ${survivor.record}; ${Object.keys(values).join(', ')} survived from there`
    return tellOverruled(context, this.#tables, survivor.record, {
      values,
      seqs: runSeqs(before),
      rules: ['merge'],
      reason,
    })
  }

  /** The other one, and its row (B-133). */
  async #takeAway(theirs: RecordState & { value: JsonObject }): Promise<void> {
    const { context } = this.#shared
    const { survivor, other } = this.#parties
    const { merge: config } = this.#mapping
    const { transaction } = this.#tables
    const mark = config.other !== undefined && config.other !== 'delete' ? config.other.mark : undefined
    if (other.row && !survivor.row) await this.#adopt(other.row)
    const isMarked = mark !== undefined && other.row !== undefined && survivor.row !== undefined
    if (isMarked) await transaction.assign(other.record, marked(theirs.value, mark))
    else await transaction.edit(other.record, [{ op: 'put', path: [DELETED_KEY], value: true }])
    await tellOverruled(context, this.#tables, other.record, {
      values: { '': { was: theirs.value, became: null } },
      seqs: runSeqs(theirs),
      rules: ['merge'],
      reason: `it is the same thing as ${survivor.record}, and was merged into it`,
    })
  }

  /** The other's row is the survivor's from now on; where they differ, what survived is owed. */
  async #adopt(row: ExternalRow): Promise<void> {
    const { survivor, other } = this.#parties
    const { transaction } = this.#tables
    const shadow = await this.#tables.shadow(other.record)
    if (!shadow) return
    const { document, heads } = await transaction.save(survivor.record)
    const { content: view, incarnation } = await transaction.record(survivor.record)
    const { context } = this.#shared
    const adopting = mappingOfRecord(context, survivor.record, shadow.type) ?? this.#mapping
    const value = mappedValue(adopting, row)
    const mapping = await resolveReferences(context, this.#tables, adopting, {
      records: [view],
      rows: [value],
    })
    const differing = mapping.fields.filter(
      (field) =>
        field.direction !== 'in' && !field.same(field.to(readField(view, field)), rowPart(value, field)),
    )
    this.#tables.dropShadow(other.record)
    this.#tables.putItem(other.record, undefined)
    this.#tables.putShadow(survivor.record, {
      ...shadow,
      incarnation,
      value,
      view,
      document,
      heads,
      owed: differing.map(({ external }) => external),
      seqs: {},
    })
  }
}

function marked(value: JsonObject, mark: JsonObject): JsonObject {
  return Object.entries(mark).reduce((all, [name, part]) => withValueAt(all, parsePath(name), part), value)
}

function byRules(run: () => JsonObject): JsonObject {
  try {
    return run()
  } catch (cause) {
    throw cannot(`a rule of merge failed: ${reasonOf(cause)}`, cause)
  }
}

function cannot(why: string, cause?: unknown): BridgeError {
  return new BridgeError('cannot-merge', `cannot merge: ${why}`, { cause })
}
