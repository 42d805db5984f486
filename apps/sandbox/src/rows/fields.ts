/**
 * The values of a row: checked against the type's declaration, and changed by JSON Merge Patch (RFC 7396): a named
 * field takes the new value, `null` removes it, what is not named stays. Lists are replaced whole, as RFC 7396 says.
 */
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { checked, Problem } from '../problem.ts'
import type { Field, ObjectType } from './object-type.ts'

export type Fields = Record<string, unknown>

type FieldsCheck = z.ZodType<Fields>

function fieldSchema(field: Field): z.ZodType {
  switch (field.kind) {
    case 'string':
      return z.string().max(field.lengthMax)
    case 'number':
      return z
        .number()
        .min(field.min ?? -Number.MAX_VALUE)
        .max(field.max ?? Number.MAX_VALUE)
    case 'boolean':
      return z.boolean()
    case 'enum':
      return z.enum(field.values)
    case 'list':
      return z.array(z.strictObject(schemasOf(field.item))).max(field.itemsMax)
  }
}

function schemasOf(fields: Record<string, Field>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)]))
}

/** The merge patches a type allows: any of its fields, each with a legal value or `null`. */
function patchSchema(type: ObjectType): FieldsCheck {
  const schemas = Object.entries(schemasOf(type.fields))
  return z.strictObject(
    Object.fromEntries(schemas.map(([name, schema]) => [name, schema.nullable().optional()])),
  )
}

/** Knows the types of one sandbox; schemas are built once, since building one costs more than using it. */
export class FieldRules {
  readonly #checks: ReadonlyMap<string, FieldsCheck>

  constructor(types: ReadonlyMap<string, ObjectType>) {
    this.#checks = new Map([...types.values()].map((type) => [type.name, patchSchema(type)]))
  }

  assertType(type: string): void {
    this.#checkOf(type)
  }

  /** @throws Problem unknown-type, or invalid-fields with `errors: [{ path, message, code }]`. */
  check(type: string, patch: unknown): Fields {
    return checked(this.#checkOf(type), patch, 'invalid-fields', '/fields')
  }

  #checkOf(type: string): FieldsCheck {
    const check = this.#checks.get(type)
    if (check) return check
    throw new Problem(
      'unknown-type',
      `"${type}" is no object type here; known: ${[...this.#checks.keys()].join(', ')}`,
    )
  }
}

/** The merged fields, and the names of those whose value is now another. */
export function mergeFields(current: Fields, patch: Fields): { fields: Fields; changed: string[] } {
  const fields = { ...current }
  const changed: string[] = []
  for (const [name, value] of Object.entries(patch)) {
    if (isDeepStrictEqual(current[name] ?? null, value)) continue
    changed.push(name)
    if (value === null) delete fields[name]
    else fields[name] = value
  }
  return { fields, changed }
}
