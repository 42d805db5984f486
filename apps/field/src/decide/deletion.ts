/**
 * An order that somebody deleted while it was edited here. A deletion wins over whatever is written beside it, and what was written stays in the order's history until the hub lets its content go
 * (R-50, T-2 of core): so it can be told, and brought back. Not told is whether who deleted it had seen it: a history names no change's ancestors.
 */
import type { HistoryItem, Json, JsonObject } from '@skerry/core'
import type { LiveRecord, LiveReplica } from '@skerry/live'
import { ORDERS } from '../order/order.ts'

export interface Deletion {
  id: string
  /** As it was called last, as far as that is known. */
  title: string | undefined
  /** The change that deleted it. */
  by: HistoryItem
  /** He did so himself. */
  isOwn: boolean
  /** Absent where he wrote nothing. */
  written?: Written
}

/** What one person wrote in it. */
export interface Written {
  /** His newest change. */
  hash: string
  /** The order as that change left it. */
  order: LiveRecord
  /** That he wrote in, by name. */
  fields: readonly string[]
  /** Fields that others alone wrote in, after him or without knowing of him, as they left them. */
  others: readonly { field: string; value: Json | undefined }[]
  /** Of his fields, those that others wrote in too, after him or without knowing of him. */
  both: readonly string[]
}

type Asked = Pick<LiveReplica, 'get' | 'history' | 'at'>

/** `null`: it is there, or nothing of it is here. @param me the person's subject */
export async function deletionOf(
  replica: Asked,
  id: string,
  me: string | undefined,
): Promise<Deletion | null> {
  if (await replica.get(ORDERS, id)) return null
  const history = await historyOf(replica, id)
  const by = (await firstThatLeft('deleted', replica, id, deletingFirst(history)))?.change
  if (!by) return null
  const isOwn = by.author !== undefined && by.author === me
  const own = history.filter(
    ({ author, fields }) => author !== undefined && author === me && fields.length > 0,
  )
  const newest = own.at(-1)
  const order = newest && (await replica.at(ORDERS, id, newest.hash))
  if (!order) {
    const shown = await firstThatLeft('shown', replica, id, history.toReversed())
    return { id, by, isOwn, title: titleOf(shown?.order) }
  }
  const fields = rootsOf(own)
  const later = await writtenAfter(replica, id, history.slice(history.indexOf(newest) + 1))
  const written = {
    hash: newest.hash,
    order,
    fields,
    others: [...later]
      .filter(([field]) => !fields.includes(field))
      .map(([field, value]) => ({ field, value })),
    both: fields.filter((field) => later.has(field)),
  }
  return { id, by, isOwn, title: titleOf(order), written }
}

/** The order is there again with what he wrote, and with what others wrote in other fields. Nothing happens where it is there already. @throws LiveError where its content has gone */
export async function bringBack(
  replica: Asked & Pick<LiveReplica, 'restore' | 'update'>,
  { id, written: seen }: Deletion,
  me: string | undefined,
): Promise<void> {
  if (await replica.get(ORDERS, id)) return
  // More of its history may have come since somebody looked.
  const written = (await deletionOf(replica, id, me))?.written ?? seen
  if (!written) return
  await replica.restore(ORDERS, id, written.hash)
  const now = written.others.length > 0 ? await replica.get(ORDERS, id) : undefined
  if (!now) return
  const { id: _, ...base } = now
  const wanted: JsonObject = { ...base }
  for (const { field, value } of written.others) {
    if (value === undefined) delete wanted[field]
    else wanted[field] = value
  }
  await replica.update(ORDERS, id, { base, wanted })
}

/** Empty of what is not here. */
async function historyOf(replica: Asked, id: string): Promise<readonly HistoryItem[]> {
  try {
    return await replica.history(ORDERS, id)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'not-found') return []
    throw error
  }
}

/** As deleting goes: the newest that touches no field, as a rule may have mended what was written beside it; else, as a system can change a row and delete it at once, the newest. */
function deletingFirst(history: readonly HistoryItem[]): readonly HistoryItem[] {
  const newestFirst = history.toReversed()
  return [...newestFirst.filter(({ fields }) => fields.length === 0), ...newestFirst]
}

/** The first change that left the order to be seen, or not, and what it left. */
async function firstThatLeft(
  what: 'shown' | 'deleted',
  replica: Asked,
  id: string,
  changes: readonly HistoryItem[],
): Promise<{ change: HistoryItem; order: LiveRecord | undefined } | undefined> {
  for (const change of changes) {
    const order = await replica.at(ORDERS, id, change.hash)
    if ((order ? 'shown' : 'deleted') === what) return { change, order }
  }
  return undefined
}

/** By field, what its newest change left there; of what was seen to be deleted, nothing is known. */
async function writtenAfter(
  replica: Asked,
  id: string,
  later: readonly HistoryItem[],
): Promise<Map<string, Json | undefined>> {
  const values = new Map<string, Json | undefined>()
  for (const item of later) {
    const order = item.fields.length > 0 ? await replica.at(ORDERS, id, item.hash) : undefined
    if (order) for (const field of rootsOf([item])) values.set(field, order[field])
  }
  return values
}

function rootsOf(items: readonly HistoryItem[]): string[] {
  return [...new Set(items.flatMap(({ fields }) => fields.flatMap(([root]) => root ?? [])))]
}

function titleOf(order: LiveRecord | undefined): string | undefined {
  return typeof order?.title === 'string' ? order.title : undefined
}
