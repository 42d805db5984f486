/** The adapter for Tryton: each method leads to the file that knows how. Retries, budgets and conflicts are the bridge's business. */
import type {
  Adapter,
  Call,
  Capabilities,
  ChangesAnswer,
  DeleteRequest,
  DescribeAnswer,
  Failure,
  ListAnswer,
  ReadAnswer,
  UpsertRequest,
  Write,
  WriteAnswer,
} from '@skerry/bridge'
import { Changes } from './changes.ts'
import { notMade } from './classify.ts'
import { Client } from './client.ts'
import { checkConfig, type TrytonAdapterOptions, type TrytonConfig } from './config.ts'
import { typeOfFacts, typeOfShape } from './describe.ts'
import { Facts } from './facts.ts'
import { rowOfKey } from './keyed-row.ts'
import { BATCH_ROWS_MAX } from './limits.ts'
import { list } from './listing.ts'
import { Outcomes } from './outcomes.ts'
import { Reader } from './reader.ts'
import { roundsOf } from './rounds.ts'
import { rowOf } from './rows.ts'
import { type Shape, type Shaped, shapeOf } from './shape.ts'
import { Writer } from './writer.ts'

/** @throws TrytonConfigError */
export function trytonAdapter(options: TrytonAdapterOptions): Adapter {
  return new TrytonAdapter(checkConfig(options))
}

class TrytonAdapter implements Adapter {
  readonly name: string
  readonly capabilities: Capabilities = {
    compareAndSet: true,
    replayMs: 0,
    freshListing: true,
    batch: { writesMax: BATCH_ROWS_MAX, readsMax: BATCH_ROWS_MAX },
    deletions: 'unseen',
  }
  readonly #config: TrytonConfig
  readonly #client: Client
  readonly #facts: Facts
  readonly #shapes = new Map<string, Extract<Shaped, { kind: 'shape' }>>()
  readonly #reader: Reader
  readonly #changes: Changes
  readonly #writer: Writer

  constructor(config: TrytonConfig) {
    this.#config = config
    this.name = config.name
    this.#client = new Client(config)
    this.#facts = new Facts(this.#client)
    this.#reader = new Reader(this.#client)
    this.#changes = new Changes(this.#reader, config.overlapMs)
    const outcomes = new Outcomes(this.#reader, (type, call) => this.#reshape(type, call))
    this.#writer = new Writer(this.#client, this.#reader, outcomes)
  }

  async check(call: Call): Promise<{ kind: 'ok' } | Failure> {
    const letIn = await this.#client.letIn(call)
    if (letIn.kind !== 'ok') return letIn
    this.#forget()
    for (const type of Object.keys(this.#config.models)) {
      const shaped = await this.#shape(type, call)
      if (shaped.kind !== 'shape') return shaped
    }
    return letIn
  }

  async read(type: string, key: { id: string } | { externalId: string }, call: Call): Promise<ReadAnswer> {
    const shaped = await this.#shape(type, call)
    if (shaped.kind !== 'shape') return shaped
    if ('id' in key) return (await this.#rows(shaped.shape, [key.id], call))[0]!
    const found = await this.#reader.byKeys(shaped.shape, [key.externalId], call)
    if (found.kind !== 'rows') return found
    const row = rowOfKey(shaped.shape, found.rows, key.externalId)
    return row.kind === 'row' ? { kind: 'row', row: rowOf(shaped.shape, row.raw) } : row
  }

  async readMany(type: string, ids: readonly string[], call: Call): Promise<ReadAnswer[]> {
    const shaped = await this.#shape(type, call)
    if (shaped.kind !== 'shape') return ids.map(() => shaped)
    const answers: ReadAnswer[] = []
    for (let at = 0; at < ids.length; at += BATCH_ROWS_MAX)
      answers.push(...(await this.#rows(shaped.shape, ids.slice(at, at + BATCH_ROWS_MAX), call)))
    return answers
  }

  async changes(
    type: string,
    position: string | undefined,
    limit: number,
    call: Call,
  ): Promise<ChangesAnswer> {
    const shaped = await this.#shape(type, call)
    return shaped.kind === 'shape' ? this.#changes.page(shaped.shape, position, limit, call) : shaped
  }

  async list(type: string, position: string | undefined, limit: number, call: Call): Promise<ListAnswer> {
    const shaped = await this.#shape(type, call)
    return shaped.kind === 'shape' ? list(shaped.shape, position, limit, this.#reader, call) : shaped
  }

  async upsert(type: string, request: UpsertRequest, call: Call): Promise<WriteAnswer> {
    return (await this.writeMany(type, [{ action: 'upsert', ...request }], call))[0]!
  }

  async delete(type: string, request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    return (await this.writeMany(type, [{ action: 'delete', ...request }], call))[0]!
  }

  async writeMany(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    const answers = new Map<Write, WriteAnswer>()
    for (const round of roundsOf(writes, BATCH_ROWS_MAX))
      for (const [i, answer] of (await this.#write(type, round, call)).entries())
        answers.set(round[i]!, answer)
    return writes.map((write) => answers.get(write)!)
  }

  async describe(types: readonly string[] | undefined, call: Call): Promise<DescribeAnswer> {
    this.#forget()
    const described: Extract<DescribeAnswer, { kind: 'types' }>['types'] = []
    for (const type of types ?? Object.keys(this.#config.models)) {
      const facts = await this.#facts.of(type, call)
      if (facts.kind !== 'facts') return facts
      const shaped = type in this.#config.models ? await this.#shape(type, call) : undefined
      // A model that lacks a configured field is told as it is; whoever compares finds out.
      if (shaped?.kind === 'shape') described.push(typeOfShape(shaped.shape))
      else if (shaped === undefined || shaped.kind === 'rejected')
        described.push(typeOfFacts(type, facts.facts))
      else return shaped
    }
    return { kind: 'types', types: described }
  }

  async #write(type: string, writes: readonly Write[], call: Call): Promise<WriteAnswer[]> {
    const shaped = await this.#shape(type, call)
    if (shaped.kind === 'shape') return this.#writer.write(shaped.shape, writes, call)
    return writes.map(() => notMade(shaped))
  }

  async #rows(shape: Shape, ids: readonly string[], call: Call): Promise<ReadAnswer[]> {
    const found = await this.#reader.byIds(
      shape,
      ids.filter((id) => /^\d{1,15}$/.test(id)),
      call,
    )
    if (found.kind !== 'rows') return ids.map(() => found)
    const rows = new Map(found.rows.map((raw) => [String(raw.id), raw]))
    return ids.map((id) => {
      const raw = rows.get(id)
      return raw ? { kind: 'row', row: rowOf(shape, raw) } : { kind: 'absent' }
    })
  }

  async #shape(type: string, call: Call): Promise<Shaped> {
    const config = this.#config.models[type]
    const known = Object.keys(this.#config.models).join(', ')
    if (!config) return { kind: 'rejected', reason: `'${type}' is none of the configured models: ${known}` }
    const shaped = this.#shapes.get(type) ?? (await shapeOf(type, config, this.#facts, call))
    if (shaped.kind === 'shape') this.#shapes.set(type, shaped)
    return shaped
  }

  /** As the server has it now. */
  #reshape(type: string, call: Call): Promise<Shaped> {
    this.#forget()
    return this.#shape(type, call)
  }

  /** What the server's schema was. */
  #forget(): void {
    this.#facts.forget()
    this.#shapes.clear()
  }
}
