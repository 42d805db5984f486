/** A mapping ready for use: checked against the replica's collections, with every function guarded. */
import type { Collection, Json, JsonObject, Shape } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { BridgeError } from './bridge-error.ts'
import { type MatchConfig, type MergeConfig, namedFields } from './identity/identity-config.ts'
import type { ConflictRule, DeleteRule, Direction, FieldConfig, MappingConfig } from './mapping-config.ts'

export interface Field {
  /** In the record. */
  name: string
  /** In the row. */
  external: string
  direction: Direction
  rule: ConflictRule
  /** @throws BridgeError mapping */
  to(value: Json | undefined): Json
  /** @throws BridgeError mapping */
  from(value: Json): Json | undefined
}

export interface Mapping {
  collection: Collection
  type: string
  fields: readonly Field[]
  /** Whether anything of it is written, and taken in. */
  outward: boolean
  inward: boolean
  deletes: DeleteRule
  collectMs: number
  defaults: JsonObject
  /** None: rows and records are known by the external id alone. */
  match: readonly MatchConfig[]
  merge: MergeConfig
  /** @throws BridgeError mapping */
  takes(row: ExternalRow): boolean
  /** @throws BridgeError mapping */
  writes(record: JsonObject): boolean
}

/** @throws BridgeError bridge-config, one line for each thing that is wrong */
export function makeMappings(
  configs: readonly MappingConfig[],
  collections: ReadonlyMap<string, Collection>,
): Mapping[] {
  for (const side of ['type', 'collection'] as const) {
    const twice = configs.find((config, i) => configs.findIndex((other) => other[side] === config[side]) < i)
    if (twice)
      throw new BridgeError(
        'bridge-config',
        `${side} '${twice[side]}' stands in two mappings of one bridge; each ${side} belongs to one`,
      )
  }
  return configs.map((config) => makeMapping(config, collections))
}

function makeMapping(config: MappingConfig, collections: ReadonlyMap<string, Collection>): Mapping {
  const where = `mapping ${config.collection} ↔ ${config.type}`
  const collection = collections.get(config.collection)
  if (!collection)
    throw new BridgeError(
      'bridge-config',
      `${where}: there is no collection '${config.collection}' in this replica; it has ${[...collections.keys()].join(', ')}`,
    )
  const fields = Object.entries(config.fields).map(([name, field]) =>
    makeField(where, collection, name, field),
  )
  checkExternalNames(where, fields)
  checkMapped(where, fields, namedFields(config))
  return {
    collection,
    type: config.type,
    fields,
    outward: fields.some(({ direction }) => direction !== 'in'),
    inward: fields.some(({ direction }) => direction !== 'out'),
    deletes: config.deletes ?? 'edit-wins',
    collectMs: config.collectMs ?? 0,
    defaults: config.defaults ?? {},
    match: config.match ?? [],
    merge: config.merge ?? {},
    takes: guarded(`${where}: filter.in`, config.filter?.in ?? (() => true)),
    writes: guarded(`${where}: filter.out`, config.filter?.out ?? (() => true)),
  }
}

function makeField(where: string, collection: Collection, name: string, config: string | FieldConfig): Field {
  const shape = collection.shape.fields.get(name)
  if (!shape)
    throw new BridgeError(
      'bridge-config',
      `${where}: '${name}' is no field of ${collection.name}; it has ${[...collection.shape.fields.keys()].join(', ')}`,
    )
  const {
    field,
    direction = 'both',
    rule = defaultRule(shape),
    to,
    from,
  } = typeof config === 'string' ? { field: config } : config
  if (rule === 'merge' && shape.kind === 'scalar')
    throw new BridgeError(
      'bridge-config',
      `${where}: '${name}' is a scalar and cannot merge; choose last-writer, this-side or that-side`,
    )
  const outwards = guarded(`${where}: ${name}.to`, to ?? ((value) => value))
  const inwards = guarded(`${where}: ${name}.from`, from ?? ((value) => value ?? undefined))
  return { name, external: field, direction, rule, to: (value) => outwards(value) ?? null, from: inwards }
}

function defaultRule(shape: Shape): ConflictRule {
  return shape.kind === 'scalar' ? 'last-writer' : 'merge'
}

function checkExternalNames(where: string, fields: readonly Field[]): void {
  const seen = new Set<string>()
  for (const { external } of fields) {
    if (seen.has(external))
      throw new BridgeError(
        'bridge-config',
        `${where}: the external field '${external}' stands for two fields of the record`,
      )
    seen.add(external)
  }
}

/** Only what both sides have can be compared, or survive on both. */
function checkMapped(where: string, fields: readonly Field[], named: readonly string[]): void {
  const stranger = named.find((name) => !fields.some((field) => field.name === name))
  if (stranger !== undefined)
    throw new BridgeError(
      'bridge-config',
      `${where}: match or merge names '${stranger}', which is no mapped field; mapped are ${fields.map(({ name }) => name).join(', ')}`,
    )
}

function guarded<Argument, Result>(
  what: string,
  call: (argument: Argument) => Result,
): (argument: Argument) => Result {
  return (argument) => {
    try {
      return call(argument)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new BridgeError('mapping', `${what} failed: ${reason}`, { cause })
    }
  }
}

/** The row's mapped fields by external name; an absent one is null. */
export function mappedValue(mapping: Mapping, row: ExternalRow): JsonObject {
  return Object.fromEntries(mapping.fields.map(({ external }) => [external, row.value[external] ?? null]))
}

/** What the row says, by the record's fields. @throws BridgeError mapping */
export function recordValue(mapping: Mapping, row: ExternalRow): JsonObject {
  const value: JsonObject = {}
  for (const { name, external, from } of mapping.fields) {
    const field = from(row.value[external] ?? null)
    if (field !== undefined) value[name] = field
  }
  return value
}

/** The mapped value of a row that says nothing. */
export function emptyValue(mapping: Mapping): JsonObject {
  return Object.fromEntries(mapping.fields.map(({ external }) => [external, null]))
}

export function withField(value: JsonObject, name: string, field: Json | undefined): JsonObject {
  const { [name]: _, ...others } = value
  return field === undefined ? others : { ...others, [name]: field }
}
