/** Bulk API 2.0, query: the result of a query as CSV, page by page, each telling where the next one begins. */
import * as z from 'zod'
import type { Ask, Endpoint } from '../api/endpoint.ts'
import { bodyAs } from '../api/json-body.ts'
import { bulkQueryRowsDefault } from '../limits.ts'
import { Refusal } from '../refusal.ts'
import { toldFields } from '../rows/told-row.ts'
import { csvOfRecords } from './csv.ts'
import { jobReply, newJob, queryFormSchema } from './ingest-endpoints.ts'
import type { Job } from './jobs.ts'
import { moved } from './run-job.ts'

const querySchema = queryFormSchema.extend({ operation: z.enum(['query', 'queryAll']), query: z.string() })

/** The result is what there is now; that the job has ended is told from the next request on. */
export const createQueryJob: Endpoint = (ask) => {
  const given = bodyAs(ask, querySchema)
  const { world } = ask
  const found = world.queries.read(given.query, given.operation === 'queryAll')
  const { type, query } = found
  const compound = query.fields.find((name) => type.compounds?.[name]?.type === 'address')
  if (compound !== undefined)
    throw new Refusal(
      'FUNCTIONALITY_NOT_ENABLED',
      `Selecting compound data not supported in Bulk Query: ${compound}`,
    )
  const job = newJob(ask, { ...given, object: type.name, jobType: 'V2Query', state: 'UploadComplete' })
  for (const [position, row] of world.queries.everything(found).entries()) {
    const told = Object.entries(toldFields(type, row, query.fields))
    const record = Object.fromEntries(told.map(([name, value]) => [name, textOf(value)]))
    world.jobs.putRecord(job.id, position, 'done', { about: {}, record })
  }
  return jobReply(ask, job)
}

export const queryJob: Endpoint = (ask) => {
  const job = jobOf(ask)
  return jobReply(ask, job.state === 'UploadComplete' ? moved(ask.world, job, 'JobComplete') : job)
}

export const abortQueryJob: Endpoint = (ask) => jobReply(ask, moved(ask.world, jobOf(ask), 'Aborted'))

export const deleteQueryJob: Endpoint = (ask) => {
  ask.world.jobs.remove(jobOf(ask).id)
  return { status: 204 }
}

export const queryResults: Endpoint = (ask) => {
  const job = jobOf(ask)
  if (job.state !== 'JobComplete') throw new Refusal('INVALIDJOBSTATE', `the job is ${job.state}`)
  const from = Number(Buffer.from(ask.query.get('locator') ?? '', 'base64url').toString() || 0)
  const count = Number(ask.query.get('maxRecords') ?? bulkQueryRowsDefault)
  const found = ask.world.jobs.page(job.id, from, count + 1)
  const records = found.slice(0, count)
  const next = found.length > count ? Buffer.from(String(from + count)).toString('base64url') : 'null'
  const { query } = ask.world.queries.read(job.query ?? '', false)
  return {
    status: 200,
    headers: { 'sforce-locator': next, 'sforce-numberofrecords': String(records.length) },
    text: csvOfRecords(query.fields, records, job),
  }
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function jobOf({ world, param }: Ask): Job {
  return world.jobs.get(param('job'), 'V2Query')
}
