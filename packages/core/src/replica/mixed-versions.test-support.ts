/**
 * Three versions of one collection that differ in everything a migration can do, and what each must show of a document, told without any lens: by looking at what the document holds.
 */
import * as z from 'zod'
import { type Collection, collection } from '../records/collection.ts'
import * as lens from '../records/lens.ts'
import { counter, type Json, type JsonObject, keyed, text } from '../records/shape.ts'
import type { Migrations } from '../records/versions.ts'

const toSecond: lens.Lens[] = [
  lens.rename('site', 'place'),
  lens.add('priority', 3),
  lens.add('visits', 0),
  lens.add('log'),
  lens.convert('hours', {
    was: z.number(),
    forward: (hours) => hours * 60,
    backward: (minutes) => minutes / 60,
  }),
  lens.rename('hours', 'minutes'),
  lens.within('parts', lens.rename('qty', 'count'), lens.add('note')),
]
const toThird: lens.Lens[] = [
  lens.remove('colour', z.string(), 'none'),
  lens.rename('title', 'summary'),
  lens.wrap('tech', z.string().optional()),
  lens.add('title', 'untitled'),
  lens.within('parts', lens.add('used')),
]

const marks = z.record(z.string(), z.string()).default({})
const first = z.object({
  title: z.string(),
  site: z.string(),
  status: z.enum(['open', 'done']),
  colour: z.string(),
  hours: z.number().optional(),
  notes: text().optional(),
  tech: z.string().optional(),
  marks,
  parts: keyed('sku', z.object({ sku: z.string(), qty: z.number() })).optional(),
})
const second = z.object({
  title: z.string(),
  place: z.string(),
  status: z.enum(['open', 'done', 'paused']),
  colour: z.string(),
  priority: z.number(),
  visits: counter(),
  log: z.record(z.string(), z.string()).optional(),
  minutes: z.number().optional(),
  notes: text().optional(),
  tech: z.string().optional(),
  marks,
  parts: keyed('sku', z.object({ sku: z.string(), count: z.number(), note: text().optional() })).optional(),
})
const third = z.object({
  title: z.string(),
  summary: z.string(),
  place: z.string(),
  status: z.enum(['open', 'done', 'paused', 'waiting']),
  priority: z.number(),
  visits: counter(),
  log: z.record(z.string(), z.string()).optional(),
  minutes: z.number().optional(),
  notes: text().optional(),
  tech: z.array(z.string()),
  marks,
  parts: keyed(
    'sku',
    z.object({ sku: z.string(), count: z.number(), note: text().optional(), used: counter().optional() }),
  ).optional(),
})

const define = (schema: z.ZodObject, place: string, version: number, migrations: Migrations) =>
  collection('work_orders', schema, {
    version,
    migrations,
    channels: (record) => [`site:${(record as JsonObject)[place] as string}`],
    indexes: ['status', place],
  }) as unknown as Collection

/** By number; 0 stands for none. */
const versions = [
  undefined,
  define(first, 'site', 1, {}),
  define(second, 'place', 2, { 2: toSecond }),
  define(third, 'place', 3, { 2: toSecond, 3: toThird }),
] as const

export function ofVersion(version: number): Collection {
  const found = versions[version]
  if (!found) throw new RangeError(`there is no version ${version} here`)
  return found
}

/** A new order, as a version would make it. */
export const newOrder: Readonly<Record<number, JsonObject>> = {
  1: { title: 't', site: 'SEA', status: 'open', colour: 'red', marks: {} },
  2: { title: 't', place: 'SEA', status: 'paused', colour: 'red', priority: 1, visits: 0, marks: {} },
  3: {
    title: 'head',
    summary: 't',
    place: 'SEA',
    status: 'waiting',
    priority: 1,
    visits: 0,
    tech: ['ana', 'ben'],
    marks: {},
  },
}

/** What a version must show of a document. `raw` is the stored value: texts as strings, rows in order. */
export function expected(version: number, raw: JsonObject): JsonObject {
  if (version === 1) return raw
  const { site, hours, parts, ...rest } = raw
  const shown: JsonObject = { priority: 3, visits: 0, ...rest }
  if (site !== undefined) shown.place = site
  if (typeof hours === 'number') shown.minutes = hours * 60
  if (parts !== undefined)
    shown.parts = (parts as JsonObject[]).map(({ qty, ...row }) =>
      qty === undefined ? row : { ...row, count: qty },
    )
  if (version === 2) return shown
  const { colour: _, title, 'title~3': head = 'untitled', tech, 'tech~3': crew, ...third } = shown
  if (title !== undefined) third.summary = title
  return { ...third, title: head, tech: crewOf(tech, crew) }
}

function crewOf(tech: Json | undefined, crew: Json | undefined): Json {
  if (!Array.isArray(crew)) return tech === undefined ? [] : [tech]
  if (crew[0] === tech) return crew
  if (tech === undefined) return []
  return [tech, ...(crew.includes(tech) ? crew.filter((one) => one !== tech) : crew.slice(1))]
}
