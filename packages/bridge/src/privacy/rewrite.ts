/**
 * When a bridge starts with mappings that withhold more than those that its tables were written by: what stands in them is written again without it, page by page, before anything else is
 * done (SPEC B-160). What is written of a call that has begun stays as it was sent (B-06), until its fate is known.
 */
import { collectionOf, decodeUtf8, encodeUtf8, equalJson, type JsonObject, pathOf } from '@skerry/core'
import type { KeptValues } from '../audit/audit-log.ts'
import type { Shared } from '../bridge-life.ts'
import { mappingOfRecord } from '../choose-mapping.ts'
import type { BridgeContext } from '../context.ts'
import { decodePair, putPair } from '../identity/pair.ts'
import { RECORDS_PER_PAGE } from '../limits.ts'
import { parsePath } from '../mapping/path.ts'
import type { Mapping } from '../mapping.ts'
import type { OutboxItem, Wish } from '../outbox.ts'
import { type BridgeTables, decodeUnread, type TableKind } from '../tables.ts'
import { isWithheld, type Withheld, withheldBy } from './withheld.ts'
import { rowWithout, without } from './without.ts'

const KEY = 'withheld'
/** In the place of words that may quote what is withheld now. */
const UNTOLD = 'what was said before is not kept: it may quote a field that is not bridged any more'

export async function rewriteWithheld(shared: Shared): Promise<void> {
  const { context } = shared
  const now = policyOf(context.mappings)
  const before = await shared.transact((tables) => tables.get('privacy', KEY))
  if ((before && decodeUtf8(before)) === now || (!before && now === '{}')) return
  const withheld = withheldBy(context.mappings)
  const silenced = silencedBy(context.mappings, before && decodeUtf8(before), now)
  await eachRow(shared, 'shadow', (tables, key) => shadowAgain(context, tables, key))
  await eachRow(shared, 'outbox', (tables, key) => itemAgain(context, tables, key, silenced))
  await eachRow(shared, 'reviews', (tables, key) => reviewAgain(context, tables, key))
  await eachRow(shared, 'pairs', (tables, _, value) => pairAgain(withheld, tables, value))
  await eachRow(shared, 'unread', (tables, key, value) => unreadAgain(silenced, tables, key, value))
  await eachRow(shared, 'audit-values', (tables, key, value) =>
    keptAgain(withheld, silenced, tables, { key, value }),
  )
  await shared.transact(async (tables) => tables.put('privacy', KEY, encodeUtf8(now)))
}

/** Of each mapping what is withheld, and what is bridged at all: what was bridged once is none of this bridge's business any more. */
function policyOf(mappings: readonly Mapping[]): string {
  const all = mappings
    .filter(({ withheld, never }) => withheld.length + never.row.length > 0)
    .map((mapping) => [
      `${mapping.collection.name}\n${mapping.type}`,
      [...mapping.withheld, ...mapping.never.row].map(({ text }) => text),
    ])
  return JSON.stringify(Object.fromEntries(all))
}

/** Words that the system, or a conversion, said of these before may quote what is withheld now (SPEC B-160). */
interface Silenced {
  collections: ReadonlySet<string>
  types: ReadonlySet<string>
}

/** Of mappings that withhold something they did not. */
function silencedBy(mappings: readonly Mapping[], before: string | undefined, now: string): Silenced {
  const [then, today] = [before ?? '{}', now].map((text) => JSON.parse(text) as Record<string, string[]>)
  const more = mappings.filter((mapping) => {
    const key = `${mapping.collection.name}\n${mapping.type}`
    const known = new Set(then?.[key])
    return today?.[key]?.some((path) => !known.has(path)) ?? false
  })
  return {
    collections: new Set(more.map(({ collection }) => collection.name)),
    types: new Set(more.map(({ type }) => type)),
  }
}

async function eachRow(
  shared: Shared,
  kind: TableKind,
  work: (tables: BridgeTables, key: string, value: Uint8Array) => Promise<void>,
): Promise<void> {
  let after: string | undefined
  for (;;) {
    const range = { prefix: '', limit: RECORDS_PER_PAGE, ...(after !== undefined && { after }) }
    const last = await shared.transact(async (tables) => {
      const rows = await tables.scan(kind, range)
      for (const { key, value } of rows) await work(tables, key, value)
      return rows.length < RECORDS_PER_PAGE ? undefined : rows.at(-1)!.key
    })
    if (last === undefined) return
    after = last
  }
}

async function shadowAgain(context: BridgeContext, tables: BridgeTables, record: string): Promise<void> {
  const shadow = await tables.shadow(record)
  const mapping = mappingOfRecord(context, record, shadow?.type)
  if (shadow && mapping)
    tables.putShadow(record, { ...shadow, value: rowShown(mapping, shadow.value) }, shadow)
}

async function itemAgain(
  context: BridgeContext,
  tables: BridgeTables,
  record: string,
  { collections }: Silenced,
): Promise<void> {
  const item = await tables.item(record)
  const mapping = mappingOfRecord(context, record, (await tables.shadowHead(record))?.type)
  if (!item || !mapping) return
  const shown = itemShown(mapping, item)
  // What a record waits for may be said in the words that were said of its parent.
  const about = item.state === 'parked' ? [record, ...item.parents] : [record]
  const isQuoted = about.some((one) => collections.has(collectionOf(one)))
  const isSaid = shown.state === 'dead' || shown.state === 'parked'
  tables.putItem(record, isSaid && isQuoted ? { ...shown, reason: UNTOLD } : shown)
}

function itemShown(mapping: Mapping, item: OutboxItem): OutboxItem {
  const shown = (wish: Wish): Wish =>
    wish.action === 'upsert' ? { ...wish, fields: rowShown(mapping, wish.fields) } : wish
  if (item.state === 'dead') return { ...item, wish: shown(item.wish) }
  if (item.state === 'waiting' && item.approved) return { ...item, approved: shown(item.approved) }
  return item
}

async function reviewAgain(context: BridgeContext, tables: BridgeTables, record: string): Promise<void> {
  const item = await tables.review(record)
  const mapping = mappingOfRecord(context, record, (await tables.shadowHead(record))?.type)
  if (!item?.whole || !mapping) return
  tables.putReview(record, {
    ...item,
    whole: { ...item.whole, row: rowWithout(item.whole.row, mapping.never.row) },
  })
}

async function pairAgain(withheld: Withheld, tables: BridgeTables, bytes: Uint8Array): Promise<void> {
  if (bytes.length <= 1) return
  const pair = decodePair(bytes)
  const paths = pair.candidates.flatMap(({ record }) => withheld.get(collectionOf(record)) ?? [])
  const value = without(pair.value, paths)
  if (!equalJson(value, pair.value)) await putPair(tables, { ...pair, value })
}

async function unreadAgain(
  { types }: Silenced,
  tables: BridgeTables,
  key: string,
  value: Uint8Array,
): Promise<void> {
  const [type = '', rowId = ''] = key.split('\n')
  const unread = decodeUnread(value)
  if (types.has(type)) tables.putUnread(type, rowId, { ...unread, reason: UNTOLD })
}

/** Of a record what is withheld; of it, or of a row that is none, the words that may quote it. */
async function keptAgain(
  withheld: Withheld,
  { collections, types }: Silenced,
  tables: BridgeTables,
  { key, value }: { key: string; value: Uint8Array },
): Promise<void> {
  const [subject = '', ...rest] = key.split('\n')
  const isRow = rest.length > 1
  const kept = JSON.parse(decodeUtf8(value) ?? '') as KeptValues
  const shown = Object.entries(kept.values ?? {}).filter(([name]) => {
    const steps = name.startsWith('/') ? pathOf(name) : parsePath(name).steps
    return isRow || !isWithheld(withheld, subject, steps)
  })
  const mayQuote = isRow ? types.has(subject) : collections.has(collectionOf(subject))
  const { values, reason } = kept
  const next: KeptValues = {
    ...(values && { values: Object.fromEntries(shown) }),
    ...(reason !== undefined && !mayQuote && { reason }),
  }
  if (!equalJson(next as JsonObject, kept as JsonObject))
    tables.put('audit-values', key, encodeUtf8(JSON.stringify(next)))
}

/** What the mapping names of a row, less what is never bridged. */
function rowShown({ kept, never }: Mapping, row: JsonObject): JsonObject {
  const named = Object.fromEntries(Object.entries(row).filter(([root]) => kept.has(root)))
  return without(named, never.row)
}
