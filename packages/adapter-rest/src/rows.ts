/** Rows as the system sends them, checked before anybody relies on them. */
import { createHash } from 'node:crypto'
import type { ExternalRow } from '@skerry/bridge'
import type { Json, JsonObject } from '@skerry/core'
import * as z from 'zod'
import type { RestConfig } from './config.ts'
import { valueAt } from './path-in.ts'

const objectSchema = z.record(z.string(), z.json())
const wordSchema = z.union([z.string().min(1), z.number()]).transform(String)

/** Hex digits of a row's content where that is its version: 80 bits. */
const DIGEST_DIGITS = 20

/** The row in the answer to a read or a write; undefined when there is none. */
export function rowIn(config: RestConfig, type: string, json: unknown): ExternalRow | undefined {
  return rowOf(config, type, valueAt(json, config.row.at))
}

/** What an object says; undefined when it is no row. */
export function rowOf(config: RestConfig, type: string, object: unknown): ExternalRow | undefined {
  const { row: names, write } = config
  const parsed = objectSchema.safeParse(object)
  if (!parsed.success) return undefined
  const at = (path: string) => valueAt(parsed.data, path)
  const id = wordSchema.safeParse(at(names.id))
  const value = objectSchema.safeParse(at(names.fields))
  if (!id.success || !value.success) return undefined
  const deleted = isDeleted(names.deleted, at)
  const version =
    typeof names.version === 'string'
      ? wordSchema.safeParse(at(names.version)).data
      : digestOf({ deleted, value: value.data })
  if (version === undefined) return undefined
  const modifiedBy = at(names.modifiedBy)
  return {
    type,
    id: id.data,
    externalId: wordSchema.safeParse(at(names.externalId)).data,
    version,
    modifiedAt: timeOf(at(names.modifiedAt), names.timeUnit),
    modifiedBy: typeof modifiedBy === 'string' ? modifiedBy : undefined,
    deleted,
    value: write.empty === null ? value.data : withoutEmpty(value.data, write.empty),
  }
}

function isDeleted(names: RestConfig['row']['deleted'], at: (path: string) => unknown): boolean {
  return typeof names === 'string' ? at(names) === true : at(names.at) === names.is
}

function withoutEmpty(value: JsonObject, empty: Json): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, field === empty ? null : field]),
  )
}

/** Equal for equal content, in whatever order its members come. */
function digestOf(row: JsonObject): string {
  const written = JSON.stringify(row, (_, value: Json) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
  return createHash('sha256').update(written).digest('hex').slice(0, DIGEST_DIGITS)
}

/** Milliseconds since 1970, from a number or a date in text. */
function timeOf(value: unknown, unit: 'ms' | 's'): number | undefined {
  if (typeof value === 'string') {
    const time = Date.parse(value)
    return Number.isNaN(time) ? undefined : time
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return unit === 's' ? value * 1000 : value
}

/** The rows of a page. Undefined when the body is no page, or one of its rows no row: nothing may be left out unseen. */
export function rowsIn(config: RestConfig, type: string, json: unknown): ExternalRow[] | undefined {
  const listed = valueAt(json, config.list.rows)
  if (!Array.isArray(listed)) return undefined
  const rows = listed.map((row) => rowOf(config, type, row))
  return rows.every((row) => row !== undefined) ? rows : undefined
}
