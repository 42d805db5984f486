/** Rows and pages as the system sends them, checked before anybody relies on them. */
import type { ExternalRow } from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import * as z from 'zod'
import type { RestConfig } from './config.ts'

const json = z.json()
const objectSchema = z.record(z.string(), json)
const wordSchema = z.union([z.string().min(1), z.number()]).transform(String)

/** What a body holds; undefined when it is not what it should be. */
export function rowOf(config: RestConfig, type: string, body: unknown): ExternalRow | undefined {
  const names = config.row
  const parsed = objectSchema.safeParse(body)
  if (!parsed.success) return undefined
  const raw = parsed.data
  const id = wordSchema.safeParse(raw[names.id])
  const version = wordSchema.safeParse(raw[names.version])
  const value = names.fields === '' ? raw : raw[names.fields]
  if (!id.success || !version.success || typeof value !== 'object' || value === null || Array.isArray(value))
    return undefined
  const externalId = wordSchema.safeParse(raw[names.externalId])
  return {
    type,
    id: id.data,
    externalId: externalId.success ? externalId.data : undefined,
    version: version.data,
    modifiedAt: timeOf(raw[names.modifiedAt]),
    modifiedBy: typeof raw[names.modifiedBy] === 'string' ? (raw[names.modifiedBy] as string) : undefined,
    deleted: raw[names.deleted] === true,
    value: value as JsonObject,
  }
}

/** Milliseconds since 1970, from a number or a date in text. */
function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : value
  return typeof time === 'number' && Number.isFinite(time) ? time : undefined
}

export interface Page {
  rows: ExternalRow[]
  next: string | undefined
}

/** Undefined when the body is no page, or one of its rows no row: nothing may be left out unseen. */
export function pageOf(config: RestConfig, type: string, body: string): Page | undefined {
  const parsed = objectSchema.safeParse(parsedJson(body))
  if (!parsed.success) return undefined
  const listed = parsed.data[config.list.rows]
  const next = parsed.data[config.list.next]
  if (!Array.isArray(listed)) return undefined
  const rows = listed.map((row) => rowOf(config, type, row))
  if (rows.some((row) => row === undefined)) return undefined
  return { rows: rows as ExternalRow[], next: typeof next === 'string' && next !== '' ? next : undefined }
}

export function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
