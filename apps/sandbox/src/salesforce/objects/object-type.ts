/** An object type as data: its fields, what is put together of them, and the rules its administrator made. */
import * as z from 'zod'
import { checked } from '../../problem.ts'

const textTypes = ['string', 'textarea', 'phone', 'email', 'url'] as const
const numberTypes = ['int', 'double', 'currency', 'percent'] as const
const otherTypes = ['picklist', 'boolean', 'date', 'datetime', 'reference'] as const

export type FieldType = (typeof textTypes | typeof numberTypes | typeof otherTypes)[number]

export type Field = {
  type: FieldType
  label?: string
  /** Characters, of text. */
  length?: number
  /** Digits in all, of a number. */
  precision?: number
  /** Digits behind the point. */
  scale?: number
  /** Of a picklist; nothing else may be written. */
  values?: readonly string[]
  referenceTo?: readonly string[]
  required?: boolean
  unique?: boolean
  externalId?: boolean
}

/** Fields that are also told as one: `BillingAddress` of `BillingStreet` and others, a person's `Name` of its parts. */
export type Compound = {
  type: 'address' | 'name'
  /** Field by the name it has inside. */
  parts: Readonly<Record<string, string>>
}

/** A validation rule: a row whose field matches is refused. */
export type Rule = { field: string; pattern: string; message: string }

export type ObjectType = {
  name: string
  label?: string
  /** The first three characters of its ids. */
  keyPrefix: string
  fields: Readonly<Record<string, Field>>
  compounds?: Readonly<Record<string, Compound>>
  rules?: readonly Rule[]
}

export function isText({ type }: Field): boolean {
  return type === 'picklist' || (textTypes as readonly string[]).includes(type)
}

export function isNumber({ type }: Field): boolean {
  return (numberTypes as readonly string[]).includes(type)
}

/** The field by which other systems know a row: the first external id that is unique. */
export function keyFieldOf({ fields }: ObjectType): string | undefined {
  return Object.keys(fields).find((name) => fields[name]?.externalId && fields[name]?.unique)
}

const fieldSchema = z.strictObject({
  type: z.enum([...textTypes, ...numberTypes, ...otherTypes]),
  label: z.string().optional(),
  length: z.int().min(1).optional(),
  precision: z.int().min(1).max(18).optional(),
  scale: z.int().min(0).max(17).optional(),
  values: z.array(z.string()).min(1).optional(),
  referenceTo: z.array(z.string()).min(1).optional(),
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  externalId: z.boolean().optional(),
})

const objectTypeSchema = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Za-z0-9_]{0,79}$/),
  label: z.string().optional(),
  keyPrefix: z.string().regex(/^[0-9a-zA-Z]{3}$/),
  fields: z.record(z.string().regex(/^[A-Z][A-Za-z0-9_]{0,79}$/), fieldSchema),
  compounds: z
    .record(
      z.string(),
      z.strictObject({ type: z.enum(['address', 'name']), parts: z.record(z.string(), z.string()) }),
    )
    .optional(),
  rules: z.array(z.strictObject({ field: z.string(), pattern: z.string(), message: z.string() })).optional(),
})

/** By name; later ones win, so that a test can narrow a standard type. */
export function typesByName(types: readonly ObjectType[]): Map<string, ObjectType> {
  for (const type of types) checked(objectTypeSchema, type, 'invalid-request', `/objectTypes/${type.name}`)
  return new Map(types.map((type) => [type.name, type]))
}
