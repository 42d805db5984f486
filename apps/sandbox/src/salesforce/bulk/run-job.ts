/**
 * Bulk jobs at work, in the background: 10,000 records to a transaction, each with an outcome of its own. The rows are written as API calls write them, and stand in the ledger as
 * an entry of method BULK for each batch, which no client asked for.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { jobFaults } from '../../faults/fault.ts'
import { attempt, type RowWrite } from '../api/writes.ts'
import { bulkBatchRecords } from '../limits.ts'
import type { Refusal } from '../refusal.ts'
import { timeText } from '../time.ts'
import type { SalesforceWorld } from '../world.ts'
import { fieldsOfRecord, recordsOfCsv } from './csv.ts'
import type { Job, JobState } from './jobs.ts'

/** Goes on where an earlier process ended. */
export function resumeJobs(world: SalesforceWorld): void {
  for (const { id, state } of world.jobs.list('V2Ingest'))
    if (state === 'UploadComplete' || state === 'InProgress') startIngest(world, id)
}

export function startIngest(world: SalesforceWorld, id: string): void {
  runIngest(world, id).catch((error: unknown) => {
    // Ends with the stand-in; the next process finds the job as it was.
    if (!world.closing.signal.aborted) world.log(error)
  })
}

async function runIngest(world: SalesforceWorld, id: string): Promise<void> {
  await pause(world)
  let job = world.jobs.get(id, 'V2Ingest')
  if (job.state === 'Aborted') return
  const records = recordsOf(world, job)
  if (!records) return
  const target = {
    method: 'BULK',
    path: `/jobs/ingest/${id}`,
    subjects: [{ type: job.object, externalId: null }],
  }
  const end = world.faults.take(jobFaults, target)?.afterRecords ?? records.length
  job = moved(world, job, 'InProgress')
  for (let from = job.numberRecordsProcessed; from < end; from += bulkBatchRecords) {
    await pause(world)
    if (world.jobs.get(id, 'V2Ingest').state === 'Aborted') break
    job = runBatch(world, job, records, from, Math.min(from + bulkBatchRecords, end))
  }
  leaveRest(world, job, records)
  if (world.jobs.get(id, 'V2Ingest').state === 'Aborted') return
  if (end === records.length) moved(world, job, 'JobComplete')
  else moved(world, { ...job, errorMessage: 'InternalServerError : the job stopped' }, 'Failed')
}

/** Undefined when the data cannot be read, which ends the job. */
function recordsOf(world: SalesforceWorld, job: Job): Record<string, string>[] | undefined {
  try {
    return recordsOfCsv(world.jobs.data(job.id), job)
  } catch (error) {
    moved(world, { ...job, errorMessage: `InvalidBatch : ${(error as Error).message}` }, 'Failed')
    return undefined
  }
}

function runBatch(
  world: SalesforceWorld,
  job: Job,
  records: readonly Record<string, string>[],
  from: number,
  to: number,
): Job {
  return world.transactions.run(() => {
    let failed = 0
    const operations = records.slice(from, to).map((record, i) => {
      const outcome = attempt(world, writeOf(job, record), job.author)
      if ('row' in outcome) {
        const about = { sf__Id: outcome.row.id, sf__Created: String(outcome.created) }
        world.jobs.putRecord(job.id, from + i, 'done', { about, record })
      } else {
        failed++
        const about = { sf__Id: record.Id ?? '', sf__Error: errorText(outcome.refusal) }
        world.jobs.putRecord(job.id, from + i, 'failed', { about, record })
      }
      return outcome.told
    })
    world.ledger.append({
      time: world.clock.now(),
      method: 'BULK',
      path: `/jobs/ingest/${job.id}`,
      type: job.object,
      externalId: null,
      fields: [],
      requestBytes: 0,
      responseBytes: 0,
      status: 200,
      fault: null,
      committed: operations.some(({ committed }) => committed),
      created: operations.some(({ created }) => created),
      client: job.author.name,
      operations,
    })
    const numberRecordsFailed = job.numberRecordsFailed + failed
    return moved(world, { ...job, numberRecordsProcessed: to, numberRecordsFailed }, 'InProgress')
  })
}

function writeOf(
  { object, operation, externalIdFieldName: field = '' }: Job,
  record: Record<string, string>,
): RowWrite {
  const { Id: id, ...fields } = fieldsOfRecord(record)
  const type = object
  switch (operation) {
    case 'insert':
      return { action: 'create', type, fields }
    case 'upsert': {
      const { [field]: value, ...rest } = fields
      return { action: 'upsert', type, key: { field, value: value ?? '' }, fields: rest }
    }
    case 'update':
      return { action: 'update', type, id: id ?? '', fields }
    default:
      return { action: operation === 'delete' ? 'delete' : 'hardDelete', type, id: id ?? '', fields: {} }
  }
}

function leaveRest(world: SalesforceWorld, job: Job, records: readonly Record<string, string>[]): void {
  world.transactions.run(() => {
    for (const [i, record] of records.entries())
      if (i >= job.numberRecordsProcessed)
        world.jobs.putRecord(job.id, i, 'unprocessed', { about: {}, record })
  })
}

export function moved(world: SalesforceWorld, job: Job, state: JobState): Job {
  const next = { ...job, state, systemModstamp: timeText(world.clock.now()) }
  world.jobs.put(next)
  return next
}

/** `CODE:message:fields --` */
function errorText({ code, message, fields = [] }: Refusal): string {
  return `${code}:${message}:${fields.join(',')}${fields.length > 0 ? ' ' : ''}--`
}

function pause({ settings, closing }: SalesforceWorld): Promise<void> {
  return wait(settings.bulkPauseMs, undefined, { signal: closing.signal })
}
