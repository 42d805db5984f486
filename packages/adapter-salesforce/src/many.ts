/**
 * Many writes in one call: sorted by what they do, looked at all together, carried by collections or by jobs, and read again (SPEC SF-30 to SF-32). What fits none of the three kinds, and what the look does not
 * find, goes alone.
 */
import type { Call, ExternalRow, Failure, Write, WriteAnswer } from '@skerry/bridge'
import { type ApiError, failureOf, meaningOfErrors } from './classify.ts'
import type { TypeConfig } from './config.ts'
import type { Reader } from './reader.ts'
import { deletedRow } from './rows.ts'
import { isRecordId } from './soql.ts'
import { isCreate, type Writer } from './writer.ts'

export type Kind = 'create' | 'change' | 'delete'

/** What became of one write: carried out, refused as Salesforce says, or the call's own failure. */
export type Carried =
  /** `row`: as it is after the write, where the carrier has read it. */
  | { kind: 'written'; id: string; row?: ExternalRow | undefined }
  | { kind: 'refused'; errors: readonly ApiError[] }
  | Failure

export interface Carrier {
  /** Whether a write can be carried; one that cannot goes alone. */
  takes(write: Write): boolean
  /** One outcome for each write of one kind, in their order. */
  carry(
    type: string,
    config: TypeConfig,
    kind: Kind,
    writes: readonly Write[],
    call: Call,
  ): Promise<Carried[]>
}

interface Asked {
  type: string
  config: TypeConfig
  call: Call
}

export class Many {
  readonly #reader: Reader
  readonly #writer: Writer
  readonly #carrier: Carrier

  constructor(reader: Reader, writer: Writer, carrier: Carrier) {
    this.#reader = reader
    this.#writer = writer
    this.#carrier = carrier
  }

  async write(
    type: string,
    config: TypeConfig,
    writes: readonly Write[],
    call: Call,
  ): Promise<WriteAnswer[]> {
    const asked = { type, config, call }
    const answers = new Map<Write, WriteAnswer>()
    const kinds = writes.map((write) => (this.#carrier.takes(write) ? kindOf(write) : undefined))
    const carried = writes.filter((_, i) => kinds[i] !== undefined)
    const known = carried.filter((write) => !isNew(write))
    const expected = await this.#looked(asked, known, answers)
    for (const kind of ['create', 'change', 'delete'] as const) {
      const group = carried.filter((write) => kindOf(write) === kind && (isNew(write) || expected.has(write)))
      if (group.length > 0) await this.#carry(asked, kind, group, answers)
    }
    for (const write of writes) if (!answers.has(write)) answers.set(write, await this.#alone(asked, write))
    return writes.map((write) => answers.get(write)!)
  }

  /** Writes whose row is as expected; those of which it is not have their answer. */
  async #looked(
    { type, call }: Asked,
    writes: readonly Write[],
    answers: Map<Write, WriteAnswer>,
  ): Promise<Set<Write>> {
    if (writes.length === 0) return new Set()
    const found = await this.#reader.retrieve(
      type,
      writes.map(({ id = '' }) => id),
      call,
    )
    if (!(found instanceof Map)) {
      const failure: Failure = found.kind === 'unknown' ? { ...found, kind: 'later' } : found
      for (const write of writes) answers.set(write, failure)
      return new Set()
    }
    const expected = new Set<Write>()
    for (const write of writes) {
      const row = found.get(write.id ?? '')
      if (row && write.expectedVersion !== undefined && row.version !== write.expectedVersion)
        answers.set(write, { kind: 'conflict', row })
      else if (row) expected.add(write)
    }
    return expected
  }

  async #carry(
    { type, config, call }: Asked,
    kind: Kind,
    writes: readonly Write[],
    answers: Map<Write, WriteAnswer>,
  ): Promise<void> {
    const outcomes = await this.#carrier.carry(type, config, kind, writes, call)
    const unread = outcomes.flatMap((one) =>
      one.kind === 'written' && !one.row && kind !== 'delete' ? [one.id] : [],
    )
    const rows =
      unread.length === 0 ? new Map<string, ExternalRow>() : await this.#reader.retrieve(type, unread, call)
    for (const [i, write] of writes.entries()) {
      const answer = answerOf(type, kind, write, outcomes[i]!, rows)
      if (answer) answers.set(write, answer)
    }
  }

  #alone({ type, call }: Asked, write: Write): Promise<WriteAnswer> {
    return write.action === 'upsert'
      ? this.#writer.upsert(type, write, call)
      : this.#writer.delete(type, write, call)
  }
}

/** Undefined for what has to be looked into by itself: a duplicate, a row that went meanwhile. */
function answerOf(
  type: string,
  kind: Kind,
  write: Write,
  outcome: Carried,
  rows: Map<string, ExternalRow> | Failure,
): WriteAnswer | undefined {
  if (outcome.kind === 'written') {
    if (kind === 'delete') return { kind: 'done', row: deletedRow(type, outcome.id, write.externalId) }
    const row = outcome.row ?? (rows instanceof Map ? rows.get(outcome.id) : undefined)
    if (row) return { kind: 'done', row }
    const why = rows instanceof Map ? 'it is not found' : rows.reason
    return { kind: 'unknown', reason: `${type} ${outcome.id} was written, and cannot be read: ${why}` }
  }
  if (outcome.kind !== 'refused') return outcome
  const meaning = meaningOfErrors(outcome.errors)
  if (meaning === 'duplicate' && kind === 'create') return undefined
  if (meaning === 'gone' || meaning === 'absent') return undefined
  return failureOf(meaning, outcome.errors, `${kind} of ${type} ${write.id ?? write.externalId}`)
}

function kindOf(write: Write): Kind | undefined {
  if (write.action === 'delete') return isRecordId(write.id) ? 'delete' : undefined
  if (isCreate(write) || write.restore) return 'create'
  return write.id !== undefined && isRecordId(write.id) ? 'change' : undefined
}

function isNew(write: Write): boolean {
  return kindOf(write) === 'create'
}
