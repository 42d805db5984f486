/** Rows as HubSpot sends them, checked and made what the bridge knows (SPEC HS-06 to HS-09). */
import { createHash } from 'node:crypto'
import type { ExternalRow } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import * as z from 'zod'
import type { TypeConfig } from './config.ts'
import type { KnownType } from './definitions.ts'
import { typedValue } from './values.ts'

/** Of every row that is gone: its states do not differ. */
const DELETED = 'deleted'
const MERGED_IDS = 'hs_merged_object_ids'

const objectSchema = z.object({
  id: z.string().regex(/^\d{1,20}$/),
  properties: z.record(z.string(), z.string().nullable()),
  updatedAt: z.string().optional(),
  archived: z.boolean().optional(),
  archivedAt: z.string().optional(),
})
const pageSchema = z.object({
  results: z.array(z.unknown()),
  paging: z.object({ next: z.object({ after: z.string() }).optional() }).optional(),
})

export interface ReadRow {
  kind: 'read'
  row: ExternalRow
  /** Rows that became a part of it. */
  mergedIds: readonly string[]
  /** Milliseconds since 1970, of one that is archived. */
  archivedAt: number | undefined
}

export type RowRead = ReadRow | { kind: 'missing'; names: string[] } | { kind: 'none' }

/** What must be asked for, so that `rowOf` can tell the row. */
export function propertiesRead({ externalId, properties }: TypeConfig): string[] {
  return [...properties, externalId, MERGED_IDS]
}

/** `missing`: properties that were asked for and are not told; they do not exist any more. */
export function rowOf(known: KnownType, body: unknown): RowRead {
  const { data: object } = objectSchema.safeParse(body)
  if (!object) return { kind: 'none' }
  const { id, properties, archived = false, updatedAt = '', archivedAt } = object
  const externalId = properties[known.externalId] || undefined
  const mergedIds = (properties[MERGED_IDS] ?? '').split(';').filter((one) => /^\d+$/.test(one) && one !== id)
  if (archived) {
    const row = deletedRow(known.type, id, externalId)
    return { kind: 'read', row, mergedIds, archivedAt: timeOf(archivedAt) }
  }
  const names = [...known.properties, known.externalId].filter((name) => properties[name] === undefined)
  if (names.length > 0) return { kind: 'missing', names }
  const texts = known.properties.map((name) => properties[name] || null)
  const row: ExternalRow = {
    type: known.type,
    id,
    externalId,
    version: digestOf([externalId ?? null, ...texts]),
    modifiedAt: timeOf(updatedAt),
    deleted: false,
    value: Object.fromEntries(known.properties.map((name, i) => [name, told(known, name, texts[i] ?? null)])),
  }
  return { kind: 'read', row, mergedIds, archivedAt: undefined }
}

export function deletedRow(type: string, id: string, externalId?: string): ExternalRow {
  return { type, id, externalId, version: DELETED, deleted: true, value: {} }
}

/** The objects of a page or batch, and where the next page begins; undefined for what is none. */
export function pageOf(body: unknown): { objects: unknown[]; after: string | undefined } | undefined {
  const { data } = pageSchema.safeParse(body)
  return data && { objects: data.results, after: data.paging?.next?.after }
}

/** An id as HubSpot gives it: nothing else may stand in an address. */
export function isObjectId(id: string): boolean {
  return /^\d{1,20}$/.test(id)
}

function told({ definitions }: KnownType, name: string, text: string | null): Json {
  const definition = definitions.get(name)
  return definition ? typedValue(definition, text) : text
}

/** Of the texts as they are there, so that no definition changes a version. */
function digestOf(texts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 16)
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '')
  return Number.isNaN(time) ? undefined : time
}
