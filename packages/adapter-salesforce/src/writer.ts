/** Writes one row: as one request that also reads what became of it (SPEC SF-20 to SF-25). */
import type { Call, DeleteRequest, ExternalRow, Failure, UpsertRequest, WriteAnswer } from '@skerry/bridge'
import { stepsOut } from '@skerry/bridge/http'
import type { JsonObject } from '@skerry/core'
import { type Client, failureTold, type Part, type Told } from './client.ts'
import type { TypeConfig } from './config.ts'
import { Look } from './look.ts'
import { type Reader, typeConfig } from './reader.ts'
import { deletedRow } from './rows.ts'
import type { Seen, SeenVersions } from './seen.ts'
import { isRecordId, queryPath, selectSoql, textLiteral } from './soql.ts'

interface Wrote {
  type: string
  config: TypeConfig
  write: Told
  /** The row after the write. */
  read: Told
  askedAt: number
}

export class Writer {
  readonly #client: Client
  readonly #reader: Reader
  readonly #look: Look

  constructor(client: Client, reader: Reader, seen: SeenVersions) {
    this.#client = client
    this.#reader = reader
    this.#look = new Look(client, reader, seen)
  }

  upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    const config = typeConfig(this.#client, type)
    if (config.kind !== 'type') return Promise.resolve(config)
    const { id, expectedVersion, restore } = request
    const whole = { ...config, where: undefined }
    if (isCreate(request) || restore) return this.#create(type, whole, request, call)
    if (id === undefined) return this.#whateverIsThere(type, whole, request, call)
    return this.#change(
      type,
      whole,
      { id, fields: request.fields, expectedVersion: expectedVersion ?? undefined },
      call,
    )
  }

  async delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    const config = typeConfig(this.#client, type)
    if (config.kind !== 'type') return config
    const { id, externalId, expectedVersion } = request
    const gone: WriteAnswer = { kind: 'done', row: deletedRow(type, id, externalId) }
    if (!isRecordId(id)) return gone
    if (expectedVersion === undefined) return this.#deletePlainly(type, id, gone, call)
    const looked = await this.#look.at(type, id, expectedVersion, call)
    if (looked.kind === 'absent' || (looked.kind === 'conflict' && looked.row.deleted)) return gone
    if (looked.kind !== 'settled') return looked
    const answers = await this.#client.composite(deleteParts(type, config, id, looked.seen), call, {
      allOrNone: true,
    })
    if (!Array.isArray(answers)) return answers
    const culprit = answers.find(
      ({ errors, meaning }) => meaning !== 'done' && errors[0]?.code !== 'PROCESSING_HALTED',
    )
    if (!culprit) return answers.every(({ meaning }) => meaning === 'done') ? gone : failureTold(answers[0]!)
    if (culprit.meaning === 'gone' || culprit.meaning === 'absent') return gone
    if (culprit.meaning === 'conflict') return this.#met(type, id, gone, call)
    if (culprit !== answers[0] || culprit.meaning !== 'rejected') return failureTold(culprit)
    return this.#deleteLooked(type, request, gone, call)
  }

  /** There must be no row of this external id: its field is unique, so that Salesforce sees to it. */
  async #create(type: string, config: TypeConfig, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    const { externalId, fields } = request
    const body = { ...fields, [config.externalId]: externalId }
    const made: Part = { id: 'made', method: 'POST', path: `/sobjects/${type}`, body }
    const wrote = await this.#written(type, config, made, `Id = '@{made.id}'`, call)
    if ('kind' in wrote) return wrote
    if (wrote.write.meaning !== 'duplicate') return this.#answer(wrote, externalId)
    const answer = await this.#reader.read(type, { externalId }, call, { everywhere: true })
    if (answer.kind === 'row' && !answer.row.deleted) return { kind: 'conflict', row: answer.row }
    if (answer.kind === 'row' || answer.kind === 'absent') return failureTold(wrote.write)
    return answer.kind === 'unknown' ? { ...answer, kind: 'later' } : answer
  }

  async #whateverIsThere(
    type: string,
    config: TypeConfig,
    { externalId, fields }: UpsertRequest,
    call: Call,
  ): Promise<WriteAnswer> {
    const path = `/sobjects/${type}/${config.externalId}/${encodeURIComponent(externalId)}`
    if (stepsOut(path))
      return { kind: 'rejected', reason: `PATCH ${path}: not called, since it leads to another address` }
    const part: Part = { id: 'written', method: 'PATCH', path, body: fields }
    const wrote = await this.#written(
      type,
      config,
      part,
      `${config.externalId} = ${textLiteral(externalId)}`,
      call,
    )
    return 'kind' in wrote ? wrote : this.#answer(wrote, externalId)
  }

  async #change(
    type: string,
    config: TypeConfig,
    { id, fields, expectedVersion }: { id: string; fields: JsonObject; expectedVersion: string | undefined },
    call: Call,
  ): Promise<WriteAnswer> {
    if (!isRecordId(id)) return { kind: 'rejected', reason: `'${id}' is no id of Salesforce` }
    const looked =
      expectedVersion === undefined ? undefined : await this.#look.at(type, id, expectedVersion, call)
    if (looked?.kind === 'absent') return notThere(type, id)
    if (looked && looked.kind !== 'settled') return looked
    const headers = looked && unmodifiedSince(looked.seen)
    const part: Part = {
      id: 'written',
      method: 'PATCH',
      path: `/sobjects/${type}/${id}`,
      body: fields,
      ...(headers && { headers }),
    }
    const wrote = await this.#written(type, config, part, `Id = ${textLiteral(id)}`, call)
    return 'kind' in wrote ? wrote : this.#answer(wrote, id)
  }

  /** The write, and the row after it, in one request. */
  async #written(
    type: string,
    config: TypeConfig,
    part: Part,
    condition: string,
    call: Call,
  ): Promise<Wrote | Failure> {
    const askedAt = this.#client.clock.now()
    const read: Part = { id: 'row', method: 'GET', path: queryPath(selectSoql(type, config, [condition])) }
    const answers = await this.#client.composite([part, read], call)
    if (!Array.isArray(answers)) return answers
    return { type, config, write: answers[0]!, read: answers[1]!, askedAt }
  }

  #answer({ type, config, write, read, askedAt }: Wrote, name: string): WriteAnswer {
    const { meaning } = write
    if (meaning === 'done') {
      const row = this.#rowIn(type, config, read, askedAt)
      return 'deleted' in row ? { kind: 'done', row } : { ...row, kind: 'unknown' }
    }
    if (meaning !== 'conflict' && meaning !== 'gone' && meaning !== 'absent') return failureTold(write)
    const row = this.#rowIn(type, config, read, askedAt)
    if ('deleted' in row) return { kind: 'conflict', row }
    if (meaning === 'gone') return { kind: 'conflict', row: deletedRow(type, name) }
    return meaning === 'absent' ? notThere(type, name) : { ...row, kind: 'later' }
  }

  /** What the second part tells; a row that lives before one that does not. */
  #rowIn(type: string, config: TypeConfig, read: Told, askedAt: number): ExternalRow | { reason: string } {
    const rows = this.#reader.queried(type, config, read, askedAt)
    if (!Array.isArray(rows)) return { reason: `the row cannot be read after the write: ${rows.reason}` }
    const row = rows.find(({ deleted }) => !deleted) ?? rows[0]
    return row ?? { reason: `${read.about}: the row is not found after the write` }
  }

  /** The row is another one than was expected. */
  async #met(type: string, id: string, gone: WriteAnswer, call: Call): Promise<WriteAnswer> {
    const answer = await this.#reader.read(type, { id }, call, { everywhere: true })
    if (answer.kind === 'row') return answer.row.deleted ? gone : { kind: 'conflict', row: answer.row }
    if (answer.kind === 'absent') return gone
    return answer.kind === 'unknown' ? { ...answer, kind: 'later' } : answer
  }

  /** Without a condition, of a row that was just seen to be what is expected. */
  async #deleteLooked(
    type: string,
    { id, expectedVersion }: DeleteRequest,
    gone: WriteAnswer,
    call: Call,
  ): Promise<WriteAnswer> {
    const met = await this.#met(type, id, gone, call)
    if (met.kind !== 'conflict' || met.row.version !== expectedVersion) return met
    return this.#deletePlainly(type, id, gone, call)
  }

  async #deletePlainly(type: string, id: string, gone: WriteAnswer, call: Call): Promise<WriteAnswer> {
    const answer = await this.#client.send({ method: 'DELETE', path: `/sobjects/${type}/${id}` }, call)
    if (answer.kind !== 'told') return answer
    const { meaning } = answer
    return meaning === 'done' || meaning === 'gone' || meaning === 'absent' ? gone : failureTold(answer)
  }
}

/** Nothing may be there yet. */
export function isCreate({ id, expectedVersion }: UpsertRequest): boolean {
  return id === undefined && expectedVersion === null
}

/** An update that changes nothing, under the condition that a delete cannot have; then the delete. */
function deleteParts(type: string, { externalId }: TypeConfig, id: string, seen: Seen): Part[] {
  const path = `/sobjects/${type}/${id}`
  const body = { [externalId]: seen.externalId ?? null }
  return [
    { id: 'unchanged', method: 'PATCH', path, body, headers: unmodifiedSince(seen) },
    { id: 'deleted', method: 'DELETE', path },
  ]
}

function unmodifiedSince({ stamp }: Seen): Record<string, string> {
  return { 'If-Unmodified-Since': new Date(stamp).toUTCString() }
}

function notThere(type: string, id: string): Failure {
  return {
    kind: 'rejected',
    reason: `${type} ${id} is nowhere, not even in the recycle bin, or not for us to see`,
  }
}
