/** A mapping ready for use: checked against the replica's collections, with every function guarded. */
import type { Collection, Json, JsonObject } from '@skerry/core'
import type { ExternalRow } from './adapter-port.ts'
import { BridgeError } from './bridge-error.ts'
import { hintFor } from './config-issue.ts'
import type { Tier } from './delivery/tiers.ts'
import type { MatchConfig, MergeConfig } from './identity/identity-config.ts'
import { checkAmongEachOther, checkDefaults, checkIdentity, checkOverlaps } from './mapping/check.ts'
import { codeOf } from './mapping/code.ts'
import { type Field, rowPart, withField } from './mapping/field.ts'
import { MappingFile } from './mapping/file.ts'
import { makeField, makeGroup, type Place } from './mapping/make-field.ts'
import { type Mode, makeMode } from './mapping/mode.ts'
import { checkNever, type Never, neverBridged } from './mapping/never.ts'
import { type Path, parsePath, valueAt, withValueAt } from './mapping/path.ts'
import { Report } from './mapping/report.ts'
import type { DeleteRule, MappingConfig } from './mapping-config.ts'
import type { Hasher } from './privacy/hmac.ts'
import { unquoted } from './privacy/unquoted.ts'
import { rowWithout, without } from './privacy/without.ts'
import { mayEndInReview } from './rules/resolve.ts'

export interface Mapping {
  collection: Collection
  type: string
  fields: readonly Field[]
  /** What is kept of a row, by the name of its field: all of it where something below it is written (SPEC B-70), else these paths. */
  kept: ReadonlyMap<string, 'whole' | readonly Path[]>
  /** Whether anything of it is written, and taken in. */
  outward: boolean
  inward: boolean
  deletes: DeleteRule
  /** Some field of it may be put back after an edit here, or after what other systems say. */
  hasAuthority: boolean
  /** Some conflict of it may wait for a person. */
  mayHold: boolean
  mode: Mode
  tier: Tier
  /** Its writes may be of the critical tier, all or some. */
  hasCritical: boolean
  defaults: JsonObject
  /** As a row has them. */
  rowDefaults: JsonObject
  /** None: rows and records are known by the external id alone. */
  match: readonly MatchConfig[]
  merge: MergeConfig
  /** Of a record, what may stand in no table of the bridge (SPEC B-159). */
  withheld: readonly Path[]
  never: Never
  /** What of a record and of a row rules, filters and functions of the configuration may see: nothing that is never bridged. */
  seen(record: JsonObject): JsonObject
  seenRow(row: ExternalRow): ExternalRow
  /** @throws BridgeError mapping */
  takes(row: ExternalRow): boolean
  /** @throws BridgeError mapping */
  writes(record: JsonObject): boolean
  /** As it was configured, functions by their text: whether it is the same as at another start. */
  source: string
  /** What will work otherwise than is probably meant. */
  warnings: readonly string[]
}

/** @param system the bridge's name @param hash of hashed fields; absent where the bridge has no key @throws BridgeError bridge-config, one line for each thing that is wrong */
export function makeMappings(
  source: readonly MappingConfig[] | MappingFile,
  collections: ReadonlyMap<string, Collection>,
  system: string,
  hash?: Hasher | undefined,
): Mapping[] {
  const configs = source instanceof MappingFile ? source.mappings : source
  const report = new Report(['mappings'])
  checkAmongEachOther(configs, report)
  const mappings = configs.map((config, i) =>
    makeMapping(config, { collections, system, hash }, report.within(i)),
  )
  report.close((issue) => (source instanceof MappingFile ? source.at(issue) : 'bridge'))
  return mappings.filter((mapping) => mapping !== undefined)
}

function makeMapping(
  config: MappingConfig,
  {
    collections,
    system,
    hash,
  }: { collections: ReadonlyMap<string, Collection>; system: string; hash: Hasher | undefined },
  report: Report,
): Mapping | undefined {
  const where = `mapping ${config.collection} ↔ ${config.type}`
  const collection = collections.get(config.collection)
  if (!collection)
    return report
      .within('collection')
      .say(
        `there is no collection '${config.collection}' in this replica; ${hintFor(config.collection, [...collections.keys()])}`,
      )
  const warnings: string[] = []
  const direction = config.direction ?? 'both'
  const warn = (message: string) => void warnings.push(message)
  const fields = makeFields({ where, collection, direction, system, hash, report, warn }, config)
  const mode = makeMode(config.mode, config.collectMs, report)
  const { filter, tier = 'operational', deletes = 'edit-wins' } = config
  const takes = codeOf(`${where}: filter.in`, filter?.in, report.within('filter', 'in'))
  const writes = codeOf(`${where}: filter.out`, filter?.out, report.within('filter', 'out'))
  // An expression sees the fields of a row, a function also its id, version and times.
  const seesFields = typeof filter?.in === 'string'
  checkDefaults(report, collection, config)
  checkIdentity(report, fields, config)
  const never = neverBridged(report.within('never'), collection, config.never)
  checkNever(report, never, config)
  const urgent = fields.find((field) => field.urgent)
  if (urgent && tier === 'reference')
    report
      .within('tier')
      .say(
        `'${urgent.name}' is urgent, but writes of the tier 'reference' wait for approval; choose another tier, or leave out urgent`,
      )
  if (!mode) return undefined
  const seen = (record: JsonObject) => without(record, never.record)
  const seenRow = (row: ExternalRow) => rowWithout(row, never.row)
  const filterOut = `${where}: filter.out`
  const hasHashed = fields.some(({ hashed }) => hashed)
  const filtered = (run: () => Json | undefined) =>
    hasHashed ? unquoted(filterOut, () => wantBoolean(filterOut, run())) : wantBoolean(filterOut, run())
  return {
    collection,
    type: config.type,
    fields,
    kept: keptOf(fields, config.rowDefaults ?? {}),
    outward: fields.some((field) => field.direction !== 'in'),
    inward: fields.some((field) => field.direction !== 'out'),
    deletes,
    hasAuthority: fields.some(({ authority }) => authority === 'that' || Array.isArray(authority)),
    mayHold: deletes === 'review' || fields.some(({ rule }) => mayEndInReview(rule)),
    mode,
    tier,
    hasCritical: tier === 'critical' || urgent !== undefined,
    defaults: config.defaults ?? {},
    rowDefaults: nested(config.rowDefaults ?? {}),
    match: config.match ?? [],
    merge: config.merge ?? {},
    withheld: [...never.record, ...fields.filter(({ hashed }) => hashed).flatMap(({ record }) => record)],
    never,
    seen,
    seenRow,
    takes: (row) => {
      const seenOf = seenRow(row)
      return (
        takes === undefined || wantBoolean(`${where}: filter.in`, takes(seesFields ? seenOf.value : seenOf))
      )
    },
    writes: (record) => writes === undefined || filtered(() => writes(seen(record))),
    source: JSON.stringify(config, (_, value: unknown) =>
      typeof value === 'function' ? String(value) : value,
    ),
    warnings,
  }
}

function makeFields(place: Place, config: MappingConfig): Field[] {
  const made: [Field | undefined, Report][] = []
  for (const [name, field] of Object.entries(config.fields)) {
    const report = place.report.within('fields', name)
    made.push([makeField({ ...place, report }, name, field), report])
  }
  for (const [i, group] of (config.groups ?? []).entries()) {
    const report = place.report.within('groups', i)
    made.push([makeGroup({ ...place, report }, group), report])
  }
  const fields: Field[] = []
  for (const [field, report] of made) {
    if (!field) continue
    checkOverlaps(report, field, fields)
    fields.push(field)
  }
  return fields
}

function wantBoolean(what: string, given: Json | undefined): boolean {
  if (typeof given === 'boolean' || given === undefined) return given ?? false
  throw new BridgeError('mapping', `${what} gave ${JSON.stringify(given)}; want true or false`)
}

function keptOf(fields: readonly Field[], rowDefaults: JsonObject): Map<string, 'whole' | readonly Path[]> {
  const kept = new Map<string, 'whole' | readonly Path[]>()
  for (const { row, direction } of fields)
    for (const path of row) {
      const before = kept.get(path.root) ?? []
      kept.set(path.root, direction !== 'in' || before === 'whole' ? 'whole' : [...before, path])
    }
  for (const name of Object.keys(rowDefaults)) kept.set(parsePath(name).root, 'whole')
  return kept
}

function nested(values: JsonObject): JsonObject {
  return Object.entries(values).reduce((row, [name, value]) => withValueAt(row, parsePath(name), value), {})
}

/** The row's mapped fields by external name; an absent one is null. */
export function mappedValue({ kept }: Mapping, row: ExternalRow): JsonObject {
  const { value } = row
  return Object.fromEntries(
    [...kept].map(([root, what]) => [
      root,
      (what === 'whole' ? value[root] : pruned(value, what)[root]) ?? null,
    ]),
  )
}

function pruned(value: JsonObject, paths: readonly Path[]): JsonObject {
  return paths.reduce((less, path) => withValueAt(less, path, valueAt(value, path)), {})
}

/** What a row says, by the record's fields. @param mapped its mapped value @throws BridgeError mapping */
export function recordValue({ fields }: Mapping, mapped: JsonObject): JsonObject {
  return fields.reduce<JsonObject>(
    (value, field) => withField(value, field, field.from(rowPart(mapped, field))),
    {},
  )
}

/** The mapped value of a row that says nothing. */
export function emptyValue({ kept }: Mapping): JsonObject {
  return Object.fromEntries([...kept.keys()].map((root) => [root, null]))
}

/** Whether two rows say the same in a field. */
export function sameIn(field: Field, a: JsonObject, b: JsonObject): boolean {
  return field.same(rowPart(a, field), rowPart(b, field))
}

/** Fields that a write changes, of those that may be written: what is only taken in may look at what another one writes. @param before the row @param sent what is written, by external name */
export function fieldsSent({ fields }: Mapping, before: JsonObject, sent: JsonObject): Field[] {
  const after = { ...before, ...sent }
  return fields.filter((field) => field.direction !== 'in' && !sameIn(field, before, after))
}
