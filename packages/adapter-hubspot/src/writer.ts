/** Writes one row, and reads what became of it (SPEC HS-20 to HS-25). */
import type { Call, DeleteRequest, Failure, UpsertRequest, WriteAnswer } from '@skerry/bridge'
import * as z from 'zod'
import { errorOf, failureOf, meaningOfError } from './classify.ts'
import { beforeWrite, type Client, failureTold, type Told } from './client.ts'
import type { Definitions, KnownType } from './definitions.ts'
import { pathOf, type Reader } from './reader.ts'
import { deletedRow, isObjectId } from './rows.ts'
import { textsOf } from './values.ts'

const writtenSchema = z.object({ id: z.string() })
const batchSchema = z.object({
  results: z.array(writtenSchema).catch([]),
  errors: z.array(z.unknown()).catch([]),
})

type Texts = Record<string, string>

export class Writer {
  readonly #client: Client
  readonly #reader: Reader
  readonly #definitions: Definitions

  constructor(client: Client, reader: Reader, definitions: Definitions) {
    this.#client = client
    this.#reader = reader
    this.#definitions = definitions
  }

  async upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    const known = await this.#definitions.of(type, call)
    if (known.kind !== 'type') return beforeWrite(known)
    const { id, externalId } = request
    const texts = textsOf(request.fields)
    if (isWrong(texts)) return wrongValues(type, texts.wrong)
    if (isCreate(request))
      return this.#create(known, { ...texts, [known.externalId]: externalId }, externalId, call)
    if (id === undefined) return this.#whateverIsThere(known, texts, externalId, call)
    return this.#change(known, texts, id, call)
  }

  async delete(type: string, { id, externalId }: DeleteRequest, call: Call): Promise<WriteAnswer> {
    const gone: WriteAnswer = { kind: 'done', row: deletedRow(type, id, externalId) }
    const known = await this.#definitions.of(type, call)
    if (known.kind !== 'type') return beforeWrite(known)
    if (!isObjectId(id)) return gone
    const answer = await this.#client.send({ method: 'DELETE', path: `${pathOf(known)}/${id}` }, call)
    if (answer.kind !== 'told') return answer
    return answer.meaning === 'done' || answer.meaning === 'absent' ? gone : failureTold(answer)
  }

  /** HubSpot sees to it that no two rows have one key. */
  async #create(known: KnownType, properties: Texts, externalId: string, call: Call): Promise<WriteAnswer> {
    const answer = await this.#client.send(
      { method: 'POST', path: pathOf(known), body: { properties } },
      call,
    )
    if (answer.kind !== 'told') return answer
    if (answer.meaning !== 'duplicate') return this.#readAfter(known, answer, undefined, call)
    const there = await this.#reader.byKey(known, externalId, call)
    if (there.kind === 'row') return { kind: 'conflict', row: there.row }
    // It is another property's value, differs in case alone, or was gone when we looked.
    return there.kind === 'absent' ? failureTold(answer) : beforeWrite(there)
  }

  async #whateverIsThere(
    known: KnownType,
    properties: Texts,
    externalId: string,
    call: Call,
  ): Promise<WriteAnswer> {
    const input = { id: externalId, idProperty: known.externalId, properties, objectWriteTraceId: '0' }
    const path = `${pathOf(known)}/batch/upsert`
    const answer = await this.#client.send({ method: 'POST', path, body: { inputs: [input] } }, call)
    if (answer.kind !== 'told') return answer
    if (answer.meaning !== 'done') return failureTold(answer)
    const { data } = batchSchema.safeParse(answer.body)
    const [result, error] = [data?.results[0], errorOf(data?.errors[0])]
    if (error) return failureOf(meaningOfError(error), error, answer.about)
    return this.#readAfter(known, { ...answer, body: result }, undefined, call)
  }

  async #change(known: KnownType, properties: Texts, id: string, call: Call): Promise<WriteAnswer> {
    if (!isObjectId(id)) return { kind: 'rejected', reason: `'${id}' is no id of HubSpot` }
    const path = `${pathOf(known)}/${id}`
    const answer = await this.#client.send({ method: 'PATCH', path, body: { properties } }, call)
    if (answer.kind !== 'told') return answer
    if (answer.meaning !== 'absent') return this.#readAfter(known, answer, id, call)
    return this.#met(known, id, call)
  }

  /** Nothing was written: the row is not among the living. */
  async #met(known: KnownType, id: string, call: Call): Promise<WriteAnswer> {
    const there = await this.#reader.byId(known, id, call)
    if (there.kind === 'row')
      return there.row.deleted
        ? { kind: 'conflict', row: there.row }
        : { kind: 'later', reason: `${known.type} ${id} was not there, and is now` }
    if (there.kind !== 'absent') return beforeWrite(there)
    return {
      kind: 'rejected',
      reason: `${known.type} ${id} is nowhere, not even archived, or not for us to see`,
    }
  }

  /** @param id of the row that was to be written; undefined for a new one */
  async #readAfter(known: KnownType, answer: Told, id: string | undefined, call: Call): Promise<WriteAnswer> {
    if (answer.meaning !== 'done') return this.#failure(known, answer)
    const written = writtenSchema.safeParse(answer.body).data?.id
    if (written === undefined || !isObjectId(written))
      return { kind: 'unknown', reason: `${answer.about}: the answer names no row` }
    if (id !== undefined && written !== id)
      return { kind: 'unknown', reason: `${known.type} ${id} was merged into ${written}, which was written` }
    const there = await this.#reader.byId(known, written, call)
    if (there.kind === 'row' && !there.row.deleted) return { kind: 'done', row: there.row }
    const why =
      there.kind === 'row' ? 'it is deleted' : there.kind === 'absent' ? 'it is not found' : there.reason
    return { kind: 'unknown', reason: `${known.type} ${written} was written, and cannot be read: ${why}` }
  }

  /** A property that is refused may be one that does not exist any more. */
  #failure({ type }: KnownType, answer: Told): Failure {
    const names = answer.error?.details.filter(({ code }) => code === 'PROPERTY_DOESNT_EXIST') ?? []
    if (names.length > 0) this.#definitions.missing(type, [])
    return failureTold(answer)
  }
}

/** Nothing may be there yet, or what was there is gone for good. */
export function isCreate({ id, expectedVersion, restore }: UpsertRequest): boolean {
  return restore || (id === undefined && expectedVersion === null)
}

export function isWrong(texts: Texts | { wrong: string[] }): texts is { wrong: string[] } {
  return Array.isArray(texts.wrong)
}

function wrongValues(type: string, names: readonly string[]): Failure {
  return {
    kind: 'rejected',
    reason: `${type}: no value of HubSpot's in ${names.join(', ')}`,
    fields: [...names],
  }
}
