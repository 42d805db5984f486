/** The fields of every version, found by undoing the lenses from the newest: only the newest version's schema is at hand. What does not lead there is refused when the collection is defined. */
import type { Lens } from './lens.ts'
import { type Json, SchemaDefinitionError, type Shape } from './shape.ts'

export type MapShape = Shape & { kind: 'map' }
export type Fields = ReadonlyMap<string, Shape>

/** Fields before the first lens, after it, after the second, and so on. @throws SchemaDefinitionError */
export function stagesOf(lenses: readonly Lens[], last: Fields, where: string): Fields[] {
  const stages = [last]
  for (const lens of [...lenses].reverse()) stages.unshift(fieldsBefore(stages[0]!, lens, where))
  return stages
}

/** What lenses inside a field see: the object, a row, a value of the dictionary. */
export function innerOf(shape: Shape): MapShape | undefined {
  if (shape.kind === 'map') return shape
  if (shape.kind === 'keyed') return shape.row
  return shape.kind === 'dictionary' ? innerOfValue(shape.value) : undefined
}

function innerOfValue(value: Shape): MapShape | undefined {
  return value.kind === 'map' ? value : undefined
}

function fieldsBefore(after: Fields, lens: Lens, where: string): Fields {
  switch (lens.op) {
    case 'rename':
      return moved(after, [lens.to], new Map([[lens.from, present(after, lens.to, where)]]), where)
    case 'add':
      checkBeginning(lens, present(after, lens.field, where), where)
      return moved(after, [lens.field], new Map(), where)
    case 'remove':
      return moved(after, [], new Map([[lens.field, lens.was]]), where)
    case 'convert':
      present(after, lens.field, where)
      return moved(after, [lens.field], new Map([[lens.field, lens.was]]), where)
    case 'replace':
      if (lens.was.size === 0 || lens.now.length === 0)
        throw new SchemaDefinitionError(`${where}: replace needs old fields and new ones`)
      for (const field of lens.now) present(after, field, where)
      return moved(after, lens.now, lens.was, where)
    case 'within':
      return moved(
        after,
        [lens.field],
        new Map([[lens.field, shapeBefore(present(after, lens.field, where), lens, where)]]),
        where,
      )
  }
}

function present(fields: Fields, field: string, where: string): Shape {
  const shape = fields.get(field)
  if (shape) return shape
  throw new SchemaDefinitionError(
    `${where}: this version has no field '${field}'; it has ${[...fields.keys()].join(', ')}`,
  )
}

function moved(after: Fields, gone: readonly string[], come: Fields, where: string): Fields {
  const fields = new Map([...after].filter(([field]) => !gone.includes(field)))
  for (const [field, shape] of come) {
    if (fields.has(field))
      throw new SchemaDefinitionError(`${where}: the version before would have two fields '${field}'`)
    fields.set(field, shape)
  }
  return fields
}

function shapeBefore(shape: Shape, lens: Lens & { op: 'within' }, where: string): Shape {
  const inner = innerOf(shape)
  const inside = `${where}: within('${lens.field}')`
  if (!inner) throw new SchemaDefinitionError(`${inside}: there is no object in this field`)
  const before: MapShape = { kind: 'map', fields: stagesOf(lens.lenses, inner.fields, inside)[0]! }
  if (shape.kind === 'dictionary') return { ...shape, value: before }
  if (shape.kind !== 'keyed') return before
  if (lens.lenses.some((one) => touches(one, shape.key)))
    throw new SchemaDefinitionError(
      `${inside}: '${shape.key}' tells the rows apart in every version, and stays what it is`,
    )
  return { ...shape, row: before }
}

function touches(lens: Lens, field: string): boolean {
  if (lens.op === 'rename') return lens.from === field || lens.to === field
  return lens.op === 'replace' ? lens.was.has(field) || lens.now.includes(field) : lens.field === field
}

function checkBeginning({ field, value }: Lens & { op: 'add' }, shape: Shape, where: string): void {
  if (value === undefined || isBeginning(shape, value)) return
  throw new SchemaDefinitionError(
    `${where}: add('${field}', ${JSON.stringify(value)}): ${shape.kind === 'scalar' ? 'a plain value is needed here' : 'what merges can only begin empty'}`,
  )
}

function isBeginning(shape: Shape, value: Json): boolean {
  switch (shape.kind) {
    case 'scalar':
      return typeof value !== 'object' || value === null
    case 'text':
      return value === ''
    case 'counter':
      return value === 0
    case 'list':
    case 'keyed':
      return Array.isArray(value) && value.length === 0
    case 'map':
    case 'dictionary':
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.keys(value).length === 0
      )
  }
}
