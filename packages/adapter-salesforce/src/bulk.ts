/** Writes carried by Bulk API 2.0: one job for each kind, or several where the data of one would be too long. Results come in any order, and are matched by external id or row id. */
import type { Call, Failure, Write } from '@skerry/bridge'
import { csvOf, errorOf, fitsCsv } from './bulk-csv.ts'
import type { BulkJobs, JobResults, NewJob } from './bulk-jobs.ts'
import type { TypeConfig } from './config.ts'
import { BULK_DATA_BYTES_MAX } from './limits.ts'
import type { Carried, Carrier, Kind } from './many.ts'

const operations: Record<Kind, NewJob['operation']> = { create: 'insert', change: 'update', delete: 'delete' }

export class Bulk implements Carrier {
  readonly #jobs: BulkJobs
  readonly #bytesMax: number

  constructor(jobs: BulkJobs, bytesMax = BULK_DATA_BYTES_MAX) {
    this.#jobs = jobs
    this.#bytesMax = bytesMax
  }

  takes(write: Write): boolean {
    return fitsCsv(write)
  }

  async carry(
    type: string,
    config: TypeConfig,
    kind: Kind,
    writes: readonly Write[],
    call: Call,
  ): Promise<Carried[]> {
    const data = csvOf(config.externalId, kind, writes)
    const middle = Math.ceil(writes.length / 2)
    if (Buffer.byteLength(data) > this.#bytesMax && writes.length > 1)
      return [
        ...(await this.carry(type, config, kind, writes.slice(0, middle), call)),
        ...(await this.carry(type, config, kind, writes.slice(middle), call)),
      ]
    const results = await this.#jobs.run({ object: type, operation: operations[kind] }, data, call)
    if (results.kind !== 'results') return writes.map(() => results)
    const column = kind === 'create' ? config.externalId : 'Id'
    const byName = outcomesOf(results, column)
    return writes.map(
      (write) => byName.get((kind === 'create' ? write.externalId : write.id) ?? '') ?? missing(type),
    )
  }
}

/** @param column that a write is known by, in the data and in the results */
function outcomesOf({ successful, failed, unprocessed }: JobResults, column: string): Map<string, Carried> {
  const outcomes = new Map<string, Carried>()
  const left: Failure = { kind: 'later', reason: 'the bulk job ended before it came to this record' }
  for (const record of unprocessed) outcomes.set(record[column] ?? '', left)
  for (const record of failed)
    outcomes.set(record[column] || (record.sf__Id ?? ''), {
      kind: 'refused',
      errors: [errorOf(record.sf__Error ?? '')],
    })
  for (const record of successful)
    outcomes.set(record[column] || (record.sf__Id ?? ''), { kind: 'written', id: record.sf__Id ?? '' })
  return outcomes
}

function missing(type: string): Failure {
  return { kind: 'unknown', reason: `a bulk job of ${type} says nothing of this record` }
}
