/** A mapping held against the system's schema, before anything is read or written (SPEC B-170 to B-174). Pure. */
import type { Scalar, Shape } from '@skerry/core'
import type { FieldSchema, TypeSchema } from '../adapter-port.ts'
import { hintFor } from '../config-issue.ts'
import type { Field } from '../mapping/field.ts'
import type { Path } from '../mapping/path.ts'
import type { Mapping } from '../mapping.ts'
import { HASH_LENGTH } from '../privacy/hmac.ts'
import type { Finding } from './finding.ts'
import { isDescribed, type SystemSchema } from './read-schema.ts'
import { shapeAt, wantsOf } from './wants.ts'

type Said = Pick<Finding, 'level' | 'code' | 'message'> & { external?: string }

/** @param mappings all of the bridge, for what references lead to */
export function checkMapping(
  mapping: Mapping,
  mappings: readonly Mapping[],
  schema: SystemSchema,
): Finding[] {
  const { type, collection } = mapping
  const told = schema.get(type)
  const about = { collection: collection.name, type }
  if (!isDescribed(told))
    return [
      {
        level: 'error',
        code: 'unknown-type',
        ...about,
        message: told?.missing ?? `${type} was not described`,
      },
    ]
  const said = mapping.fields.flatMap((field) =>
    checkField({ mapping, mappings, type: told }, field).map((one) => ({ ...one, field: field.name })),
  )
  return [...said, ...defaults(mapping, told), ...unfilled(mapping, told)].map((one) => ({
    ...about,
    ...one,
  }))
}

interface Held {
  mapping: Mapping
  mappings: readonly Mapping[]
  type: TypeSchema
}

export function isWritten({ direction, authority }: Field): boolean {
  return direction !== 'in' && authority !== 'that'
}

function checkField(held: Held, field: Field): Said[] {
  const { type, mapping } = held
  const shape = shapeAt(mapping.collection.shape, field)
  return field.row.flatMap((path) => {
    const known = fieldNamed(type, path)
    if (!known) return [unknownField(type, path)]
    const external = known.name
    // What lies within an object, and what several fields make together, the schema does not tell.
    const isWhole = path.steps.length === 1 || known.name === path.text
    const said = [
      ...(isWritten(field) && !known.writable ? [readOnly(external, field)] : []),
      ...(isWhole && field.row.length === 1 ? checkKind(held, field, known, shape) : []),
    ]
    return said.map((one) => ({ external, ...one }))
  })
}

export function fieldNamed({ fields }: TypeSchema, { text, root }: Path): FieldSchema | undefined {
  return fields.find(({ name }) => name === text) ?? fields.find(({ name }) => name === root)
}

function unknownField({ type, fields }: TypeSchema, path: Path): Said {
  const { text, root, steps } = path
  // Some systems lead from row to row by names that no field has: `Account.Name`.
  const level = steps.length > 1 ? 'warning' : 'error'
  const hint = hintFor(
    root,
    fields.map(({ name }) => name),
  )
  return { level, code: 'unknown-field', external: text, message: `${type} has no field '${root}'; ${hint}` }
}

function readOnly(external: string, { direction }: Field): Said {
  const what = direction === 'out' ? 'it cannot be bridged' : "map it with direction 'in'"
  return { level: 'error', code: 'read-only', message: `'${external}' cannot be written; ${what}` }
}

function checkKind(held: Held, field: Field, known: FieldSchema, shape: Shape | undefined): Said[] {
  const wants = wantsOf(field, shape)
  if (!wants) return []
  const is = `'${known.name}' is of kind ${known.kind}`
  const isExact = wants.fits.includes(known.kind)
  if (!isExact && !wants.loses.includes(known.kind))
    return [
      {
        level: 'error',
        code: 'wrong-kind',
        message: `${is}, and the mapping wants ${wants.what}: ${hinted(known)}`,
      },
    ]
  return [
    ...(isExact ? [] : [lossy(`${is}, and the mapping has ${wants.what}: some values do not go through`)]),
    ...length(field, known, shape),
    ...precision(field, known),
    ...values(field, known, shape),
    ...reference(held, field, known),
  ]
}

function lossy(message: string): Said {
  return { level: 'warning', code: 'too-precise', message }
}

function hinted({ kind }: FieldSchema): string {
  if (kind === 'reference') return 'map it with reference, or as text'
  return `map it with kind: ${kind}, or with to and from`
}

function length(field: Field, { name, lengthMax }: FieldSchema, shape: Shape | undefined): Said[] {
  if (field.hashed && lengthMax !== undefined && lengthMax < HASH_LENGTH) {
    const message = `'${name}' takes ${lengthMax} code units, and a hash has ${HASH_LENGTH}: all will be refused; give it another field`
    return [{ level: 'error', code: 'too-long', message }]
  }
  if (field.hashed) return []
  const isText = shape?.kind === 'text' || (shape?.kind === 'scalar' && shape.holds.includes('string'))
  if (lengthMax === undefined || !isText || !isWritten(field) || field.reference) return []
  const own = shape.kind === 'scalar' ? shape.lengthMax : undefined
  if (own !== undefined && own <= lengthMax) return []
  const has = own === undefined ? 'any length' : `up to ${own}`
  const message = `'${name}' takes ${lengthMax} code units, and ${field.name} may have ${has}: longer ones will be refused`
  return [{ level: 'warning', code: 'too-long', message }]
}

function precision(field: Field, { name, scale }: FieldSchema): Said[] {
  const { conversion } = field
  if (scale === undefined || !isWritten(field) || conversion === 'code' || conversion?.kind !== 'decimal')
    return []
  if (conversion.scale !== undefined && conversion.scale <= scale) return []
  const has = conversion.scale === undefined ? 'any number of digits' : `${conversion.scale}`
  return [
    lossy(
      `'${name}' takes ${scale} digits behind the point, and ${field.name} may have ${has}; give it scale: ${scale}`,
    ),
  ]
}

function values(field: Field, known: FieldSchema, shape: Shape | undefined): Said[] {
  if (!known.values || known.kind !== 'enum') return []
  const { conversion } = field
  const table = conversion === 'code' ? undefined : conversion?.values
  const choices = shape?.kind === 'scalar' ? shape.choices : undefined
  const ours: readonly Scalar[] | undefined = table ? Object.values(table) : choices
  if (!ours) return []
  const theirs = known.values
  const unknown = ours.map(String).filter((value) => !theirs.includes(value))
  const unmapped = theirs.filter((value) => !ours.map(String).includes(value))
  const said: Said[] = []
  if (isWritten(field) && unknown.length > 0)
    said.push({
      level: 'error',
      code: 'missing-value',
      message: `'${known.name}' does not take ${unknown.join(', ')}; it takes ${theirs.join(', ')}`,
    })
  if (field.direction !== 'out' && unmapped.length > 0)
    said.push({
      level: 'warning',
      code: 'missing-value',
      message: `'${known.name}' may be ${unmapped.join(', ')}, which ${table ? 'the table does not have' : `${field.name} cannot be`}: such rows are set aside`,
    })
  return said
}

function reference({ mappings }: Held, { reference: to }: Field, { name, references }: FieldSchema): Said[] {
  if (!to || !references || references.length === 0) return []
  const types = mappings.filter(({ collection }) => collection.name === to.collection).map(({ type }) => type)
  if (types.some((type) => references.includes(type))) return []
  const message = `'${name}' leads to ${references.join(', ')}, and ${to.collection} is mapped to ${types.join(', ')}`
  return [{ level: 'error', code: 'wrong-reference', message }]
}

/** Defaults of rows are written too. */
function defaults({ outward, rowDefaults }: Mapping, type: TypeSchema): Said[] {
  if (!outward) return []
  return Object.keys(rowDefaults).flatMap((name): Said[] => {
    const known = type.fields.find((field) => field.name === name)
    const path = { text: name, root: name, steps: [name] }
    if (!known) return [unknownField(type, path)]
    const message = `'${name}' cannot be written; take it out of rowDefaults`
    return known.writable ? [] : [{ level: 'error', code: 'read-only', external: name, message }]
  })
}

/** What a row cannot be without, and nothing here gives. */
function unfilled(mapping: Mapping, type: TypeSchema): Said[] {
  if (!mapping.outward) return []
  const parsed = mapping.collection.parse({})
  const wanted = 'issues' in parsed ? parsed.issues.map(({ path }) => path) : []
  return type.fields
    .filter(
      ({ required, writable, name }) => required && writable && !Object.hasOwn(mapping.rowDefaults, name),
    )
    .flatMap(({ name }): Said[] => {
      const giver = mapping.fields.find(
        (field) => isWritten(field) && field.row.some(({ root }) => root === name),
      )
      const isSure = giver?.record.some(({ steps }) => wanted.includes(`/${steps[0]}`))
      if (isSure) return []
      const what = giver ? `${giver.name} may be empty` : 'nothing fills it'
      const message = `${type.type} wants '${name}', and ${what}; map it, or give it in rowDefaults`
      return [{ level: giver ? 'warning' : 'error', code: 'unfilled', external: name, message }]
    })
}
