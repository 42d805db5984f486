/**
 * What changes from one version of a collection to the next, said so that it can be read in both directions. A lens never touches a document: a field keeps its stored key
 * for ever, and versions differ in what they call it and how they read it. So devices of different versions edit the same stored field, and their edits merge.
 */
import type * as z from 'zod'
import { type Json, type JsonObject, SchemaDefinitionError, type Shape, shapeOf } from './shape.ts'

export type Lens =
  | { op: 'rename'; from: string; to: string }
  | { op: 'add'; field: string; value: Json | undefined }
  | { op: 'remove'; field: string; was: Shape; left: Json | undefined }
  | Convert
  | Replace
  | { op: 'within'; field: string; lenses: readonly Lens[] }

/** One stored field that versions read differently. */
export interface Convert {
  op: 'convert'
  field: string
  was: Shape
  forward(old: Json): Json | undefined
  backward(value: Json, old: Json | undefined): Json | undefined
}

/** Fields that the older version's fields cannot hold; both are stored. */
export interface Replace {
  op: 'replace'
  was: ReadonlyMap<string, Shape>
  now: readonly string[]
  forward(old: JsonObject, now: JsonObject | undefined): JsonObject
  backward(now: JsonObject, old: JsonObject): JsonObject
}

/** The field is called `to` from this version on. Its stored key stays. */
export function rename(from: string, to: string): Lens {
  return { op: 'rename', from, to }
}

/**
 * A new field. Records that lack it show `value`, without it being written; what merges (text, counters, lists, objects) can only begin empty, since two replicas would else
 * both write the beginning.
 */
export function add(field: string, value?: Json): Lens {
  return { op: 'add', field, value }
}

/**
 * A field that this version has no use for. It stays in the document for versions that have, and is not shown. `was` is its schema; where older versions cannot do without the
 * field, new records get `left`.
 * @throws SchemaDefinitionError when older versions need a value and none is given
 */
export function remove(field: string, was: z.ZodType, left?: Json): Lens {
  if (left === undefined && !was.safeParse(undefined).success)
    throw new SchemaDefinitionError(
      `remove('${field}'): older versions cannot do without this field; say what new records leave for them: remove('${field}', schema, value)`,
    )
  return { op: 'remove', field, was: shapeOf(was, `remove('${field}')`), left }
}

/**
 * Another reading of the same stored field, which keeps the form it had (`was`). `forward` reads it, `backward` gives what is stored for a value, and may look at what stood there.
 * What `backward` loses cannot be written (`DraftError`): use `replace` where the old form cannot hold every new value. Both are called on every replica, so they depend on their
 * arguments alone.
 */
export function convert<Was extends z.ZodType, Value extends Json>(
  field: string,
  how: {
    was: Was
    forward: (old: z.infer<Was>) => Value | undefined
    backward: (value: Value, old: z.infer<Was> | undefined) => z.infer<Was> | undefined
  },
): Lens {
  const { forward, backward } = how as unknown as Pick<Convert, 'forward' | 'backward'>
  return { op: 'convert', field, was: shapeOf(how.was, `convert('${field}')`), forward, backward }
}

/**
 * New fields (`now`) in the place of old ones (`was`), each stored under keys of its own: another kind of field, or one field made of two. Whoever writes the new ones writes the old ones
 * too, as `backward` says. The new ones are shown while `backward` of them is what the old ones say; else an older version has written since, and `forward` of the old ones is shown. It
 * is given what the new ones were, so that it can keep what the old ones do not tell.
 */
export function replace<Was extends Record<string, z.ZodType>, const Now extends string>(how: {
  was: Was
  now: readonly Now[]
  forward: (
    old: { [Field in keyof Was]?: z.infer<Was[Field]> },
    now: { [Field in Now]?: Json } | undefined,
  ) => { [Field in Now]?: Json | undefined }
  backward: (
    now: { [Field in Now]?: Json },
    old: { [Field in keyof Was]?: z.infer<Was[Field]> },
  ) => { [Field in keyof Was]?: z.infer<Was[Field]> | undefined }
}): Lens {
  const { forward, backward } = how as unknown as Pick<Replace, 'forward' | 'backward'>
  const was = new Map(
    Object.entries(how.was).map(([field, schema]) => [field, shapeOf(schema, `replace '${field}'`)]),
  )
  return { op: 'replace', was, now: how.now, forward, backward }
}

/** The same inside an object, in every row of a keyed list, or in every object of a dictionary. */
export function within(field: string, ...lenses: readonly Lens[]): Lens {
  return { op: 'within', field, lenses }
}

/**
 * One value becomes a list of them. Older versions see the first; when one of them puts another in its place, that one is first, and the rest stays.
 */
export function wrap(field: string, was: z.ZodType): Lens {
  const first = (list: Json | undefined) => (Array.isArray(list) ? list[0] : undefined)
  return {
    op: 'replace',
    was: new Map([[field, shapeOf(was, `wrap('${field}')`)]]),
    now: [field],
    forward: (old, now) => {
      const value = old[field]
      if (value === undefined || value === null) return { [field]: [] }
      const list = now?.[field]
      if (!Array.isArray(list)) return { [field]: [value] }
      const rest = list.includes(value) ? list.filter((one) => one !== value) : list.slice(1)
      return { [field]: [value, ...rest] }
    },
    backward: (now, old) => {
      const value = first(now[field])
      if (value !== undefined) return { [field]: value }
      // Null and absence are both no value: what stands there stays as it is.
      return old[field] === null ? { [field]: null } : {}
    },
  }
}

/** A list becomes one value, its first. The rest stays for older versions, until the value is removed. */
export function unwrap(field: string, was: z.ZodType): Lens {
  return {
    op: 'convert',
    field,
    was: shapeOf(was, `unwrap('${field}')`),
    forward: (list) => (Array.isArray(list) ? list[0] : undefined),
    backward: (value, list) => [value, ...(Array.isArray(list) ? list.slice(1) : [])],
  }
}
