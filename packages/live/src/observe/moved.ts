/** An edit whose worker died: whether it was done is told by the record, where nobody else wrote into the same fields meanwhile. Sent again it would double what was typed and counted. */
import { equalJson, type JsonObject } from '@skerry/core'
import type { LiveReplica } from '../port.ts'

export interface MovedEdit {
  collection: string
  id: string
  base: JsonObject
  wanted: JsonObject
}

/** What became of an update that was rejected with this; undefined: it was no `moved`, or cannot be told. */
export async function outcomeOfMoved(
  replica: LiveReplica,
  { collection, id, base, wanted }: MovedEdit,
  error: unknown,
): Promise<'done' | 'undone' | undefined> {
  if ((error as { code?: unknown }).code !== 'moved') return undefined
  const now = await replica.get(collection, id).catch(() => undefined)
  if (!now) return undefined
  const touched = Object.keys({ ...base, ...wanted }).filter(
    (field) => !equalJson(base[field], wanted[field]),
  )
  const isAs = (one: JsonObject) => touched.every((field) => equalJson(now[field], one[field]))
  if (isAs(wanted)) return 'done'
  return isAs(base) ? 'undone' : undefined
}
