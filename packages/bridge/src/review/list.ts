/** What waits for a person, as an operator sees it: both values, who and when, and what every system is known to have (SPEC B-100). */
import { collectionOf, idOf, type Json, type ReplicaBase } from '@skerry/core'
import type { Shared } from '../bridge-life.ts'
import { REVIEWS_LISTED_MAX } from '../limits.ts'
import { decodeShadow } from '../shadow.ts'
import { tableOf } from '../tables.ts'
import {
  decodeReview,
  type HeldField,
  type HeldRecord,
  type ReviewItem,
  type Sides,
  sidesOf,
} from './item.ts'
import { versionOf } from './version.ts'

export interface Review extends Sides {
  record: string
  /** By name; empty for delete against edit, which is about the whole record. */
  field: string
  /** Names what was read: a decision about something else is refused. */
  version: string
  /** What both sides had before; null where it was absent, or deleted. */
  agreed: Json
  ours: Json
  theirs: Json
  /** Why no rule has decided. */
  reason: string
  /** Milliseconds since 1970, by the clock of this node. */
  since: number
  /** By name of the system. Absent: not known here. */
  systems: Record<string, Json>
}

export interface ReviewsOptions {
  /** Only those of this record. */
  record?: string
  /** Records above this key. */
  after?: string
  /** Records; default and most REVIEWS_LISTED_MAX. */
  limit?: number
}

export async function listReviews(shared: Shared, options: ReviewsOptions): Promise<Review[]> {
  const reviews: Review[] = []
  for (const [record, item] of await items(shared, options)) {
    if (item.whole) reviews.push(await reviewOf(shared, record, '', item.whole))
    for (const [field, held] of Object.entries(item.fields))
      reviews.push(await reviewOf(shared, record, field, held))
  }
  return reviews
}

async function items(
  { replica, context }: Shared,
  { record, after, limit = REVIEWS_LISTED_MAX }: ReviewsOptions,
): Promise<[record: string, item: ReviewItem][]> {
  const table = tableOf(context.system, 'reviews')
  if (record !== undefined) {
    const bytes = await replica.table(table, record)
    return bytes ? [[record, decodeReview(record, bytes)]] : []
  }
  const range = { limit: Math.min(limit, REVIEWS_LISTED_MAX), ...(after !== undefined && { after }) }
  const rows = await replica.tableRows(table, range)
  return rows.map(({ key, value }) => [key, decodeReview(key, value)])
}

async function reviewOf(
  { replica, context }: Shared,
  record: string,
  field: string,
  held: HeldField | HeldRecord,
): Promise<Review> {
  const { agreed, ours, theirs, reason, since } = held
  return {
    record,
    field,
    version: versionOf(context.host, { record, field, held }),
    agreed,
    ours,
    theirs,
    reason,
    since,
    ...sidesOf(held),
    systems: {
      ...(field !== '' && (await othersHave(replica, context.system, { record, field, ours }))),
      [context.system]: theirs,
    },
  }
}

/** What the other systems are known to have: from their bridges on this replica, or because they said that they have what is here. */
async function othersHave(
  replica: ReplicaBase,
  system: string,
  { record, field, ours }: { record: string; field: string; ours: Json },
): Promise<Record<string, Json>> {
  const records = replica.collection(collectionOf(record))
  const id = idOf(record)
  const places = new Set((await records.receipts(id)).map(({ place }) => place))
  const values: Record<string, Json> = {}
  for (const place of places) {
    if (place === system || place === 'hub') continue
    const known = await bridgedHere(replica, place, record, field)
    if (known !== undefined) values[place] = known
    else if ((await records.standing(id, place)).some((one) => one.field === field && one.state === 'saved'))
      values[place] = ours
  }
  return values
}

async function bridgedHere(
  replica: ReplicaBase,
  system: string,
  record: string,
  field: string,
): Promise<Json | undefined> {
  const review = await replica.table(tableOf(system, 'reviews'), record)
  const held = review && decodeReview(record, review).fields[field]
  if (held) return held.theirs
  const shadow = await replica.table(tableOf(system, 'shadow'), record)
  return shadow && (decodeShadow(record, shadow).view[field] ?? null)
}
