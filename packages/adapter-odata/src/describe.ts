/** The service's schema, and whether what is configured fits it (SPEC OD-17). */
import type { Call, DescribeAnswer, Failure, FieldSchema, TypeSchema } from '@skerry/bridge'
import type { Client } from './client.ts'
import type { TypeConfig } from './config.ts'
import { typesOf } from './csdl.ts'

export class Descriptions {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async describe(types: readonly string[] | undefined, call: Call): Promise<DescribeAnswer> {
    const all = await this.#metadata(call)
    if (!Array.isArray(all)) return all
    if (!types) return { kind: 'types', types: all }
    const found = types.map((name) => all.find(({ type }) => type === name))
    const missing = types.filter((_, i) => found[i] === undefined)
    if (missing.length > 0)
      return { kind: 'rejected', reason: `the service has no entity set ${missing.join(', ')}` }
    return { kind: 'types', types: found.filter((type) => type !== undefined) }
  }

  async check(call: Call): Promise<{ kind: 'ok' } | Failure> {
    const all = await this.#metadata(call)
    if (!Array.isArray(all)) return all
    const { types } = this.#client.config
    const wrong = Object.entries(types).flatMap(([set, config]) =>
      misfits(
        set,
        config,
        all.find(({ type }) => type === set),
      ),
    )
    return wrong.length === 0 ? { kind: 'ok' } : { kind: 'rejected', reason: wrong.join('; ') }
  }

  async #metadata(call: Call): Promise<TypeSchema[] | Failure> {
    const told = await this.#client.send(
      { method: 'GET', path: '/$metadata', headers: { accept: 'application/xml' } },
      call,
    )
    if (told.kind !== 'told') return told
    if (told.meaning !== 'done') return this.#client.failure(told)
    return (
      typesOf(told.text) ?? {
        kind: 'unknown',
        reason: `${told.about}: the answer is no metadata of a service`,
      }
    )
  }
}

function misfits(set: string, config: TypeConfig, described: TypeSchema | undefined): string[] {
  if (!described) return [`the service has no entity set ${set}`]
  const { key, externalId, modified, fields } = config
  const named = (name: string) => described.fields.find((field) => field.name === name)
  const wanted = [
    key,
    externalId,
    ...(modified === undefined ? [] : [modified]),
    ...fields.map(({ name }) => name),
  ]
  const missing = [...new Set(wanted)].filter((name) => !named(name))
  const holder = named(externalId)
  return [
    ...missing.map((name) => `${set} has no property ${name}`),
    ...(holder && !holder.writable
      ? [`${set}.${externalId} cannot be written, and is to hold external ids`]
      : []),
    ...fields.flatMap(({ name, kind }) => wrongKind(set, named(name), kind)),
  ]
}

/** Money must not pass through a float, nor times with different zones be compared. */
function wrongKind(set: string, field: FieldSchema | undefined, kind: string): string[] {
  if (field?.kind !== 'decimal' && field?.kind !== 'time') return []
  return field.kind === kind ? [] : [`${set}.${field.name} wants { kind: '${field.kind}' }`]
}
