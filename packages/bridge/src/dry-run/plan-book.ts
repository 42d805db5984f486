/** Counts what a dry run does, mapping by mapping, and keeps the first lines of it (SPEC B-181, B-182). */
import {
  collectionOf,
  equalJson,
  idOf,
  type JsonObject,
  type RecordChange,
  type ReplicaBase,
} from '@skerry/core'
import type { Bridge } from '../bridge.ts'
import { mappingForFirst, mappingOfRecord } from '../choose-mapping.ts'
import { SCAN_ROWS } from '../limits.ts'
import { readField } from '../mapping/field.ts'
import type { Mapping } from '../mapping.ts'
import { allRows } from '../table-rows.ts'
import { tableOf } from '../tables.ts'
import { eachUnread } from '../unread.ts'
import type { HeldKind, MappingPlan, PlanLine, PlannedField } from './bridge-plan.ts'
import { type ImaginedWrite, isNew } from './imagined-system.ts'
import type { KnownRows } from './known-rows.ts'
import type { ShadowRows } from './shadow-rows.ts'

export interface PlanBookOptions {
  replica: ReplicaBase
  system: string
  mappings: readonly Mapping[]
  rows: ShadowRows
  linesMax: number
}

export class PlanBook {
  readonly #options: PlanBookOptions
  readonly #plans: ReadonlyMap<Mapping, MappingPlan>
  /** Records that were changed, as they were before. */
  readonly #before = new Map<string, JsonObject | undefined>()
  /** Linked records that are written or changed. */
  readonly #touched = new Set<string>()
  readonly #linkedBefore = new Map<Mapping, number>()
  #stop: () => void = () => undefined

  constructor(options: PlanBookOptions) {
    this.#options = options
    this.#plans = new Map(options.mappings.map((mapping) => [mapping, emptyPlan(mapping)]))
  }

  async open(): Promise<void> {
    const { replica } = this.#options
    for await (const { mapping } of this.#linked()) bump(this.#linkedBefore, mapping)
    this.#stop = replica.onCommit(({ changes }) => {
      for (const change of changes) this.#heard(change)
    })
  }

  #heard({ record, before, collection }: RecordChange): void {
    const isMapped = this.#options.mappings.some((mapping) => mapping.collection.name === collection)
    if (isMapped && !this.#before.has(record)) this.#before.set(record, before)
  }

  async wrote({ type, kind, id, externalId, fields }: ImaginedWrite): Promise<void> {
    const { rows } = this.#options
    const record =
      (await rows.recordOf(type, { id })) ?? (await rows.recordOf(type, { externalId })) ?? externalId
    const plan = this.#planOf(record, type)
    const shadow = await rows.shadowOf(record)
    this.#touched.add(record)
    plan.there[kind] += 1
    this.#line(plan, {
      side: 'there',
      what: kind,
      record,
      ...(!isNew(id) && { row: id }),
      fields: Object.entries(fields).map(([name, to]) => ({ name, from: shadow?.value[name] ?? null, to })),
    })
  }

  /** @returns a plan for each mapping, in their order */
  async close(bridge: Bridge, known: KnownRows): Promise<MappingPlan[]> {
    this.#stop()
    await this.#changes()
    const waiting = await this.#holdings(bridge)
    const linked = await this.#links(known)
    await this.#left(linked, waiting)
    return [...this.#plans.values()]
  }

  async #changes(): Promise<void> {
    const { replica } = this.#options
    for (const [record, before] of this.#before) {
      const after = (await replica.collection(collectionOf(record)).get(idOf(record))) as
        | JsonObject
        | undefined
      const mapping = await this.#mappingOf(record)
      if (!mapping || equalJson(before ?? null, after ?? null)) continue
      const plan = this.#plans.get(mapping)!
      const what = before === undefined ? 'create' : after === undefined ? 'delete' : 'update'
      plan.here[what] += 1
      this.#touched.add(record)
      this.#line(plan, {
        side: 'here',
        what,
        record,
        fields: after ? fieldsChanged(mapping, before, after) : [],
      })
    }
  }

  /** @returns records and rows that wait */
  async #holdings(bridge: Bridge): Promise<{ records: Set<string>; rows: Map<string, number> }> {
    const records = new Set<string>()
    const rows = new Map<string, number>()
    const hold = async (what: HeldKind, why: string, record: string, type?: string) => {
      records.add(record)
      const mapping = type === undefined ? await this.#mappingOf(record) : this.#mapping(record, type)
      if (mapping) this.#hold(mapping, { side: 'held', what, record, why })
    }
    for (const { record, type } of await bridge.approve({ dryRun: true }))
      await hold('approval', 'its tier is reference: it waits until somebody approves it', record, type)
    for (const { record, reason } of await bridge.parked()) await hold('parent', reason, record)
    for (const { record, reason } of await bridge.deadLetters()) await hold('dead', reason, record)
    for (let after: string | undefined; ; ) {
      const page = await bridge.reviews(after === undefined ? {} : { after })
      for (const { record, field, reason } of page)
        await hold('review', field === '' ? reason : `${field}: ${reason}`, record)
      after = page.at(-1)?.record
      if (after === undefined) break
    }
    for (const { type, row, candidates } of await bridge.pairs()) {
      const all = candidates.map(({ record }) => record)
      for (const record of all) records.add(record)
      rows.set(type, (rows.get(type) ?? 0) + 1)
      const mapping = this.#mapping(all[0] ?? '', type)
      const why = `it may be ${all.join(' or ')}`
      if (mapping) this.#hold(mapping, { side: 'held', what: 'pair', row: row.id, why })
    }
    await this.#unread(rows)
    return { records, rows }
  }

  async #unread(rows: Map<string, number>): Promise<void> {
    const { replica, system } = this.#options
    for await (const { type, row, reason: why } of eachUnread(replica, system)) {
      rows.set(type, (rows.get(type) ?? 0) + 1)
      const record = await this.#options.rows.recordOf(type, { id: row })
      const mapping = this.#mapping(record ?? '', type)
      if (mapping) this.#hold(mapping, { side: 'held', what: 'unread', row, why })
    }
  }

  /** @returns keys of records that have a row */
  async #links(known: KnownRows): Promise<Set<string>> {
    const records = new Set<string>()
    const shown = new Map<string, number>()
    const now = new Map<Mapping, number>()
    for await (const { mapping, record, row } of this.#linked()) {
      records.add(record)
      bump(now, mapping)
      if (known.ids(mapping.type).has(row)) shown.set(mapping.type, (shown.get(mapping.type) ?? 0) + 1)
      if (!this.#touched.has(record)) this.#plans.get(mapping)!.equal += 1
    }
    for (const [mapping, plan] of this.#plans) {
      const more = (now.get(mapping) ?? 0) - (this.#linkedBefore.get(mapping) ?? 0)
      plan.linked = Math.max(0, more - plan.there.create - plan.here.create)
      // Which of several mappings leaves a row out cannot be told: the first of its type counts it.
      const isFirst = this.#options.mappings.find(({ type }) => type === mapping.type) === mapping
      if (isFirst && known.isWhole(mapping.type))
        plan.left.rows =
          known.ids(mapping.type).size - (shown.get(mapping.type) ?? 0) - heldRows(this.#plans, mapping.type)
    }
    return records
  }

  async #left(linked: ReadonlySet<string>, waiting: { records: ReadonlySet<string> }): Promise<void> {
    const { replica, mappings } = this.#options
    for (const name of new Set(mappings.map(({ collection }) => collection.name)))
      for (let after = ''; ; ) {
        const page = await replica.recordHeads(name, { after, limit: SCAN_ROWS })
        for (const { key } of page) {
          if (linked.has(key) || waiting.records.has(key)) continue
          const isThere = await replica.collection(name).get(idOf(key))
          const mapping = isThere && (await this.#mappingOf(key))
          if (mapping) this.#plans.get(mapping)!.left.records += 1
        }
        after = page.at(-1)?.key ?? ''
        if (page.length < SCAN_ROWS) break
      }
  }

  async *#linked(): AsyncGenerator<{ mapping: Mapping; record: string; row: string }> {
    const { replica, system, rows } = this.#options
    for await (const { key: record } of allRows(replica, tableOf(system, 'shadow'))) {
      const shadow = await rows.shadowOf(record)
      const mapping = shadow && !shadow.gone ? this.#mapping(record, shadow.type) : undefined
      if (mapping) yield { mapping, record, row: shadow!.rowId }
    }
  }

  #mapping(record: string, type: string): Mapping | undefined {
    const own = this.#options.mappings.filter((mapping) => mapping.type === type)
    return own.find(({ collection }) => record.startsWith(`${collection.name}/`)) ?? own[0]
  }

  #planOf(record: string, type: string): MappingPlan {
    return this.#plans.get(this.#mapping(record, type)!)!
  }

  async #mappingOf(record: string): Promise<Mapping | undefined> {
    const { replica, rows } = this.#options
    const shadow = await rows.shadowOf(record)
    if (shadow) return this.#mapping(record, shadow.type)
    const value = (await replica.collection(collectionOf(record)).get(idOf(record))) as JsonObject | undefined
    const of = { mappings: this.#options.mappings }
    return (value && mappingForFirst(of, record, value)) ?? mappingOfRecord(of, record)
  }

  #hold(mapping: Mapping, line: Extract<PlanLine, { side: 'held' }>): void {
    const plan = this.#plans.get(mapping)!
    plan.held[line.what] += 1
    this.#line(plan, line)
  }

  #line(plan: MappingPlan, line: PlanLine): void {
    if (plan.lines.length < this.#options.linesMax) plan.lines.push(line)
    else plan.more += 1
  }
}

function heldRows(plans: ReadonlyMap<Mapping, MappingPlan>, type: string): number {
  const own = [...plans].filter(([mapping]) => mapping.type === type)
  return own.reduce((sum, [, { held }]) => sum + held.pair + held.unread, 0)
}

function fieldsChanged(
  { fields }: Mapping,
  before: JsonObject | undefined,
  after: JsonObject,
): PlannedField[] {
  return fields.flatMap((field) => {
    const [from, to] = [readField(before, field) ?? null, readField(after, field) ?? null]
    return equalJson(from, to) ? [] : [{ name: field.name, from, to }]
  })
}

function emptyPlan({ collection, type }: Mapping): MappingPlan {
  return {
    collection: collection.name,
    type,
    there: { create: 0, update: 0, restore: 0, delete: 0 },
    here: { create: 0, update: 0, delete: 0 },
    linked: 0,
    equal: 0,
    left: { records: 0 },
    held: { review: 0, pair: 0, approval: 0, parent: 0, dead: 0, unread: 0 },
    lines: [],
    more: 0,
  }
}

function bump(counts: Map<Mapping, number>, mapping: Mapping): void {
  counts.set(mapping, (counts.get(mapping) ?? 0) + 1)
}
