/** Rows that values written stand for: found by what they say, all of one kind in one call (SPEC TR-12). */
import type { Call, Failure } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import type { Reader } from './reader.ts'
import { plainValue } from './rows.ts'
import type { Inner } from './shape.ts'
import { encoded, Unfit } from './values.ts'

type Reference = Extract<Inner, { at: 'reference' }>

/** Stands in a draft where the id of a row will be. */
export class Lookup {
  readonly path: string
  readonly model: string
  readonly rest: string
  readonly value: Json
  readonly #type: string

  constructor({ path, via, rest, field }: Reference, value: Json) {
    this.path = path
    this.model = via.relation ?? ''
    this.rest = rest
    this.value = value
    this.#type = field.type
  }

  /** Lookups of one kind are made together. */
  get kind(): string {
    return `${this.model} ${this.rest}`
  }

  /** As Tryton takes it. @throws Unfit */
  get wanted(): Json {
    return encoded({ name: this.path, type: this.#type }, this.value)
  }
}

/** Ids by kind and value. */
export type Resolved = ReadonlyMap<string, readonly number[]>

/** All lookups, or the failure that kept the server from telling. */
export async function resolve(
  lookups: readonly Lookup[],
  reader: Reader,
  call: Call,
): Promise<{ kind: 'resolved'; ids: Resolved } | Failure> {
  const ids = new Map<string, number[]>()
  for (const [kind, alike] of Map.groupBy(lookups, (lookup) => lookup.kind)) {
    const { model, rest } = alike[0]!
    const values = [...new Map(alike.map(({ value, wanted }) => [JSON.stringify(value), wanted])).values()]
    const domain: Json[] = [[rest, 'in', values]]
    const found = await reader.others(model, { domain, fields: [rest] }, call)
    if (found.kind !== 'rows') return found
    for (const raw of found.rows) {
      const key = `${kind} ${JSON.stringify(plainValue(raw, rest))}`
      ids.set(key, [...(ids.get(key) ?? []), raw.id])
    }
  }
  return { kind: 'resolved', ids }
}

/** @throws Unfit when no row says so, or more than one */
export function idOf(ids: Resolved, { kind, model, rest, value, path }: Lookup): number {
  const [id, ...others] = ids.get(`${kind} ${JSON.stringify(value)}`) ?? []
  const said = `${model} with ${rest} ${JSON.stringify(value)}`
  if (id === undefined) throw new Unfit(path, `${path}: there is no ${said}`)
  if (others.length > 0)
    throw new Unfit(path, `${path}: there are several ${said}: ${[id, ...others].join(', ')}`)
  return id
}
