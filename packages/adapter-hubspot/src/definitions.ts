/** What HubSpot says of the properties of each type: asked once, kept for a while, asked anew when an answer does not fit it. */
import type { Call, Failure } from '@skerry/bridge'
import * as z from 'zod'
import { type Client, failureTold } from './client.ts'
import type { TypeConfig } from './config.ts'
import { DEFINITIONS_KEPT_MS } from './limits.ts'
import { type Definition, definitionSchema } from './values.ts'

const listSchema = z.object({ results: z.array(definitionSchema) })

/** A configured type, with the definitions of its properties. */
export interface KnownType extends TypeConfig {
  kind: 'type'
  type: string
  definitions: ReadonlyMap<string, Definition>
}

export class Definitions {
  readonly #client: Client
  readonly #kept = new Map<string, { until: number; definitions: Map<string, Definition> }>()

  constructor(client: Client) {
    this.#client = client
  }

  /** A type that is not configured cannot be asked for, and one that lacks what is configured must not be read: it would look empty (SPEC HS-07). */
  async of(type: string, call: Call): Promise<KnownType | Failure> {
    const { types } = this.#client.config
    const config = Object.hasOwn(types, type) ? types[type] : undefined
    if (!config)
      return {
        kind: 'rejected',
        reason: `${type} is not among the configured types (${Object.keys(types).join(', ')})`,
      }
    const definitions = await this.#current(type, call)
    if (!(definitions instanceof Map)) return definitions
    const missing = config.properties.filter((name) => !definitions.has(name))
    if (missing.length > 0) return this.missing(type, missing)
    return { kind: 'type', type, ...config, definitions }
  }

  async #current(type: string, call: Call): Promise<Map<string, Definition> | Failure> {
    const { now } = this.#client.config
    const kept = this.#kept.get(type)
    if (kept && now() < kept.until) return kept.definitions
    const definitions = await this.fetch(type, call)
    if (definitions instanceof Map) this.#kept.set(type, { until: now() + DEFINITIONS_KEPT_MS, definitions })
    return definitions
  }

  /** Those in force now. */
  async fetch(type: string, call: Call): Promise<Map<string, Definition> | Failure> {
    const answer = await this.#client.send(
      { method: 'GET', path: `/crm/v3/properties/${encodeURIComponent(type)}` },
      call,
    )
    if (answer.kind !== 'told') return answer
    if (answer.meaning !== 'done') return failureTold(answer)
    const { data } = listSchema.safeParse(answer.body)
    if (!data) return { kind: 'unknown', reason: `${answer.about}: the answer holds no properties` }
    const living = data.results.filter(({ archived }) => !archived)
    return new Map(living.map((one) => [one.name, one]))
  }

  /** The answers that follow do not rest on what was known. */
  missing(type: string, names: readonly string[]): Failure {
    this.#kept.delete(type)
    const what = names.length === 1 ? 'property' : 'properties'
    return { kind: 'rejected', reason: `${type} has no ${what} ${names.join(', ')}`, fields: [...names] }
  }
}
