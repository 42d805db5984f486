/** An object type as data: its properties, and the rules its administrator made. */
import * as z from 'zod'
import { checked } from '../../problem.ts'

const propertyTypes = ['string', 'number', 'bool', 'date', 'datetime', 'enumeration'] as const

export type Property = {
  type: (typeof propertyTypes)[number]
  /** How it is shown; `checkbox` holds several options, with `;` between them. */
  fieldType?: string
  label?: string
  /** Of an enumeration; nothing else may be written. */
  options?: readonly string[]
  hasUniqueValue?: boolean
  readOnly?: boolean
  showCurrencySymbol?: boolean
}

/** A validation rule: a row whose property matches is refused. */
export type Rule = { property: string; pattern: string; message: string }

export type ObjectType = {
  /** As it stands in addresses: `contacts`, `p123_visit`. */
  name: string
  /** `0-1`, or `2-123456` of a custom one; it may stand in addresses too. */
  objectTypeId: string
  label?: string
  properties: Readonly<Record<string, Property>>
  /** Told when nobody says which. */
  defaults: readonly string[]
  /** A row cannot be made without them. */
  required?: readonly string[]
  rules?: readonly Rule[]
}

const propertyName = z.string().regex(/^[a-z][a-z0-9_]{0,99}$/)

const objectTypeSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_]{0,79}$/),
  objectTypeId: z.string().regex(/^\d+-\d+$/),
  label: z.string().optional(),
  properties: z.record(
    propertyName,
    z.strictObject({
      type: z.enum(propertyTypes),
      fieldType: z.string().optional(),
      label: z.string().optional(),
      options: z.array(z.string()).min(1).optional(),
      hasUniqueValue: z.boolean().optional(),
      readOnly: z.boolean().optional(),
      showCurrencySymbol: z.boolean().optional(),
    }),
  ),
  defaults: z.array(propertyName),
  required: z.array(propertyName).optional(),
  rules: z
    .array(z.strictObject({ property: propertyName, pattern: z.string(), message: z.string() }))
    .optional(),
})

/** By name; later ones win, so that a test can narrow a standard type. */
export function typesByName(types: readonly ObjectType[]): Map<string, ObjectType> {
  for (const type of types) checked(objectTypeSchema, type, 'invalid-request', `/objectTypes/${type.name}`)
  return new Map(types.map((type) => [type.name, type]))
}

export function isCustom({ objectTypeId }: ObjectType): boolean {
  return objectTypeId.startsWith('2-')
}

/** The property by which other systems know a row: the first unique one that anybody may write. */
export function keyPropertyOf({ properties }: ObjectType): string | undefined {
  return Object.keys(properties).find(
    (name) => properties[name]?.hasUniqueValue && !properties[name].readOnly,
  )
}

/** The property that tells when a row was changed: contacts have one of their own. */
export function modifiedPropertyOf({ objectTypeId }: ObjectType): string {
  return objectTypeId === '0-1' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
}
