/** sObject Collections: 200 rows in one request, each with an outcome of its own. Changes are read again in the same request. */
import type { Call, ExternalRow, Failure, Write } from '@skerry/bridge'
import * as z from 'zod'
import { errorsOf } from './classify.ts'
import { type Client, failureTold, type Part, type Told } from './client.ts'
import type { TypeConfig } from './config.ts'
import type { Carried, Carrier, Kind } from './many.ts'
import { type Reader, retrieveRequest } from './reader.ts'

const resultsSchema = z.array(
  z.object({ id: z.string().optional(), success: z.boolean(), errors: z.array(z.unknown()).default([]) }),
)

export class Collections implements Carrier {
  readonly #client: Client
  readonly #reader: Reader

  constructor(client: Client, reader: Reader) {
    this.#client = client
    this.#reader = reader
  }

  takes(): boolean {
    return true
  }

  async carry(
    type: string,
    config: TypeConfig,
    kind: Kind,
    writes: readonly Write[],
    call: Call,
  ): Promise<Carried[]> {
    if (kind === 'change') return this.#change(type, config, writes, call)
    const answer = await this.#client.send(requestOf(type, config, kind, writes), call)
    return answer.kind === 'told' ? outcomesOf(writes, answer) : writes.map(() => answer)
  }

  async #change(type: string, config: TypeConfig, writes: readonly Write[], call: Call): Promise<Carried[]> {
    const ids = writes.map(({ id = '' }) => id)
    const parts: Part[] = [
      { id: 'written', ...requestOf(type, config, 'change', writes) },
      { id: 'rows', ...retrieveRequest(type, config, ids) },
    ]
    const askedAt = this.#client.clock.now()
    const answers = await this.#client.composite(parts, call)
    if (!Array.isArray(answers)) return writes.map(() => answers)
    const rows = this.#reader.retrieved(type, config, answers[1]!, askedAt)
    const byId = new Map(Array.isArray(rows) ? rows.map((row): [string, ExternalRow] => [row.id, row]) : [])
    return outcomesOf(writes, answers[0]!).map((outcome) =>
      outcome.kind === 'written' ? { ...outcome, row: byId.get(outcome.id) } : outcome,
    )
  }
}

function requestOf(type: string, { externalId }: TypeConfig, kind: Kind, writes: readonly Write[]) {
  const path = '/composite/sobjects'
  if (kind === 'delete')
    return { method: 'DELETE', path: `${path}?ids=${writes.map(({ id }) => id).join(',')}` } as const
  const attributes = { type }
  const records = writes.map((write) => {
    const fields = write.action === 'upsert' ? write.fields : {}
    const named = kind === 'create' ? { [externalId]: write.externalId } : { id: write.id }
    return { attributes, ...fields, ...named }
  })
  return { method: kind === 'create' ? 'POST' : 'PATCH', path, body: { allOrNone: false, records } } as const
}

function outcomesOf(writes: readonly Write[], answer: Told): Carried[] {
  if (answer.meaning !== 'done') return writes.map(() => failureTold(answer))
  const { data: results } = resultsSchema.safeParse(answer.body)
  if (results?.length !== writes.length) {
    const failure: Failure = { kind: 'unknown', reason: `${answer.about}: not one result for each row` }
    return writes.map(() => failure)
  }
  return results.map(({ id, success, errors }, i) => {
    if (success) return { kind: 'written', id: id ?? writes[i]!.id ?? '' }
    return { kind: 'refused', errors: errorsOf(errors) }
  })
}
