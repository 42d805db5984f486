/** Rows asked of the server, and checked to be rows before anybody relies on them. */
import type { Call, Failure } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import * as z from 'zod'
import type { Client } from './client.ts'
import { type Raw, rowFields } from './rows.ts'
import type { Shape } from './shape.ts'

interface Search {
  domain: readonly Json[]
  limit?: number | undefined
  order?: readonly (readonly [string, 'ASC'])[] | undefined
}

/** `at`: milliseconds since 1970 by the server's clock, when it answered. */
export type Found<Row> = { kind: 'rows'; rows: Row[]; at: number } | Failure

const rawSchema = z.looseObject({ id: z.number(), _timestamp: z.string() })
const ofRows = (rows: readonly Raw[]): Found<Raw> => ({ kind: 'rows', rows: [...rows], at: 0 })

export class Reader {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  /** Deactivated rows are among them. @param fields default: what a row needs; `also` what is wanted beside it */
  async rows(
    shape: Shape,
    {
      domain,
      fields,
      also = [],
      ...search
    }: Search & { fields?: readonly string[]; also?: readonly string[] },
    call: Call,
  ): Promise<Found<Raw>> {
    const whole = shape.hasActive ? withInactive(domain) : domain
    const wanted = [...(fields ?? rowFields(shape)), ...also]
    return this.others(shape.type, { ...search, domain: whole, fields: wanted }, call)
  }

  /** In no order; what is not there is left out. */
  async byIds(shape: Shape, ids: readonly string[], call: Call): Promise<Found<Raw>> {
    return ids.length === 0 ? ofRows([]) : this.rows(shape, { domain: [['id', 'in', ids.map(Number)]] }, call)
  }

  /** Rows of external ids; more than one of each, where the server allows it. */
  async byKeys(shape: Shape, keys: readonly string[], call: Call): Promise<Found<Raw>> {
    const { key } = shape.config
    if (keys.length === 0) return ofRows([])
    if (key !== undefined) return this.rows(shape, { domain: [[key, 'in', [...keys]]] }, call)
    return {
      kind: 'rejected',
      reason: `${shape.type} is configured without a key, by which a row of ours could be known`,
    }
  }

  /** Rows of any model, with id and stamp. */
  async others(
    model: string,
    { domain, limit, order, fields }: Search & { fields: readonly string[] },
    call: Call,
  ): Promise<Found<Raw>> {
    const wanted = [...new Set(['id', '_timestamp', ...fields])]
    const params = [domain, 0, limit ?? null, order ?? null, wanted]
    const answer = await this.#client.call(model, 'search_read', params, call)
    if (answer.kind === 'conflict') return { kind: 'later', reason: `${model}: a search met a change` }
    if (answer.kind !== 'result') return answer
    const parsed = z.array(rawSchema).safeParse(answer.value)
    if (parsed.success) return { kind: 'rows', rows: parsed.data, at: answer.at }
    return { kind: 'unknown', reason: `${model}: a search was answered with something that is no row` }
  }
}

/** A domain that names `active` is not narrowed to what is. */
export function withInactive(domain: readonly Json[]): Json[] {
  return [['active', 'in', [true, false]], ...domain]
}
