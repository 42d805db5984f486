/** Writes of one row: the requests of the config made, the answers told as what they mean. */
import type { Call, DeleteRequest, ExternalRow, UpsertRequest, WriteAnswer } from '@skerry/bridge'
import type { Answered, Client } from './client.ts'
import type { RestConfig } from './config.ts'
import type { Reader, RowKey } from './reader.ts'
import { changeRequest, deleteRequest, postRequest, putRequest } from './requests.ts'
import { rowIn } from './rows.ts'

type Search = Extract<RestConfig['write']['create'], { kind: 'search' }>

export class Writer {
  readonly #client: Client
  readonly #reader: Reader
  /** Before that, a search may not find what was made before this process began. */
  readonly #settledAt: number

  constructor(client: Client, reader: Reader) {
    this.#client = client
    this.#reader = reader
    const { write, now } = client.config
    this.#settledAt = now() + (write.create.kind === 'search' ? write.create.settleMs : 0)
  }

  async upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    const { config } = this.#client
    const { create, restore } = config.write
    const { id } = request
    if (request.restore && restore.kind === 'never') return neverRestored(type)
    if (id !== undefined && !(request.restore && restore.kind === 'create'))
      return this.#change(type, { ...request, id }, call)
    const anew = id === undefined ? request : { ...request, id: undefined, expectedVersion: null }
    if (create.kind === 'search') return this.#create(type, anew, create, call)
    return this.#written(type, anew, await this.#client.send(putRequest(config, type, anew), call), call)
  }

  async delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    const { id, externalId } = request
    const answer = await this.#client.send(deleteRequest(this.#client.config, type, request), call)
    if (answer.kind !== 'answer') return this.#client.failureOf(answer, 'write')
    const meaning = this.#client.meaningOf(answer, 'write')
    if (meaning === 'absent') return { kind: 'done', row: goneRow(type, id, externalId) }
    if (meaning === 'done') {
      const row = rowIn(this.#client.config, type, answer.json) ?? goneRow(type, id, externalId)
      return { kind: 'done', row: { ...row, deleted: true } }
    }
    const written = await this.#written(type, request, answer, call)
    return written.kind === 'conflict' && written.row.deleted ? { kind: 'done', row: written.row } : written
  }

  async #change(type: string, request: UpsertRequest & { id: string }, call: Call): Promise<WriteAnswer> {
    const { config } = this.#client
    let whole: ExternalRow | undefined
    if (config.write.update.kind === 'replace') {
      const answer = await this.#reader.read(type, { id: request.id }, call)
      if (answer.kind === 'absent') return this.#absent(type, request, `there is no ${type} ${request.id}`)
      // Nothing was written yet, whatever became of the reading.
      if (answer.kind === 'unknown') return { ...answer, kind: 'later' }
      if (answer.kind !== 'row') return answer
      const { expectedVersion } = request
      const isOther = typeof expectedVersion === 'string' && answer.row.version !== expectedVersion
      if ((config.compareAndSet && isOther) || (answer.row.deleted && !request.restore))
        return { kind: 'conflict', row: answer.row }
      whole = answer.row
    }
    const answer = await this.#client.send(changeRequest(config, type, request, whole?.value), call)
    return this.#written(type, request, answer, call)
  }

  /** Looks for a row of the external id, and makes one if there is none. */
  async #create(type: string, request: UpsertRequest, create: Search, call: Call): Promise<WriteAnswer> {
    const { externalId, expectedVersion } = request
    const { config } = this.#client
    const found = await this.#reader.read(type, { externalId }, call)
    if (found.kind === 'unknown') return { ...found, kind: 'later' }
    if (found.kind !== 'absent' && found.kind !== 'row') return found
    const isBack = found.kind === 'row' && found.row.deleted && request.restore
    if (found.kind === 'row' && !(isBack && config.write.restore.kind === 'create'))
      return isBack || expectedVersion === undefined
        ? this.#change(type, { ...request, id: found.row.id }, call)
        : { kind: 'conflict', row: found.row }
    const waitMs = this.#settledAt - config.now()
    // A call of the process before this one may be on its way into the index: nobody here knows.
    if (waitMs > 0 && create.settleMs > 0)
      return {
        kind: 'later',
        retryAfterMs: waitMs,
        reason: `waiting until a search in ${type} finds all that was made before this start`,
      }
    const answer = await this.#client.send(postRequest(config, type, create.path, request), call)
    const written = await this.#written(type, request, answer, call)
    if (written.kind !== 'unknown') return written
    return { ...written, retryAfterMs: Math.max(written.retryAfterMs ?? 0, create.settleMs) }
  }

  async #written(
    type: string,
    request: { id?: string | undefined; externalId: string },
    answer: Answered,
    call: Call,
  ): Promise<WriteAnswer> {
    if (answer.kind !== 'answer') return this.#client.failureOf(answer, 'write')
    const meaning = this.#client.meaningOf(answer, 'write')
    if (meaning === 'done') {
      const row = rowIn(this.#client.config, type, answer.json)
      return row ? { kind: 'done', row } : this.#reread(type, request, call, 'done')
    }
    if (meaning === 'absent' && request.id !== undefined)
      return this.#absent(type, request, this.#client.failureOf(answer, 'write').reason)
    if (meaning !== 'conflict' && meaning !== 'gone') return this.#client.failureOf(answer, 'write')
    const row = this.#reader.rowInProblem(type, answer.json)
    return row ? { kind: 'conflict', row } : this.#reread(type, request, call, 'conflict')
  }

  /** A row that is not found is deleted where the system deletes for good; elsewhere that proves nothing, and a person must look. */
  #absent(
    type: string,
    { id, externalId }: { id?: string | undefined; externalId: string },
    reason: string,
  ): WriteAnswer {
    if (this.#client.config.deletions === 'unseen')
      return { kind: 'conflict', row: goneRow(type, id ?? '', externalId) }
    return { kind: 'rejected', reason }
  }

  /** The answer told what became of the call, but not what the row is now. */
  async #reread(
    type: string,
    { id, externalId }: { id?: string | undefined; externalId: string },
    call: Call,
    kind: 'done' | 'conflict',
  ): Promise<WriteAnswer> {
    const key: RowKey = id === undefined ? { externalId } : { id }
    const answer = await this.#reader.read(type, key, call)
    if (answer.kind === 'row') return { kind, row: answer.row }
    if (answer.kind === 'absent' && kind === 'conflict' && id !== undefined)
      return this.#absent(type, { id, externalId }, `${type} ${id} is not there any more`)
    const reason =
      answer.kind === 'absent' ? `${type} ${id ?? externalId} is not there any more` : answer.reason
    return {
      kind: kind === 'done' ? 'unknown' : 'later',
      reason: `after a write that was answered as ${kind}, reading the row failed: ${reason}`,
    }
  }
}

/** A row of which nothing is left but that it was. */
export function goneRow(type: string, id: string, externalId: string): ExternalRow {
  return { type, id, externalId, version: 'gone', deleted: true, value: {} }
}

export function neverRestored(type: string): WriteAnswer {
  return { kind: 'rejected', reason: `a deleted row of ${type} cannot live again there` }
}
