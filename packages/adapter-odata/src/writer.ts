/**
 * Writes one row (SPEC OD-20 to OD-27). A write is planned as one request, and its answer judged; where the answer does not tell the row as it is, one more request looks. So the same plan and the same judgement
 * serve a write alone and one in a batch.
 */
import type {
  Call,
  DeleteRequest,
  ExternalRow,
  Failure,
  UpsertRequest,
  Write,
  WriteAnswer,
} from '@skerry/bridge'
import type { JsonObject } from '@skerry/core'
import { alternatePath, hasAddress, knownId, rowPath, writeQuery } from './address.ts'
import type { Client, Request, Told } from './client.ts'
import type { Typed } from './config.ts'
import { KEY_LENGTH_MAX } from './limits.ts'
import type { Look, Reader } from './reader.ts'
import { deletedRow, isEtag } from './rows.ts'

/** What is sent, and what its answer means: known at once, or after a look. */
export interface Plan {
  request: Request
  judge(told: Told): WriteAnswer | Look<WriteAnswer>
}

/** Or nothing is sent: this is the answer, or a look gives it. */
type Settled = Plan | WriteAnswer | Look<WriteAnswer>
/** `look-first`: how to write depends on what is there. */
export type Planned = Settled | 'look-first'

const wantsRow = { prefer: 'return=representation' }

export class Writer {
  readonly #client: Client
  readonly #reader: Reader

  constructor(client: Client, reader: Reader) {
    this.#client = client
    this.#reader = reader
  }

  async write(set: string, write: Write, call: Call): Promise<WriteAnswer> {
    const type = this.#client.typed(set)
    if (type.kind !== 'type') return type
    const planned = this.plan(type, write)
    if (planned === 'look-first') return this.#whateverIsThere(type, write as UpsertRequest, call)
    return this.#run(planned, call)
  }

  plan(type: Typed, write: Write): Planned {
    if (write.action === 'delete') return this.#removal(type, write)
    const { id, externalId, expectedVersion, restore } = write
    if (externalId === '' || externalId.length > KEY_LENGTH_MAX)
      return {
        kind: 'rejected',
        reason: `an external id of ${externalId.length} characters; ${KEY_LENGTH_MAX} fit`,
      }
    if (restore || (id === undefined && expectedVersion === null)) return this.#creation(type, write)
    if (id !== undefined) return this.#change(type, id, write)
    return hasAddress(type, externalId) ? this.#creation(type, write, {}) : 'look-first'
  }

  async #run(planned: Settled, call: Call): Promise<WriteAnswer> {
    if ('kind' in planned) return planned
    const told = await this.#client.send(planned.request, call)
    if ('answer' in planned) return planned.answer(told)
    const judged = told.kind === 'told' ? planned.judge(told) : told
    return 'kind' in judged ? judged : judged.answer(await this.#client.send(judged.request, call))
  }

  /** There must be no row of this external id, unless another condition is given. */
  #creation(
    type: Typed,
    { externalId, fields }: UpsertRequest,
    condition: Record<string, string> = { 'if-none-match': '*' },
  ): Plan {
    const query = writeQuery(this.#client.config, type)
    if (hasAddress(type, externalId)) {
      const path = alternatePath(type, externalId) + query
      const request: Request = { method: 'PATCH', path, body: fields, headers: { ...wantsRow, ...condition } }
      return { request, judge: (told) => this.#madeOrMet(type, externalId, told) }
    }
    const known = type.create === 'known-id' ? { [type.key]: knownId(type, externalId) } : {}
    const body: JsonObject = { ...fields, ...known, [type.externalId]: externalId }
    const request: Request = { method: 'POST', path: `/${type.set}${query}`, body, headers: wantsRow }
    return { request, judge: (told) => this.#madeOrMet(type, externalId, told) }
  }

  /** Services tell a second row of one external id in many ways; whether there is one, a look tells. */
  #madeOrMet(type: Typed, externalId: string, told: Told): WriteAnswer | Look<WriteAnswer> {
    const look = this.#reader.byExternalId(type, externalId, ({ id, externalId: other = 'none' }) => ({
      kind: 'rejected',
      reason: `${told.about}: row ${id} is in the way; its external id, ${other}, is the same to the service as ${externalId}`,
    }))!
    if (told.meaning === 'done') return this.#written(type, told, look)
    const isRefusal =
      told.meaning === 'conflict' || told.meaning === 'duplicate' || told.meaning === 'rejected'
    if (!isRefusal) return this.#client.failure(told)
    return {
      request: look.request,
      answer: (seen) => {
        const answer = look.answer(seen)
        if (answer.kind === 'row') return { kind: 'conflict', row: answer.row }
        if (answer.kind !== 'absent') return unseen(answer)
        const failure = this.#client.failure(told)
        // It was there a moment ago.
        return told.meaning === 'conflict' ? { kind: 'later', reason: failure.reason } : failure
      },
    }
  }

  #change(type: Typed, id: string, { externalId, fields, expectedVersion }: UpsertRequest): Settled {
    const path = rowPath(type, id)
    if (path === undefined) return { kind: 'rejected', reason: `'${id}' is no key of ${type.set}` }
    const condition = this.#condition(expectedVersion ?? undefined)
    if (condition === undefined) return this.#met(type, id, externalId)
    const request: Request = {
      method: 'PATCH',
      path: path + writeQuery(this.#client.config, type),
      body: fields,
      headers: { ...wantsRow, 'if-match': condition },
    }
    const judge = (told: Told) => {
      if (told.meaning === 'done') return this.#written(type, told, this.#reader.byId(type, id)!)
      if (told.meaning === 'conflict') return this.#met(type, id, externalId)
      return told.meaning === 'absent'
        ? this.#gone(type, told, { kind: 'conflict', row: deletedRow(type, id, externalId) })
        : this.#client.failure(told)
    }
    return { request, judge }
  }

  #removal(type: Typed, { id, externalId, expectedVersion }: DeleteRequest): Settled {
    const gone: WriteAnswer = { kind: 'done', row: deletedRow(type, id, externalId) }
    const path = rowPath(type, id)
    if (path === undefined) return gone
    const condition = this.#condition(expectedVersion)
    if (condition === undefined) return this.#met(type, id, externalId, gone)
    const request: Request = { method: 'DELETE', path, headers: { 'if-match': condition } }
    const judge = (told: Told) => {
      if (told.meaning === 'done') return gone
      if (told.meaning === 'conflict') return this.#met(type, id, externalId, gone)
      return told.meaning === 'absent' ? this.#gone(type, told, gone) : this.#client.failure(told)
    }
    return { request, judge }
  }

  /** `*`: whatever is there, as long as something is. Undefined: what was expected is no entity tag, so that it is none of now. */
  #condition(expectedVersion: string | undefined): string | undefined {
    if (expectedVersion === undefined || this.#client.config.versions === 'digest') return '*'
    return isEtag(expectedVersion) ? expectedVersion : undefined
  }

  /** The row in the answer, or as it is read after a write that tells none. */
  #written(type: Typed, told: Told, look: ReturnType<Reader['byId']>): WriteAnswer | Look<WriteAnswer> {
    const row = told.body === undefined ? undefined : this.#reader.rowIn(type, told)
    if (row && 'deleted' in row) return { kind: 'done', row }
    if (row) return { ...row, kind: 'unknown' }
    return {
      request: look!.request,
      answer: (seen) => {
        const answer = look!.answer(seen)
        if (answer.kind === 'row') return { kind: 'done', row: answer.row }
        const why = answer.kind === 'absent' ? 'it is not found' : answer.reason
        return {
          kind: 'unknown',
          reason: `${told.about} was carried out, and the row cannot be read: ${why}`,
        }
      },
    }
  }

  /** Another row than was expected: as it is now, or gone. */
  #met(
    type: Typed,
    id: string,
    externalId: string,
    gone: WriteAnswer = { kind: 'conflict', row: deletedRow(type, id, externalId) },
  ): Look<WriteAnswer> {
    const look = this.#reader.byId(type, id)!
    return {
      request: look.request,
      answer: (seen) => {
        const answer = look.answer(seen)
        if (answer.kind === 'row') return { kind: 'conflict', row: answer.row }
        return answer.kind === 'absent' ? gone : unseen(answer)
      },
    }
  }

  /** "Not found" is a row that is gone, if its set is there; else the address is wrong, and nothing may be concluded from it. */
  #gone(type: Typed, told: Told, gone: WriteAnswer): Look<WriteAnswer> {
    const answer = (seen: Told | Failure): WriteAnswer => {
      if (seen.kind !== 'told') return unseen(seen)
      if (seen.meaning === 'done' && seen.body !== undefined) return gone
      if (seen.meaning === 'absent') return this.#client.failure(told)
      return unseen(this.#client.failure(seen))
    }
    return { request: this.#reader.setOf(type), answer }
  }

  /** Without an address by external id: what is found is changed, and what is not is made. */
  async #whateverIsThere(type: Typed, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    const answer = await this.#reader.read(type.set, { externalId: request.externalId }, call)
    if (answer.kind === 'row') {
      const { id, version: expectedVersion }: ExternalRow = answer.row
      return this.#run(this.#change(type, id, { ...request, expectedVersion }), call)
    }
    return answer.kind === 'absent' ? this.#run(this.#creation(type, request), call) : unseen(answer)
  }
}

/** Of a look after which nothing was written. */
function unseen(failure: Failure): Failure {
  return failure.kind === 'unknown' ? { ...failure, kind: 'later' } : failure
}
