/** Many writes in one call: by kind in batches of HubSpot's, each with its own outcome, and read again together (SPEC HS-30, HS-31). */
import type { Call, ExternalRow, Failure, Write, WriteAnswer } from '@skerry/bridge'
import * as z from 'zod'
import { type ApiError, errorOf, failureOf, meaningOfError } from './classify.ts'
import { beforeWrite, type Client, failureTold, type Told } from './client.ts'
import type { Definitions, KnownType } from './definitions.ts'
import { BATCH_ROWS_MAX } from './limits.ts'
import { pathOf, type Reader } from './reader.ts'
import { deletedRow, isObjectId } from './rows.ts'
import { textsOf } from './values.ts'
import { isCreate, isWrong, type Writer } from './writer.ts'

const kinds = ['create', 'upsert', 'update', 'archive'] as const
type Kind = (typeof kinds)[number]

/** What became of one write; absent: the answer says nothing of it. */
type Carried = { kind: 'written'; id: string } | { kind: 'refused'; error: ApiError } | Failure

const resultSchema = z.object({ id: z.string(), objectWriteTraceId: z.string().optional() })
const answerSchema = z.object({ results: z.array(resultSchema), errors: z.array(z.unknown()).catch([]) })

export class Many {
  readonly #client: Client
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #definitions: Definitions

  constructor(client: Client, reader: Reader, writer: Writer, definitions: Definitions) {
    this.#client = client
    this.#reader = reader
    this.#writer = writer
    this.#definitions = definitions
  }

  async write(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    if (writes.length > BATCH_ROWS_MAX) throw new RangeError(`${writes.length} writes; ${BATCH_ROWS_MAX} fit`)
    if (writes.length === 0) return []
    const known = await this.#definitions.of(type, call)
    if (known.kind !== 'type') return writes.map(() => beforeWrite(known))
    const answers = new Map<Write, WriteAnswer>()
    for (const kind of kinds) {
      const group = writes.filter((write) => kindOf(write) === kind)
      if (group.length > 0) await this.#carry(known, kind, group, answers, call)
    }
    for (const write of writes)
      if (!answers.has(write)) answers.set(write, await this.#alone(type, write, call))
    return writes.map((write) => answers.get(write)!)
  }

  async #carry(
    known: KnownType,
    kind: Kind,
    writes: readonly Write[],
    answers: Map<Write, WriteAnswer>,
    call: Call,
  ): Promise<void> {
    const inputs = writes.map((write, i) => inputOf(known, kind, write, i))
    const path = `${pathOf(known)}/batch/${kind}`
    const answer = await this.#client.send({ method: 'POST', path, body: { inputs } }, call)
    const outcomes = outcomesOf(writes, kind, answer)
    const ids = outcomes.flatMap((one) => (one?.kind === 'written' ? [one.id] : []))
    const rows =
      kind === 'archive' || ids.length === 0
        ? new Map<string, ExternalRow>()
        : await this.#reader.found(known, ids, call)
    for (const [i, write] of writes.entries()) {
      const outcome = outcomes[i]
      const told = outcome && answerOf(known, kind, write, outcome, rows)
      if (told) answers.set(write, told)
    }
  }

  #alone(type: string, write: Write, call: Call): Promise<WriteAnswer> {
    return write.action === 'upsert'
      ? this.#writer.upsert(type, write, call)
      : this.#writer.delete(type, write, call)
  }
}

/** Undefined for what no batch carries: an id that is none, values that are none. */
function kindOf(write: Write): Kind | undefined {
  if (write.action === 'delete') return isObjectId(write.id) ? 'archive' : undefined
  if (isWrong(textsOf(write.fields))) return undefined
  if (isCreate(write)) return 'create'
  if (write.id === undefined) return 'upsert'
  return isObjectId(write.id) ? 'update' : undefined
}

function inputOf({ externalId }: KnownType, kind: Kind, write: Write, i: number) {
  if (write.action === 'delete') return { id: write.id }
  const properties = textsOf(write.fields)
  const traced = { properties, objectWriteTraceId: String(i) }
  if (kind === 'create') return { ...traced, properties: { ...properties, [externalId]: write.externalId } }
  if (kind === 'upsert') return { ...traced, id: write.externalId, idProperty: externalId }
  return { ...traced, id: write.id }
}

/** By trace id, or by the id of the row; undefined where the answer says nothing, and when the batch was refused as a whole. */
function outcomesOf(writes: readonly Write[], kind: Kind, answer: Told | Failure): (Carried | undefined)[] {
  if (answer.kind !== 'told') return writes.map(() => answer)
  const { meaning } = answer
  if (meaning === 'rejected' || meaning === 'duplicate' || meaning === 'absent')
    return writes.map(() => undefined)
  if (meaning !== 'done') return writes.map(() => failureTold(answer))
  if (kind === 'archive') return writes.map(({ id = '' }) => ({ kind: 'written', id }))
  const { data } = answerSchema.safeParse(answer.body)
  if (!data) {
    const failure: Failure = { kind: 'unknown', reason: `${answer.about}: the answer is none of a batch` }
    return writes.map(() => failure)
  }
  const errors = data.errors.flatMap((one) => errorOf(one) ?? [])
  return writes.map(({ id }, i) => {
    const result = data.results.find(({ objectWriteTraceId }) => objectWriteTraceId === String(i))
    const named = result ?? data.results.find((one) => one.objectWriteTraceId === undefined && one.id === id)
    if (named) return { kind: 'written', id: named.id }
    const error = errors.find(({ context }) => isOf(context, i, id))
    return error && { kind: 'refused', error }
  })
}

function isOf(
  { objectWriteTraceId = [], ids = [] }: ApiError['context'],
  i: number,
  id: string | undefined,
): boolean {
  return objectWriteTraceId.includes(String(i)) || (id !== undefined && ids.includes(id))
}

/** Undefined for what has to be looked into by itself: a value that is taken, a row that is not found. */
function answerOf(
  { type }: KnownType,
  kind: Kind,
  write: Write,
  outcome: Carried,
  rows: Map<string, ExternalRow> | Failure,
): WriteAnswer | undefined {
  if (outcome.kind === 'refused') {
    const meaning = meaningOfError(outcome.error)
    if ((meaning === 'duplicate' && kind === 'create') || meaning === 'absent') return undefined
    return failureOf(meaning, outcome.error, `${kind} of ${type} ${write.id ?? write.externalId}`)
  }
  if (outcome.kind !== 'written') return outcome
  const { id } = outcome
  if (kind === 'archive') return { kind: 'done', row: deletedRow(type, id, write.externalId) }
  if (kind === 'update' && id !== write.id)
    return { kind: 'unknown', reason: `${type} ${write.id} was merged into ${id}, which was written` }
  const row = rows instanceof Map ? rows.get(id) : undefined
  if (row) return { kind: 'done', row }
  const why = rows instanceof Map ? 'it is not found' : rows.reason
  return { kind: 'unknown', reason: `${type} ${id} was written, and cannot be read: ${why}` }
}
