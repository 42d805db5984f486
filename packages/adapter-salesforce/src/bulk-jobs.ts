/**
 * Bulk API 2.0 jobs, one at a time, each to its end (SPEC SF-32, SF-33): a job that went on behind an answer would write later what was decided before, over whatever came in between.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Call, Failure } from '@skerry/bridge'
import * as z from 'zod'
import { recordsOf } from './bulk-csv.ts'
import { failureOf } from './classify.ts'
import { type Client, failureTold, type Told } from './client.ts'
import { BULK_POLL_MS_MAX, BULK_RESULT_BYTES_MAX } from './limits.ts'

const jobSchema = z.object({
  id: z.string(),
  state: z.string(),
  createdById: z.string().optional(),
  errorMessage: z.string().optional(),
})
const jobsSchema = z.object({ records: z.array(jobSchema) })
type Job = z.output<typeof jobSchema>

/** What became of its records, each with its own columns. */
export interface JobResults {
  kind: 'results'
  successful: Record<string, string>[]
  failed: Record<string, string>[]
  unprocessed: Record<string, string>[]
}

export interface NewJob {
  object: string
  operation: 'insert' | 'update' | 'delete'
}

const ended = ['JobComplete', 'Failed', 'Aborted']

export class BulkJobs {
  readonly #client: Client
  readonly #settings: { timeoutMs: number; pollMs: number }
  /** Jobs that may still be at work although nobody waits for them. */
  readonly #left = new Set<string>()
  #isListed = false

  constructor(client: Client, settings: { timeoutMs: number; pollMs: number }) {
    this.#client = client
    this.#settings = settings
  }

  /** Before anything is written: ends what was left behind. @returns why nothing may be written yet */
  async endLeft(call: Call): Promise<Failure | undefined> {
    const failure = this.#isListed ? undefined : await this.#list(call)
    if (failure) return notYet(failure)
    for (const id of this.#left) {
      const job = await this.#abort(id, call)
      if (job.kind !== 'ended') return notYet(job)
      this.#left.delete(id)
    }
    return undefined
  }

  async run(job: NewJob, data: string, call: Call): Promise<JobResults | Failure> {
    const body = { ...job, contentType: 'CSV', lineEnding: 'LF' }
    const made = await this.#job({ method: 'POST', path: '/jobs/ingest', body }, call)
    // A job without data does nothing, ever.
    if ('kind' in made) return made.kind === 'unknown' ? { ...made, kind: 'later' } : made
    const { id } = made
    this.#left.add(id)
    const failure = await this.#upload(id, data, call)
    if (failure) return failure
    const state = await this.#ended(id, call)
    if (state.kind !== 'ended') return state
    this.#left.delete(id)
    return this.#results(id, call)
  }

  /** Gives it its data and lets it begin. A job that has not begun has done nothing. */
  async #upload(id: string, data: string, call: Call): Promise<Failure | undefined> {
    const path = `/jobs/ingest/${id}`
    const uploaded = await this.#client.text({ method: 'PUT', path: `${path}/batches`, text: data }, call)
    const refusal =
      uploaded.kind === 'text'
        ? uploaded.status < 300
          ? undefined
          : uploadFailure(uploaded.status)
        : uploaded
    if (refusal) return refusal.kind === 'rejected' ? refusal : notYet(refusal)
    const begun = await this.#job({ method: 'PATCH', path, body: { state: 'UploadComplete' } }, call)
    // Whether it begins after an answer that never came, its state tells.
    if (!('kind' in begun) || begun.kind === 'unknown') return undefined
    return begun
  }

  async #ended(id: string, call: Call): Promise<{ kind: 'ended' } | Failure> {
    const { timeoutMs, pollMs } = this.#settings
    const until = performance.now() + timeoutMs
    for (let waitMs = pollMs; performance.now() < until; waitMs = Math.min(BULK_POLL_MS_MAX, waitMs * 1.5)) {
      if (!(await wait(waitMs, true, { signal: call.signal }).catch(() => false))) break
      const job = await this.#job({ method: 'GET', path: `/jobs/ingest/${id}` }, call)
      if ('kind' in job) continue
      if (ended.includes(job.state)) return { kind: 'ended' }
      if (job.state === 'Open') break
    }
    const aborted = await this.#abort(id, call)
    if (aborted.kind === 'ended') return aborted
    return {
      kind: 'unknown',
      reason: `the bulk job ${id} did not end, and could not be aborted: ${aborted.reason}`,
    }
  }

  /** A job that has ended cannot be aborted, and need not. */
  async #abort(id: string, call: Call): Promise<{ kind: 'ended' } | Failure> {
    const body = { state: 'Aborted' }
    const answer = await this.#client.send({ method: 'PATCH', path: `/jobs/ingest/${id}`, body }, call)
    if (answer.kind !== 'told') return answer
    const isOver =
      answer.meaning === 'done' || answer.meaning === 'absent' || answer.errors[0]?.code === 'INVALIDJOBSTATE'
    return isOver ? { kind: 'ended' } : failureTold(answer)
  }

  async #results(id: string, call: Call): Promise<JobResults | Failure> {
    const [successful, failed, unprocessed] = [
      await this.#records(id, 'successfulResults', call),
      await this.#records(id, 'failedResults', call),
      await this.#records(id, 'unprocessedrecords', call),
    ]
    for (const one of [successful, failed, unprocessed]) if (!Array.isArray(one)) return one
    return { kind: 'results', successful, failed, unprocessed } as JobResults
  }

  async #records(id: string, which: string, call: Call): Promise<Record<string, string>[] | Failure> {
    const path = `/jobs/ingest/${id}/${which}`
    const answer = await this.#client.text(
      { method: 'GET', path, responseBytesMax: BULK_RESULT_BYTES_MAX },
      call,
    )
    // The job is done: whatever stands in the way of its results, it says nothing of what was written.
    if (answer.kind !== 'text') return { kind: 'unknown', reason: answer.reason }
    const records = answer.status === 200 ? recordsOf(answer.text) : undefined
    return records ?? { kind: 'unknown', reason: `GET ${path} was answered ${answer.status} without results` }
  }

  /** Jobs of our own user that have not ended. */
  async #list(call: Call): Promise<Failure | undefined> {
    const session = await this.#client.session(call)
    if (session.kind !== 'session') return session
    const answer = await this.#client.send({ method: 'GET', path: '/jobs/ingest?jobType=V2Ingest' }, call)
    if (answer.kind !== 'told') return answer
    const { data } = jobsSchema.safeParse(answer.body)
    if (answer.meaning !== 'done' || !data) return failureTold(answer)
    for (const { id, state, createdById } of data.records)
      if (!ended.includes(state) && createdById === session.userId) this.#left.add(id)
    this.#isListed = true
    return undefined
  }

  async #job(request: Parameters<Client['send']>[0], call: Call): Promise<Job | Failure> {
    const answer: Told | Failure = await this.#client.send(request, call)
    if (answer.kind !== 'told') return answer
    if (answer.meaning !== 'done') return failureTold(answer)
    const { data } = jobSchema.safeParse(answer.body)
    return data ?? { kind: 'unknown', reason: `${answer.about}: the answer is no job` }
  }
}

/** Nothing was written because of this, whatever it is. */
function notYet(failure: Failure): Failure {
  return failure.kind === 'unknown' || failure.kind === 'rejected'
    ? { kind: 'later', reason: failure.reason }
    : failure
}

function uploadFailure(status: number): Failure {
  return failureOf(
    status >= 500 ? 'later' : 'rejected',
    [],
    `the data of a bulk job was refused with ${status}`,
  )
}
