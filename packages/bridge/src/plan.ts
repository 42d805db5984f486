/** What should become of a record now: its mapping, what the system should be told, and whether that must wait for another record's row first (SPEC B-80 to B-82). */
import type { JsonObject, RecordState } from '@skerry/core'
import { BridgeError } from './bridge-error.ts'
import { mappingForFirst, mappingOfRecord } from './choose-mapping.ts'
import type { BridgeContext } from './context.ts'
import { PARENTS_WALKED_MAX } from './limits.ts'
import { type AtHand, resolveReferences } from './mapping/references.ts'
import type { Mapping } from './mapping.ts'
import type { OutboxItem, Wish } from './outbox.ts'
import { heldOf, prepare } from './prepare.ts'
import { type Held, nothingHeld } from './review/item.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { wishOf } from './wish.ts'

/** What of a record is at hand already. */
export interface Known {
  item: OutboxItem | undefined
  shadow: Shadow | undefined
  state: RecordState
}

/** A record as it is, and the mapping that it goes by. */
export interface Subject {
  mapping: Mapping
  record: string
  state: RecordState
  /** Of this life of the record. */
  shadow: Shadow | undefined
  /** Which mapping it goes by could not be told: a filter failed. */
  error?: BridgeError
}

export interface Plan extends Omit<Subject, 'error'> {
  /** An error of the mapping: the record is a dead letter (B-16). */
  wish: Wish | BridgeError
  /** What of it waits for a person. */
  held: Held
  /** Keys of the records that it waits for, with nothing to be written before. */
  parents: readonly string[]
}

/** @returns undefined for a record that no mapping is for */
export async function subjectOf(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  known?: Known,
): Promise<Subject | undefined> {
  const state = known?.state ?? (await tables.transaction.record(record))
  const shadow = shadowFor(state, known ? known.shadow : await tables.shadow(record))
  const mapping = mappingOfRecord(context, record, shadow?.type)
  if (!mapping) return undefined
  const subject = { mapping, record, state, shadow }
  if (shadow || !state.value) return subject
  try {
    return { ...subject, mapping: mappingForFirst(context, record, state.value) ?? mapping }
  } catch (error) {
    return { ...subject, error: mappingError(error) }
  }
}

/** Nothing is written. */
export async function planOf(context: BridgeContext, tables: BridgeTables, subject: Subject): Promise<Plan> {
  const held = await heldOf(tables, subject.mapping, subject.record)
  return orDeadLetter(subject, (mapping) => wished(context, tables, { ...subject, mapping }, held))
}

/** What is not this side's to say goes back first, and what is under review is brought in line. */
export async function planPrepared(
  context: BridgeContext,
  tables: BridgeTables,
  subject: Subject,
): Promise<Plan> {
  return orDeadLetter(subject, async (one) => {
    const mapping = await resolveReferences(context, tables, one, atHand(subject.state, subject.shadow))
    const { held, state, shadow } = await prepare(context, tables, { ...subject, mapping })
    return wished(context, tables, { ...subject, mapping: one, state, shadow }, held)
  })
}

/** Whose references the decisions about a record need translated. @param rows mapped values beside the shadow's */
export function atHand(
  { value, content }: RecordState,
  shadow: Shadow | undefined,
  ...rows: readonly JsonObject[]
): AtHand {
  return { records: [value, content], rows: shadow ? [shadow.value, ...rows] : rows }
}

/** A shadow of an earlier life of the record says nothing of this one. */
export function shadowFor(state: RecordState, shadow: Shadow | undefined): Shadow | undefined {
  return shadow && shadow.incarnation === state.incarnation ? shadow : undefined
}

async function wished(
  context: BridgeContext,
  tables: BridgeTables,
  subject: Subject,
  held: Held,
): Promise<Plan> {
  const { record, state, shadow } = subject
  const mapping = await resolveReferences(context, tables, subject.mapping, atHand(state, shadow))
  const wish = wishOf(mapping, shadow, state, held)
  const parents = await parentsOf(tables, record, shadow, wish)
  return { mapping, record, state, shadow, wish, held, parents }
}

async function orDeadLetter(
  { error, ...subject }: Subject,
  work: (mapping: Mapping) => Promise<Plan>,
): Promise<Plan> {
  try {
    if (error) throw error
    return await work(subject.mapping)
  } catch (thrown) {
    return { ...subject, wish: mappingError(thrown), held: nothingHeld, parents: [] }
  }
}

/** @throws whatever is no fault of the mapping */
function mappingError(error: unknown): BridgeError {
  if (error instanceof BridgeError && ['mapping', 'mapping-not-a-function'].includes(error.code)) return error
  throw error
}

/** A row that is there takes all else at once; one that is to be made waits, unless that would be for ever. */
async function parentsOf(
  tables: BridgeTables,
  record: string,
  shadow: Shadow | undefined,
  wish: Wish,
): Promise<string[]> {
  if (wish.action !== 'upsert' || !wish.awaits) return []
  const parents = [...new Set(wish.awaits.map(({ parent }) => parent))]
  if (shadow && !shadow.gone) return Object.keys(wish.fields).length === 0 ? parents : []
  for (const parent of parents) if (!(await waitsFor(tables, parent, record))) return parents
  return []
}

/** Whether a record waits for another one, over any number of others: then that one cannot wait for it. Too many to look at count as a circle; the second write mends what that costs. */
async function waitsFor(tables: BridgeTables, record: string, other: string): Promise<boolean> {
  const seen = new Set([record])
  for (const one of seen) {
    if (one === other || seen.size > PARENTS_WALKED_MAX) return true
    const item = await tables.item(one)
    if (item?.state === 'parked') for (const parent of item.parents) seen.add(parent)
  }
  return false
}
