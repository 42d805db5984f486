/** After anything changed: what the system should now be told of a record decides what stands in the outbox (SPEC B-05, B-15, B-16, B-50). */
import { equalJson, type RecordState } from '@skerry/core'
import { BridgeError } from './bridge-error.ts'
import { type BridgeContext, isBeyond, mappingOfRecord, runSeqs } from './context.ts'
import { waitingFor, waitsAlike } from './delivery/waiting.ts'
import { isHeld } from './identity/held.ts'
import type { Mapping } from './mapping.ts'
import type { Dead, OutboxItem, Wish } from './outbox.ts'
import { prepare } from './prepare.ts'
import type { Held } from './review/item.ts'
import type { Shadow } from './shadow.ts'
import type { BridgeTables } from './tables.ts'
import { tellRefused, tellSaved } from './told.ts'
import { wishOf } from './wish.ts'

/** What of a record is at hand already. */
export interface Known {
  item: OutboxItem | undefined
  shadow: Shadow | undefined
  state: RecordState
}

/** @param known as it is after everything that this append did so far */
export async function settle(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  known?: Known,
): Promise<void> {
  const mapping = mappingOfRecord(context, record)
  const item = known ? known.item : await tables.item(record)
  if (!mapping || item?.state === 'begun') return
  const found = known?.state ?? (await tables.transaction.record(record))
  const usable = shadowFor(found, known ? known.shadow : await tables.shadow(record))
  if (await isHeld(context, tables, { mapping, state: found, shadow: usable, item })) {
    if (item?.state === 'waiting') tables.putItem(record, undefined)
    return
  }
  const ready = await orMappingError(() =>
    prepare(context, tables, { mapping, record, state: found, shadow: usable }),
  )
  const wish =
    ready instanceof BridgeError ? ready : guardedWish(mapping, ready.shadow, ready.state, ready.held)
  if (ready instanceof BridgeError || wish instanceof BridgeError)
    return bury(context, tables, {
      record,
      mapping,
      wish: { action: 'none' },
      reason: String((wish as BridgeError).message),
      fields: [],
      seqs: runSeqs(found),
    })
  const { state, shadow, held } = ready
  if (wish.action === 'none') {
    if (item) tables.putItem(record, undefined)
    if (shadow && !held.whole) await advance(context, tables, mapping, { record, shadow, state })
  } else if (!(item?.state === 'dead' && equalJson(item.wish, wish))) {
    const known = item?.state === 'waiting' ? item : undefined
    const waiting = waitingFor({ mapping, wish, shadow, now: context.host.now() }, known)
    if (!known || !waitsAlike(known, waiting)) tables.putItem(record, waiting)
  }
}

/** Both sides agreed at the record's present heads, and nothing waits: whoever wrote that shadow settled the record with it. */
export async function isSettled(tables: BridgeTables, record: string): Promise<boolean> {
  const shadow = await tables.shadowHead(record)
  if (!shadow || shadow.owes) return false
  const heads = await tables.transaction.heads(record)
  return equalJson([...heads], [...shadow.heads]) && (await tables.item(record)) === undefined
}

/** A shadow of an earlier life of the record says nothing of this one. */
export function shadowFor(state: RecordState, shadow: Shadow | undefined): Shadow | undefined {
  return shadow && shadow.incarnation === state.incarnation ? shadow : undefined
}

export function guardedWish(
  mapping: Mapping,
  shadow: Shadow | undefined,
  state: RecordState,
  held: Held,
): Wish | BridgeError {
  try {
    return wishOf(mapping, shadow, state, held)
  } catch (error) {
    return mappingError(error)
  }
}

/** @throws whatever else went wrong */
async function orMappingError<T>(work: () => Promise<T>): Promise<T | BridgeError> {
  try {
    return await work()
  } catch (error) {
    return mappingError(error)
  }
}

function mappingError(error: unknown): BridgeError {
  if (error instanceof BridgeError && error.code === 'mapping') return error
  throw error
}

/** Nothing is left to write: both sides agree at the record's heads, and edits that were not told of yet are saved. */
async function advance(
  context: BridgeContext,
  tables: BridgeTables,
  mapping: Mapping,
  { record, shadow, state }: { record: string; shadow: Shadow; state: RecordState },
): Promise<void> {
  const seqs = runSeqs(state)
  const isThere = equalJson([...state.heads], [...shadow.heads])
  if (isThere && shadow.owed.length === 0 && !isBeyond(seqs, shadow.seqs)) return
  // A record outside the filter keeps what it has beyond the shadow for when it comes back.
  if (mapping.outward && state.value && !mapping.writes(state.value)) return
  const { document, heads } = await tables.transaction.save(record)
  const advanced: Shadow = {
    ...shadow,
    document,
    heads,
    view: state.content,
    owed: [],
    seqs: { ...shadow.seqs, ...seqs },
  }
  tables.putShadow(record, advanced, shadow)
  if (mapping.outward && isBeyond(seqs, shadow.seqs))
    await tellSaved(context, tables, { record, mapping, seqs })
}

export interface Burial {
  record: string
  mapping: Mapping
  wish: Wish
  reason: string
  /** External names. */
  fields: string[]
  seqs: Record<string, number>
}

/** The item becomes a dead letter, and everyone hears why; once. */
export async function bury(context: BridgeContext, tables: BridgeTables, burial: Burial): Promise<void> {
  const { record, mapping, wish, reason, fields, seqs } = burial
  const known = await tables.item(record)
  if (known?.state === 'dead' && known.reason === reason && !isBeyond(seqs, known.seqs)) return
  const dead: Dead = { state: 'dead', wish, reason, fields, seqs, at: context.host.now() }
  tables.putItem(record, dead)
  tables.tell({
    level: 'warn',
    code: 'dead-letter',
    message: `${record} cannot be written to ${context.system}: ${reason}`,
    fields: { record },
  })
  // A write is atomic: what the system does not blame was not written either (B-108).
  const external = new Set([...fields, ...(wish.action === 'upsert' ? Object.keys(wish.fields) : [])])
  await tellRefused(context, tables, { record, mapping, seqs, reason, external: [...external] })
}
