/** Bulk API 2.0, ingest: a job is opened, given its data, closed, and asked for until it has ended. */
import * as z from 'zod'
import type { Ask, Endpoint, Reply } from '../api/endpoint.ts'
import { bodyAs } from '../api/json-body.ts'
import { makeRecordId } from '../objects/record-id.ts'
import { Refusal } from '../refusal.ts'
import { timeText } from '../time.ts'
import { csvOfRecords } from './csv.ts'
import { type Job, type RecordOutcome, toldJob } from './jobs.ts'
import { moved, startIngest } from './run-job.ts'

const forms = {
  columnDelimiter: z.enum(['BACKQUOTE', 'CARET', 'COMMA', 'PIPE', 'SEMICOLON', 'TAB']).default('COMMA'),
  lineEnding: z.enum(['LF', 'CRLF']).default('LF'),
}
const ingestSchema = z.object({
  object: z.string(),
  operation: z.enum(['insert', 'update', 'upsert', 'delete', 'hardDelete']),
  contentType: z.literal('CSV').default('CSV'),
  externalIdFieldName: z.string().optional(),
  ...forms,
})
export const queryFormSchema = z.object(forms)
const stateSchema = z.object({ state: z.enum(['UploadComplete', 'Aborted']) })

export const createIngestJob: Endpoint = (ask) => {
  const { contentType: _, ...given } = bodyAs(ask, ingestSchema)
  const type = ask.world.writer.type(given.object)
  if (given.operation === 'upsert' && !type.fields[given.externalIdFieldName ?? '']?.externalId)
    throw new Refusal(
      'INVALIDJOB',
      `InvalidJob : ${given.externalIdFieldName} is no external id field of ${type.name}`,
    )
  const job = newJob(ask, { ...given, jobType: 'V2Ingest', state: 'Open' })
  return jobReply(ask, job)
}

/** What every job begins with. */
export function newJob(
  { world, author, version }: Ask,
  given: Pick<
    Job,
    | 'jobType'
    | 'operation'
    | 'object'
    | 'state'
    | 'columnDelimiter'
    | 'lineEnding'
    | 'externalIdFieldName'
    | 'query'
  >,
): Job {
  const now = timeText(world.clock.now())
  const job: Job = {
    id: makeRecordId('750', world.rows.nextNumber('jobs')),
    createdById: author.userId,
    createdDate: now,
    systemModstamp: now,
    apiVersion: version,
    numberRecordsProcessed: 0,
    numberRecordsFailed: 0,
    author,
    ...given,
  }
  world.jobs.put(job)
  return job
}

export const listIngestJobs: Endpoint = ({ world, base }) => ({
  status: 200,
  body: {
    done: true,
    nextRecordsUrl: null,
    records: world.jobs.list('V2Ingest').map((job) => toldJob(job, base)),
  },
})

export const ingestJob: Endpoint = (ask) => jobReply(ask, jobOf(ask))

export const uploadData: Endpoint = (ask) => {
  if (!ask.headers.get('content-type')?.startsWith('text/csv'))
    throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'the data of a job is text/csv')
  ask.world.jobs.putData(jobOf(ask), ask.text())
  return { status: 201 }
}

export const abortOrCloseJob: Endpoint = (ask) => {
  const { state } = bodyAs(ask, stateSchema)
  const job = jobOf(ask)
  if (hasEnded(job) || (state === 'UploadComplete' && job.state !== 'Open'))
    throw new Refusal(
      'INVALIDJOBSTATE',
      `InvalidJobState : a job that is ${job.state} cannot become ${state}`,
    )
  const next = moved(ask.world, job, state)
  if (state === 'UploadComplete') startIngest(ask.world, job.id)
  return jobReply(ask, next)
}

export const deleteJob: Endpoint = (ask) => {
  const job = jobOf(ask)
  if (job.state === 'InProgress') throw new Refusal('INVALIDJOBSTATE', 'InvalidJobState : the job is at work')
  ask.world.jobs.remove(job.id)
  return { status: 204 }
}

export const successfulRecords: Endpoint = (ask) => recordsReply(ask, 'done', ['sf__Id', 'sf__Created'])
export const failedRecords: Endpoint = (ask) => recordsReply(ask, 'failed', ['sf__Id', 'sf__Error'])
export const unprocessedRecords: Endpoint = (ask) => recordsReply(ask, 'unprocessed', [])

function recordsReply(ask: Ask, outcome: RecordOutcome, columns: readonly string[]): Reply {
  const job = jobOf(ask)
  if (!hasEnded(job)) throw new Refusal('INVALIDJOBSTATE', `InvalidJobState : the job is ${job.state}`)
  return { status: 200, text: csvOfRecords(columns, ask.world.jobs.records(job.id, outcome), job) }
}

function hasEnded({ state }: Job): boolean {
  return state === 'JobComplete' || state === 'Failed' || state === 'Aborted'
}

function jobOf({ world, param }: Ask): Job {
  return world.jobs.get(param('job'), 'V2Ingest')
}

export function jobReply({ base }: Ask, job: Job): Reply {
  return { status: 200, body: toldJob(job, base) }
}
