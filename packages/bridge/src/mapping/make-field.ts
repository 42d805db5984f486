/** A field of a mapping from its configuration: paths, conversion, and all that can be said against it before a record is touched. */
import { type Collection, equalJson, isObject, type Json, type JsonObject, type Shape } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import { hintFor } from '../config-issue.ts'
import { decisionOf } from '../field-decision.ts'
import type { Direction, FieldConfig, GroupConfig } from '../mapping-config.ts'
import type { Hasher } from '../privacy/hmac.ts'
import { unquoted } from '../privacy/unquoted.ts'
import { codeOf } from './code.ts'
import { BETWEEN_NAMES, type Field, type Reference, together } from './field.ts'
import { makeConversion } from './make-conversion.ts'
import { type Path, parsePath, withValueAt } from './path.ts'
import type { Report } from './report.ts'

export interface Place {
  /** `mapping jobs ↔ cases`, for errors at work. */
  where: string
  collection: Collection
  direction: Direction
  /** The bridge's name. */
  system: string
  /** Absent: the bridge has no key for it. */
  hash: Hasher | undefined
  report: Report
  /** Hears of what will work otherwise than is probably meant. */
  warn: (message: string) => void
}

export function makeField(place: Place, name: string, config: string | FieldConfig): Field | undefined {
  const { report } = place
  const settings = typeof config === 'string' ? { field: config } : config
  const row = (typeof config === 'string' ? report : report.within('field')).attempt(() => [
    parsePath(settings.field),
  ])
  const record = recordPath(place, name)
  const direction = directionOf(place, settings.direction)
  if (!row || !record || !direction) return undefined
  if (settings.hashed) return makeHashed(place, { name, settings, record, row, direction })
  const isWhole = record.path.steps.length === 1
  const decision = decisionOf(place, { name, shapes: [record.shape], isWhole, direction }, settings)
  const conversion = makeConversion(place, name, settings)
  const reference = referenceOf(report, settings, record.shape)
  if (!decision || !conversion) return undefined
  const { field: external, urgent = false } = settings
  const field = { name, external, record: [record.path], row, urgent, ...decision, ...conversion }
  return reference ? { ...field, same: sameId, reference } : field
}

/** It goes out as a hash, and nothing comes back (SPEC B-158). */
function makeHashed(
  place: Place,
  {
    name,
    settings,
    record,
    row,
    direction,
  }: {
    name: string
    settings: FieldConfig
    record: { path: Path; shape: Shape }
    row: readonly Path[]
    direction: Direction
  },
): Field | undefined {
  const { report, hash, collection, where } = place
  for (const key of ['from', 'reference', 'rule', 'authority'] as const)
    if (settings[key] !== undefined)
      report
        .within(key)
        .sayOfKey(`'${name}' is hashed: it is written and never taken in, and cannot have '${key}'`)
  if ((settings.direction ?? 'out') !== 'out' || direction === 'in')
    return report
      .within(settings.direction === undefined ? 'hashed' : 'direction')
      .say(`'${name}' is hashed, and a hash is only written; its direction is 'out'`)
  if (!hash)
    return report
      .within('hashed')
      .say(`'${name}' is hashed, and the bridge has no hashKey; give it one, of the environment or a file`)
  const isWhole = record.path.steps.length === 1
  const decision = decisionOf(place, { name, shapes: [record.shape], isWhole, direction: 'out' }, {})
  const conversion = makeConversion(place, name, settings)
  if (!decision || !conversion) return undefined
  const { field: external, urgent = false } = settings
  return {
    name,
    external,
    record: [record.path],
    row,
    urgent,
    hashed: true,
    ...decision,
    to: (value) => {
      const plain = unquoted(`${where}: ${name}.to`, () => conversion.to(value))
      return plain === null ? null : hash({ collection: collection.name, name }, plain)
    },
    from: () => undefined,
    conversion: 'code',
    same: equalJson,
  }
}

export function makeGroup(place: Place, config: GroupConfig): Field | undefined {
  const { report, where } = place
  const found = config.record.map((name, i) =>
    recordPath({ ...place, report: report.within('record', i) }, name),
  )
  const row = config.row.map((name, i) => report.within('row', i).attempt(() => parsePath(name)))
  const direction = directionOf(place, config.direction)
  if (!direction || !found.every((one) => one !== undefined) || !row.every((one) => one !== undefined))
    return undefined
  const name = config.record.join(BETWEEN_NAMES)
  const shapes = found.map(({ shape }) => shape)
  const decision = decisionOf(place, { name, shapes, isWhole: false, direction }, config)
  const [to, from] = [
    codeOf(`${where}: ${name}.to`, config.to, report.within('to')),
    codeOf(`${where}: ${name}.from`, config.from, report.within('from')),
  ]
  if (!decision) return undefined
  if (decision.direction !== 'in' && config.to === undefined) report.say("it is written, so it wants 'to'")
  if (decision.direction !== 'out' && config.from === undefined)
    report.say("it is taken in, so it wants 'from'")
  const record = found.map(({ path }) => path)
  return {
    name,
    external: config.row.join(BETWEEN_NAMES),
    record,
    row,
    urgent: config.urgent ?? false,
    ...decision,
    to: (value) =>
      value === undefined
        ? null
        : (fitting(`${where}: ${name}.to`, to?.(objectOf(value, record)), row) ?? null),
    from: (value) =>
      value === null ? undefined : fitting(`${where}: ${name}.from`, from?.(objectOf(value, row)), record),
    same: equalJson,
    conversion: 'code',
  }
}

function referenceOf(
  report: Report,
  { reference, by = 'rowId', as }: FieldConfig,
  shape: Shape,
): Reference | undefined {
  if (reference === undefined) return undefined
  if (shape.kind !== 'scalar')
    return report.say(`a reference is a scalar that holds an id, and this field is a ${shape.kind}`)
  if (as !== undefined && as !== 'number')
    return report.within('as').say(`a reference has no form '${as}'; it is text, or a number`)
  return { collection: reference, by, ...(as && { as }) }
}

/** A system that counts its rows may write an id as a number in one place and as text in another. */
function sameId(a: Json, b: Json): boolean {
  return equalJson(a, b) || (a !== null && b !== null && typeof a !== typeof b && String(a) === String(b))
}

/** A path into the collection's maps and dictionaries, with what it leads to. */
export function recordPath(
  { collection, report }: Pick<Place, 'collection' | 'report'>,
  name: string,
): { path: Path; shape: Shape } | undefined {
  const path = report.attempt(() => parsePath(name))
  if (!path) return undefined
  let shape: Shape = collection.shape
  for (const [i, step] of path.steps.entries()) {
    const inner: Shape | undefined = shapeInside(shape, step)
    if (!inner) {
      const holder = [collection.name, ...path.steps.slice(0, i)].join('.')
      return report.sayOfKey(
        shape.kind === 'map'
          ? `'${step}' is no field of ${holder}; ${hintFor(step, [...shape.fields.keys()])}`
          : `${holder} is a ${shape.kind}, and a path cannot lead into it`,
      )
    }
    shape = inner
  }
  return { path, shape }
}

function shapeInside(shape: Shape, step: string): Shape | undefined {
  if (shape.kind === 'dictionary') return shape.value
  return shape.kind === 'map' ? shape.fields.get(step) : undefined
}

function directionOf({ direction, report }: Place, own: Direction | undefined): Direction | undefined {
  if (own === undefined || own === direction || direction === 'both') return own ?? direction
  // The mapping's is the narrower one: a field cannot do what its mapping does not.
  if (own === 'both') return direction
  return report.within('direction').say(`'${own}' in a mapping of direction '${direction}' would do nothing`)
}

/** What a group's function is given: an object also where its side is one field. */
function objectOf(value: Json, paths: readonly Path[]): Json {
  const [only] = paths
  return paths.length === 1 && only ? withValueAt({}, only, value) : value
}

/** What a group's function made, as it is read back from where it is put. */
function fitting(what: string, made: Json | undefined, paths: readonly Path[]): Json | undefined {
  if (made === undefined || made === null) return undefined
  const roots = paths.map(({ root }) => root)
  const odd = isObject(made) ? Object.keys(made).find((key) => !roots.includes(key)) : JSON.stringify(made)
  if (odd !== undefined)
    throw new BridgeError('mapping', `${what} made ${odd}; want an object with ${roots.join(', ')}`)
  return together(made as JsonObject, paths)
}
