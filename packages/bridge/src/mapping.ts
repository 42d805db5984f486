/** A mapping ready for use: checked against the replica's collections, with every function guarded. */
import type { Collection, Json, JsonObject } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { BridgeError } from './bridge-error.ts'
import type { Tier } from './delivery/tiers.ts'
import { checkedDecision } from './field-decision.ts'
import { type MatchConfig, type MergeConfig, namedFields } from './identity/identity-config.ts'
import type { Authority, DeleteRule, Direction, FieldConfig, MappingConfig } from './mapping-config.ts'
import { type ConflictRule, mayEndInReview } from './rules/resolve.ts'

export interface Field {
  /** In the record. */
  name: string
  /** In the row. */
  external: string
  direction: Direction
  rule: ConflictRule
  urgent: boolean
  authority: Authority | undefined
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
  /** Some field of it may be put back after an edit here, or after what other systems say. */
  hasAuthority: boolean
  /** Some conflict of it may wait for a person. */
  mayHold: boolean
  collectMs: number
  tier: Tier
  /** Its writes may be of the critical tier, all or some. */
  hasCritical: boolean
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
  system: string,
): Mapping[] {
  for (const side of ['type', 'collection'] as const) {
    const twice = configs.find((config, i) => configs.findIndex((other) => other[side] === config[side]) < i)
    if (twice)
      throw new BridgeError(
        'bridge-config',
        `${side} '${twice[side]}' stands in two mappings of one bridge; each ${side} belongs to one`,
      )
  }
  return configs.map((config) => makeMapping(config, collections, system))
}

function makeMapping(
  config: MappingConfig,
  collections: ReadonlyMap<string, Collection>,
  system: string,
): Mapping {
  const where = `mapping ${config.collection} ↔ ${config.type}`
  const collection = collections.get(config.collection)
  if (!collection)
    throw new BridgeError(
      'bridge-config',
      `${where}: there is no collection '${config.collection}' in this replica; it has ${[...collections.keys()].join(', ')}`,
    )
  const fields = Object.entries(config.fields).map(([name, field]) =>
    makeField({ where, collection, system }, name, field),
  )
  checkExternalNames(where, fields)
  checkMapped(where, fields, namedFields(config))
  const { tier = 'operational' } = config
  const urgent = fields.find((field) => field.urgent)
  if (urgent && tier === 'reference')
    throw new BridgeError(
      'bridge-config',
      `${where}: '${urgent.name}' is urgent, but writes of the tier 'reference' wait for approval; choose another tier, or leave out urgent`,
    )
  return {
    collection,
    type: config.type,
    fields,
    outward: fields.some(({ direction }) => direction !== 'in'),
    inward: fields.some(({ direction }) => direction !== 'out'),
    deletes: config.deletes ?? 'edit-wins',
    hasAuthority: fields.some(({ authority }) => authority === 'that' || Array.isArray(authority)),
    mayHold: config.deletes === 'review' || fields.some(({ rule }) => mayEndInReview(rule)),
    collectMs: config.collectMs ?? 0,
    tier,
    hasCritical: tier === 'critical' || urgent !== undefined,
    defaults: config.defaults ?? {},
    match: config.match ?? [],
    merge: config.merge ?? {},
    takes: guarded(`${where}: filter.in`, config.filter?.in ?? (() => true)),
    writes: guarded(`${where}: filter.out`, config.filter?.out ?? (() => true)),
  }
}

function makeField(
  { where, collection, system }: { where: string; collection: Collection; system: string },
  name: string,
  config: string | FieldConfig,
): Field {
  const shape = collection.shape.fields.get(name)
  if (!shape)
    throw new BridgeError(
      'bridge-config',
      `${where}: '${name}' is no field of ${collection.name}; it has ${[...collection.shape.fields.keys()].join(', ')}`,
    )
  const given: FieldConfig = typeof config === 'string' ? { field: config } : config
  const { field, urgent = false, to, from } = given
  const outwards = guarded(`${where}: ${name}.to`, to ?? ((value) => value))
  const inwards = guarded(`${where}: ${name}.from`, from ?? ((value) => value ?? undefined))
  return {
    name,
    external: field,
    ...checkedDecision(`${where}: '${name}'`, shape, given, system),
    urgent,
    to: (value) => outwards(value) ?? null,
    from: inwards,
  }
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
