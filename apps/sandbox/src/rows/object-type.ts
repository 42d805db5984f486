/**
 * Which object types the CRM knows, and what their fields may hold. The table is data, so that a test can declare a type of
 * its own; the refusals it leads to are real ones (400 with the place and the reason), because a bridge that has
 * never been refused is not tested.
 */
import * as z from 'zod'
import { checked } from '../problem.ts'

export type ScalarField =
  | { kind: 'string'; lengthMax: number }
  | { kind: 'number'; min?: number; max?: number }
  | { kind: 'boolean' }
  | { kind: 'enum'; values: readonly [string, ...string[]] }

export type Field = ScalarField | { kind: 'list'; itemsMax: number; item: Record<string, ScalarField> }

export type ObjectType = {
  /** Lower-case plural, as it stands in the address. */
  name: string
  /** The CRM's own ids are `PREFIX-000001`. */
  idPrefix: string
  fields: Record<string, Field>
}

const text = (lengthMax: number): ScalarField => ({ kind: 'string', lengthMax })

export const crmTypes: readonly ObjectType[] = [
  {
    name: 'accounts',
    idPrefix: 'ACC',
    fields: {
      name: text(120),
      city: text(80),
      state: text(80),
      latitude: { kind: 'number', min: -90, max: 90 },
      longitude: { kind: 'number', min: -180, max: 180 },
      status: text(40),
      phone: text(40),
      notes: text(4_000),
    },
  },
  {
    name: 'cases',
    idPrefix: 'CAS',
    fields: {
      title: text(200),
      status: { kind: 'enum', values: ['open', 'en_route', 'done'] },
      site: text(120),
      priority: text(40),
      due: text(10),
      hours: { kind: 'number', min: 0, max: 10_000 },
      /** Beside the hours; below 0 where two people carried over to an hour at once. */
      minutes: { kind: 'number', min: -10_000, max: 10_000 },
      notes: text(4_000),
      accountExternalId: text(128),
      parts: {
        kind: 'list',
        itemsMax: 100,
        item: { sku: text(64), qty: { kind: 'number', min: 0, max: 100_000 } },
      },
    },
  },
]

/** Addresses that stand beside the types under `/v1/`, and so cannot be one. */
const reservedNames = ['webhooks', 'batch']

const objectTypeSchema = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,39}$/)
    .refine((name) => !reservedNames.includes(name), `is one of ${reservedNames.join(', ')}`),
  idPrefix: z.string().regex(/^[A-Z]{2,6}$/),
})

/** Later declarations win, so that a test can narrow a type of the table. */
export function typesByName(types: readonly ObjectType[]): ReadonlyMap<string, ObjectType> {
  for (const type of types) checked(objectTypeSchema, type, 'invalid-request', `/objectTypes/${type.name}`)
  return new Map(types.map((type) => [type.name, type]))
}
