/** An entity type as data: its set, its properties, and the rules that its owner made. */
import * as z from 'zod'
import { checked } from '../../problem.ts'

export const edmTypes = [
  'Edm.String',
  'Edm.Boolean',
  'Edm.Int32',
  'Edm.Int64',
  'Edm.Double',
  'Edm.Decimal',
  'Edm.Date',
  'Edm.DateTimeOffset',
  'Edm.Guid',
] as const

export type EdmType = (typeof edmTypes)[number]

export type Property = {
  /** `enum`: one of `values`. */
  type: EdmType | 'enum'
  label?: string
  /** Characters, of text. */
  maxLength?: number
  /** Digits in all, and behind the point, of a decimal. */
  precision?: number
  scale?: number
  values?: readonly string[]
  required?: boolean
  unique?: boolean
  /** Made by the system. */
  computed?: boolean
  /** The set whose key this is. */
  references?: string
}

/** A row whose property matches is refused. */
export type Rule = { property: string; pattern: string; message: string }

export type EntityType = {
  /** Of the address: `Visits`. */
  set: string
  /** Of the type: `VisitType`. */
  name: string
  /** A guid that the system makes, or the caller. */
  key: string
  /** When a row was changed last. */
  modified: string
  /** The property by which other systems know a row; an alternate key where the profile has such. */
  externalId: string
  properties: Readonly<Record<string, Property>>
  rules?: readonly Rule[]
}

const propertySchema = z.strictObject({
  type: z.enum([...edmTypes, 'enum']),
  label: z.string().optional(),
  maxLength: z.int().min(1).optional(),
  precision: z.int().min(1).max(38).optional(),
  scale: z.int().min(0).max(18).optional(),
  values: z.array(z.string()).min(1).optional(),
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  computed: z.boolean().optional(),
  references: z.string().optional(),
})

const name = z.string().regex(/^[A-Za-z_]\w{0,79}$/)

const entityTypeSchema = z
  .strictObject({
    set: name,
    name,
    key: name,
    modified: name,
    externalId: name,
    properties: z.record(name, propertySchema),
    rules: z
      .array(z.strictObject({ property: z.string(), pattern: z.string(), message: z.string() }))
      .optional(),
  })
  .refine(
    ({ externalId, properties }) => properties[externalId]?.unique,
    'externalId: want a unique property',
  )

/** By set; later ones win, so that a test can narrow a standard type. */
export function typesBySet(types: readonly EntityType[]): Map<string, EntityType> {
  for (const type of types) checked(entityTypeSchema, type, 'invalid-request', `/entityTypes/${type.set}`)
  return new Map(types.map((type) => [type.set, type]))
}

/** Any property that can be asked for, the system's own among them. */
export function propertyOf({ key, modified, properties }: EntityType, named: string): Property | undefined {
  if (named === key) return { type: 'Edm.Guid', required: true }
  if (named === modified) return { type: 'Edm.DateTimeOffset', computed: true }
  return Object.hasOwn(properties, named) ? properties[named] : undefined
}

export function propertyNames({ key, modified, properties }: EntityType): string[] {
  return [key, ...Object.keys(properties), modified]
}
