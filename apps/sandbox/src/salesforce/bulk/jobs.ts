/** Bulk jobs as they are kept: what is told of them, their data, and what became of each record. */
import type { Connection } from '../../database.ts'
import { bulkJobsListed } from '../limits.ts'
import { notFound, Refusal } from '../refusal.ts'
import type { Author } from '../rows/row.ts'

export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'

export type Job = {
  id: string
  jobType: 'V2Ingest' | 'V2Query'
  operation: string
  object: string
  state: JobState
  createdById: string
  createdDate: string
  systemModstamp: string
  apiVersion: number
  externalIdFieldName?: string | undefined
  columnDelimiter: keyof typeof delimiters
  lineEnding: keyof typeof lineEndings
  query?: string | undefined
  errorMessage?: string | undefined
  numberRecordsProcessed: number
  numberRecordsFailed: number
  /** Not told. */
  author: Author
}

export type RecordOutcome = 'done' | 'failed' | 'unprocessed'

/** `about` stands before the record's own columns in the results. */
export type JobRecord = { about: Record<string, string>; record: Record<string, string> }

export const delimiters = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
} as const
export const lineEndings = { LF: '\n', CRLF: '\r\n' } as const

export class BulkJobs {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @throws Refusal NOT_FOUND */
  get(id: string, jobType: Job['jobType']): Job {
    const stored = this.#connection
      .prepare<unknown[], string>('SELECT info FROM jobs WHERE id = ?')
      .pluck()
      .get(id)
    const job: Job | undefined = stored === undefined ? undefined : JSON.parse(stored)
    if (job?.jobType === jobType) return job
    throw notFound()
  }

  /** The newest first. */
  list(jobType: Job['jobType']): Job[] {
    const stored = this.#connection
      .prepare<[], string>('SELECT info FROM jobs ORDER BY id DESC')
      .pluck()
      .all()
    const jobs = stored.map((info): Job => JSON.parse(info)).filter((job) => job.jobType === jobType)
    return jobs.slice(0, bulkJobsListed)
  }

  put(job: Job): void {
    this.#connection
      .prepare(`INSERT INTO jobs VALUES (?, ?, '') ON CONFLICT (id) DO UPDATE SET info = excluded.info`)
      .run(job.id, JSON.stringify(job))
  }

  /** @throws Refusal INVALIDJOBSTATE */
  putData({ id, state }: Job, data: string): void {
    if (state !== 'Open')
      throw new Refusal('INVALIDJOBSTATE', `data can only be uploaded to an open job; this one is ${state}`)
    this.#connection.prepare('UPDATE jobs SET data = ? WHERE id = ?').run(data, id)
  }

  data(id: string): string {
    return (
      this.#connection.prepare<unknown[], string>('SELECT data FROM jobs WHERE id = ?').pluck().get(id) ?? ''
    )
  }

  /** The job goes; its results with it. */
  remove(id: string): void {
    this.#connection.prepare('DELETE FROM jobRecords WHERE job = ?').run(id)
    this.#connection.prepare('DELETE FROM jobs WHERE id = ?').run(id)
  }

  putRecord(id: string, position: number, outcome: RecordOutcome, record: JobRecord): void {
    this.#connection
      .prepare('INSERT OR REPLACE INTO jobRecords VALUES (?, ?, ?, ?)')
      .run(id, position, outcome, JSON.stringify(record))
  }

  /** From the last to the first: nobody may rely on an order that is not promised. */
  records(id: string, outcome: RecordOutcome): JobRecord[] {
    return this.#connection
      .prepare<unknown[], string>(
        'SELECT record FROM jobRecords WHERE job = ? AND outcome = ? ORDER BY position DESC',
      )
      .pluck()
      .all(id, outcome)
      .map((record) => JSON.parse(record))
  }

  /** Results of a query job, in order. */
  page(id: string, after: number, count: number): JobRecord[] {
    return this.#connection
      .prepare<unknown[], string>(
        'SELECT record FROM jobRecords WHERE job = ? AND position >= ? ORDER BY position LIMIT ?',
      )
      .pluck()
      .all(id, after, count)
      .map((record) => JSON.parse(record))
  }
}

/** What clients see of a job. */
export function toldJob({ author: _, query: __, ...job }: Job, base: string): Record<string, unknown> {
  const ingest = job.jobType === 'V2Ingest'
  return {
    ...job,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    retries: 0,
    totalProcessingTime: 0,
    ...(ingest && { contentUrl: `${base.slice(1)}/jobs/ingest/${job.id}/batches` }),
  }
}
