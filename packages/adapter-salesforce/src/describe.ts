/** The organisation's schema, and whether what is configured fits it. */
import type { Call, DescribeAnswer, Failure, FieldKind, FieldSchema, TypeSchema } from '@skerry/bridge'
import * as z from 'zod'
import { type Client, failureTold, type Part } from './client.ts'
import type { TypeConfig } from './config.ts'
import { COMPOSITE_PARTS_MAX } from './limits.ts'

const fieldSchema = z.object({
  name: z.string(),
  label: z.string().optional(),
  type: z.string(),
  length: z.number().optional(),
  scale: z.number().optional(),
  createable: z.boolean().catch(false),
  updateable: z.boolean().catch(false),
  nillable: z.boolean().catch(true),
  defaultedOnCreate: z.boolean().catch(false),
  unique: z.boolean().catch(false),
  externalId: z.boolean().catch(false),
  referenceTo: z.array(z.string()).catch([]),
  picklistValues: z.array(z.object({ value: z.string(), active: z.boolean().catch(true) })).catch([]),
})
const typeSchema = z.object({ name: z.string(), label: z.string().optional(), fields: z.array(fieldSchema) })
const listSchema = z.object({
  sobjects: z.array(z.object({ name: z.string(), queryable: z.boolean(), createable: z.boolean() })),
})

type Described = z.output<typeof typeSchema>
type Field = z.output<typeof fieldSchema>

const kinds: Readonly<Record<string, FieldKind>> = {
  int: 'integer',
  double: 'number',
  percent: 'number',
  currency: 'decimal',
  boolean: 'boolean',
  date: 'date',
  datetime: 'time',
  picklist: 'enum',
  reference: 'reference',
  address: 'json',
  location: 'json',
  multipicklist: 'text',
}

/** Of these the organisation says how many digits stand behind the point. */
const isDecimal: ReadonlySet<string> = new Set(['double', 'percent', 'currency'])

export class Descriptions {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  /** Of all types that can be read and made when none is named: one request for each 25 of them. */
  async describe(types: readonly string[] | undefined, call: Call): Promise<DescribeAnswer> {
    const names = types ?? (await this.#names(call))
    if ('kind' in names) return names
    const described = await this.#described(names, call)
    return 'kind' in described ? described : { kind: 'types', types: described.map(schemaOf) }
  }

  /** Whether the configured types and fields are there, and external ids keep rows apart. */
  async check(call: Call): Promise<{ kind: 'ok' } | Failure> {
    const types = Object.entries(this.#client.config.types)
    const described = await this.#described(
      types.map(([type]) => type),
      call,
    )
    if ('kind' in described) return described
    const wrong = types.flatMap(([type, config]) =>
      misfits(
        type,
        config,
        described.find(({ name }) => name === type),
      ),
    )
    return wrong.length === 0 ? { kind: 'ok' } : { kind: 'rejected', reason: wrong.join('; ') }
  }

  async #names(call: Call): Promise<string[] | Failure> {
    const answer = await this.#client.send({ method: 'GET', path: '/sobjects' }, call)
    if (answer.kind !== 'told') return answer
    const { data } = listSchema.safeParse(answer.body)
    if (answer.meaning !== 'done' || !data) return failureTold(answer)
    return data.sobjects
      .filter(({ queryable, createable }) => queryable && createable)
      .map(({ name }) => name)
  }

  async #described(names: readonly string[], call: Call): Promise<Described[] | Failure> {
    const described: Described[] = []
    for (let from = 0; from < names.length; from += COMPOSITE_PARTS_MAX) {
      const part = names.slice(from, from + COMPOSITE_PARTS_MAX)
      const parts = part.map(
        (name, i): Part => ({
          id: `type${i}`,
          method: 'GET',
          path: `/sobjects/${encodeURIComponent(name)}/describe`,
        }),
      )
      const answers = await this.#client.composite(parts, call)
      if (!Array.isArray(answers)) return answers
      for (const answer of answers) {
        const { data } = typeSchema.safeParse(answer.body)
        if (answer.meaning !== 'done' || !data) return failureTold(answer)
        described.push(data)
      }
    }
    return described
  }
}

function schemaOf({ name, label, fields }: Described): TypeSchema {
  return { type: name, label, fields: fields.map(fieldSchemaOf) }
}

function fieldSchemaOf(field: Field): FieldSchema {
  const { name, label, type, length, scale, createable, updateable, nillable, defaultedOnCreate } = field
  const values = field.picklistValues.filter(({ active }) => active).map(({ value }) => value)
  return {
    name,
    label,
    kind: kinds[type] ?? 'text',
    required: createable && !nillable && !defaultedOnCreate,
    writable: createable && updateable,
    unique: field.unique,
    ...(length && length > 0 && { lengthMax: length }),
    ...(isDecimal.has(type) && scale !== undefined && { scale }),
    ...(values.length > 0 && { values }),
    ...(field.referenceTo.length > 0 && { references: field.referenceTo }),
  }
}

function misfits(
  type: string,
  { externalId, fields }: TypeConfig,
  described: Described | undefined,
): string[] {
  if (!described) return [`${type} is no type of this organisation`]
  const named = (name: string) => described.fields.find((field) => field.name === name)
  const missing = fields.filter((field) => !field.includes('.') && !named(field))
  const key = named(externalId)
  const wrong = missing.map((field) => `${type} has no field ${field}`)
  if (!key) return [...wrong, `${type} has no field ${externalId}, which is to hold external ids`]
  const marks = [key.externalId ? '' : 'External ID', key.unique ? '' : 'Unique'].filter(Boolean)
  if (marks.length === 0) return wrong
  return [
    ...wrong,
    `${type}.${externalId} is not marked as ${marks.join(' and ')}, so a lost answer would make rows twice`,
  ]
}
