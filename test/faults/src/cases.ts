/**
 * The collection of the adapter rounds, which stands in the CRM as `cases`. Every edit leaves its mark where both sides keep it: those of the edge are parts, and steps of
 * the counter `hours`; those of the office are words of the notes. The title is written by both.
 */
import { externalIdOf, importedId, type MappingConfig } from '@skerry/bridge'
import { collection, counter, type Host, type JsonObject, keyed, text } from '@skerry/core'
import * as z from 'zod'
import type { Contents } from './healing.ts'
import type { Marking } from './marking.ts'
import type { Visit } from './visits.ts'

export const CRM = 'crm'
export const CASES = 'cases'

export const jobs = collection(
  'jobs',
  z.object({
    title: z.string(),
    parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
    hours: counter().optional(),
    notes: text().optional(),
  }),
)

export const jobCollections = { jobs }

export interface Job {
  title: string
  parts?: { sku: string; qty: number }[] | undefined
  hours?: number | undefined
  notes?: string | undefined
}

export const jobMapping: MappingConfig = {
  collection: 'jobs',
  type: CASES,
  fields: { title: 'title', parts: 'parts', hours: 'hours', notes: 'notes' },
}

export const jobMarking: Marking<Job> = {
  newRecord: (mark) => ({ title: `begun by ${mark}`, parts: [{ sku: mark, qty: 1 }], hours: 1 }),
  markRecord(draft, mark) {
    // Now and then; what both sides write is overruled on one of them.
    if (mark.endsWith('7')) draft.title = `edited by ${mark}`
    draft.parts = [...(draft.parts ?? []), { sku: mark, qty: 1 }]
    draft.hours = (draft.hours ?? 0) + 1
  },
  place: CRM,
  unansweredMax: 40,
}

export interface CrmRow {
  id: string
  externalId: string | null
  deleted: boolean
  fields: JsonObject
}

/** Id of the record that belongs to the row. */
export function jobOfRow(host: Host, row: Pick<CrmRow, 'id' | 'externalId'>): string {
  return row.externalId?.replace(externalIdOf(host, 'jobs/'), '') ?? importedId(host, CRM, CASES, row.id, 0)
}

export type Jobs = Map<string, Job>

/** The edge's marks as the book counts them: each is a part once, and one hour. */
export function edgeMarks(all: Jobs): Contents<Visit> {
  return new Map(
    [...all].map(([id, { title, parts = [], hours = 0 }]) => {
      const skus = parts.map(({ sku }) => sku)
      return [
        id,
        {
          title,
          marks: Object.fromEntries(skus.map((sku) => [sku, true])),
          edits: hours,
          log: skus.join(' '),
        },
      ]
    }),
  )
}

/** The office's marks: each is a word of the notes once. */
export function officeMarks(all: Jobs): Contents<Visit> {
  return new Map(
    [...all].map(([id, { title, notes = '' }]) => {
      const words = notes.split(' ').filter((word) => word !== '')
      return [
        id,
        {
          title,
          marks: Object.fromEntries(words.map((word) => [word, true])),
          edits: words.length,
          log: words.join(' '),
        },
      ]
    }),
  )
}

/** What both sides keep of each, without the difference between a field that is empty and one that is not there. */
export function sides(all: Jobs): Contents<Job> {
  return new Map(
    [...all].map(([id, { title, parts = [], hours = 0, notes = '' }]) => [
      id,
      { title, parts, hours, notes },
    ]),
  )
}
