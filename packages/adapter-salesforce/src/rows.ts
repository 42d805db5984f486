/** Rows as Salesforce sends them, checked and made what the bridge knows: values flattened, a version made of stamp and digest (SPEC SF-06, SF-08). */
import { createHash } from 'node:crypto'
import type { ExternalRow } from '@skerry/bridge'
import type { Json, JsonObject } from '@skerry/core'
import * as z from 'zod'
import type { TypeConfig } from './config.ts'

/** Of every deleted row: its states do not differ. */
const DELETED = 'deleted'

const recordSchema = z.looseObject({
  Id: z.string().min(15),
  SystemModstamp: z.string(),
  IsDeleted: z.boolean().optional(),
  LastModifiedDate: z.string().optional(),
  LastModifiedById: z.string().nullish(),
})
const pageSchema = z.object({ records: z.array(z.unknown()) })

/** Undefined when it is none. */
export function rowOf(type: string, config: TypeConfig, body: unknown): ExternalRow | undefined {
  const { data: record } = recordSchema.safeParse(body)
  if (!record) return undefined
  if (record.IsDeleted) return deletedRow(type, record.Id, textOf(record[config.externalId]))
  const stamp = Date.parse(record.SystemModstamp)
  const value = valuesOf(config, record)
  if (Number.isNaN(stamp)) return undefined
  return {
    type,
    id: record.Id,
    externalId: textOf(record[config.externalId]),
    version: `${new Date(stamp).toISOString()}~${digestOf(value)}`,
    modifiedAt: timeOf(record.LastModifiedDate ?? record.SystemModstamp),
    modifiedBy: record.LastModifiedById ?? undefined,
    deleted: false,
    value,
  }
}

/** Rows of a page; undefined when one of them is none: nothing may be left out unseen. */
export function rowsOf(type: string, config: TypeConfig, body: unknown): ExternalRow[] | undefined {
  const { data: page } = pageSchema.safeParse(body)
  const rows = page?.records.map((record) => rowOf(type, config, record))
  return rows?.every((row) => row !== undefined) ? rows : undefined
}

export function deletedRow(type: string, id: string, externalId?: string): ExternalRow {
  return { type, id, externalId, version: DELETED, deleted: true, value: {} }
}

/** Milliseconds since 1970 of a living version's stamp. */
export function stampOf(version: string): number | undefined {
  const stamp = Date.parse(version.split('~', 1)[0] ?? '')
  return Number.isNaN(stamp) ? undefined : stamp
}

/** The stamp of any row, also of a deleted one. */
export function recordStamp(body: unknown): number | undefined {
  const { data: record } = recordSchema.safeParse(body)
  const stamp = Date.parse(record?.SystemModstamp ?? '')
  return Number.isNaN(stamp) ? undefined : stamp
}

/** The configured fields; those of a compound by their parts. */
function valuesOf({ fields }: TypeConfig, record: Record<string, unknown>): JsonObject {
  const value: JsonObject = {}
  for (const field of fields) {
    const [name = '', ...inner] = field.split('.')
    const whole = record[name]
    if (inner.length > 0) value[field] = partOf(whole, inner[0] ?? '')
    else if (isPlainObject(whole)) Object.assign(value, flattened(name, whole))
    else value[field] = (whole ?? null) as Json
  }
  return value
}

function flattened(name: string, compound: Record<string, unknown>): JsonObject {
  const parts = Object.entries(compound).filter(([part]) => part !== 'attributes')
  return Object.fromEntries(parts.map(([part, inner]) => [`${name}.${part}`, (inner ?? null) as Json]))
}

function partOf(compound: unknown, part: string): Json {
  return ((isPlainObject(compound) ? compound[part] : null) ?? null) as Json
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The fields' order is the configuration's, so equal values are written alike. */
function digestOf(value: JsonObject): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function timeOf(text: string): number | undefined {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
