/** Rows as a service sends them, checked and made what the bridge knows: configured fields, decimals as digits, times in UTC (SPEC OD-08 to OD-10). */
import { createHash } from 'node:crypto'
import type { ExternalRow } from '@skerry/bridge'
import type { Json, JsonObject } from '@skerry/core'
import * as z from 'zod'
import type { ODataConfig, Typed } from './config.ts'
import { LINK_LENGTH_MAX } from './limits.ts'

/** Of every deleted row: its states do not differ. */
const DELETED = 'deleted'

const objectSchema = z.record(z.string(), z.unknown())
const pageSchema = z.object({ value: z.array(objectSchema) })

export type RowParse = { kind: 'row'; row: ExternalRow } | { kind: 'none'; why: string }

/** @param etag of the answer's header, for a row that does not carry its own */
export function rowOf(
  { versions }: ODataConfig,
  type: Typed,
  body: unknown,
  etag: string | null = null,
): RowParse {
  const { data: record } = objectSchema.safeParse(body)
  const id = record && idIn(type, record[type.key])
  if (!record || id === undefined) return { kind: 'none', why: `it has no ${type.key}` }
  const value = valuesOf(type, record)
  const tag = record['@odata.etag'] ?? record['@etag'] ?? etag
  if (versions === 'etag' && !isEtag(tag))
    return { kind: 'none', why: "it has no entity tag; set versions: 'digest' for a service without them" }
  const modified = type.modified === undefined ? undefined : record[type.modified]
  return {
    kind: 'row',
    row: {
      type: type.set,
      id,
      externalId: textOf(record[type.externalId]),
      version: versions === 'etag' ? String(tag) : digestOf([value, modified]),
      modifiedAt: msOf(modified),
      deleted: false,
      value,
    },
  }
}

export function deletedRow({ set }: Typed, id: string, externalId?: string): ExternalRow {
  return { type: set, id, externalId, version: DELETED, deleted: true, value: {} }
}

/** A strong or weak entity tag (RFC 9110, section 8.8.3): what else came as a version cannot be sent as a condition. */
export function isEtag(tag: unknown): tag is string {
  return typeof tag === 'string' && /^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(tag)
}

export interface Page {
  records: readonly Record<string, unknown>[]
  nextLink: string | undefined
  deltaLink: string | undefined
}

/** Undefined when it is none. */
export function pageOf(body: unknown): Page | undefined {
  const { data } = pageSchema.safeParse(body)
  if (!data) return undefined
  return {
    records: data.value,
    nextLink: linkIn(body, 'nextLink'),
    deltaLink: linkIn(body, 'deltaLink'),
  }
}

/** The id of a row that a delta tells as deleted; undefined for any other entry. Forms of 4.0 and 4.01. */
export function deletedIdIn(
  type: Typed,
  record: Record<string, unknown>,
): { id: string; reason: string } | undefined {
  const removed = objectSchema.safeParse(record['@removed'] ?? record['@odata.removed']).data
  const isEntry = String(record['@odata.context'] ?? record['@context'] ?? '').endsWith('$deletedEntity')
  if (!removed && !isEntry) return undefined
  const named = record[type.key] ?? record.id ?? record['@odata.id'] ?? record['@id']
  const [, inner] = /\(([^()]*)\)$/.exec(String(named)) ?? []
  const id = idIn(type, inner?.replace(/^\w+=/, '') ?? named)
  return { id: id ?? '', reason: String((removed ?? record).reason ?? 'deleted') }
}

/** A key as text: guids in small letters, text without its quotes. */
function idIn({ keyType }: Typed, value: unknown): string | undefined {
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'string' || value === '') return undefined
  if (keyType === 'guid') return value.toLowerCase()
  return /^'.*'$/s.test(value) ? value.slice(1, -1).replaceAll("''", "'") : value
}

function linkIn(body: unknown, name: string): string | undefined {
  const record = body as Record<string, unknown>
  const link = record[`@odata.${name}`] ?? record[`@${name}`]
  return typeof link === 'string' && link.length <= LINK_LENGTH_MAX ? link : undefined
}

function valuesOf({ fields }: Typed, record: Record<string, unknown>): JsonObject {
  return Object.fromEntries(
    fields.map(({ name, kind }) => {
      const value = (record[name] ?? null) as Json
      if (value === null || kind === 'plain') return [name, value]
      return [name, kind === 'decimal' ? String(value) : (utcOf(value) ?? value)]
    }),
  )
}

/** The same moment in UTC, with the digits that it has behind its second. */
function utcOf(value: Json): string | undefined {
  const [, moment, fraction = '', zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(\.\d{1,12})?(Z|[+-]\d\d:\d\d)$/.exec(String(value)) ?? []
  if (moment === undefined || zone === undefined) return undefined
  const ms = Date.parse(moment + zone)
  if (Number.isNaN(ms)) return undefined
  return `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z`
}

/** Milliseconds since 1970 of a point in time. */
function msOf(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** The fields' order is the configuration's, so equal values are written alike. */
function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
