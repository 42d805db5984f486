/** The account's schema, and whether what is configured fits it. */
import type { Call, DescribeAnswer, Failure, FieldSchema, TypeSchema } from '@skerry/bridge'
import * as z from 'zod'
import { type Client, failureTold } from './client.ts'
import type { TypeConfig } from './config.ts'
import type { Definitions } from './definitions.ts'
import { everyAccountHas, isStandard } from './types.ts'
import { type Definition, kindOf } from './values.ts'

/** Of a custom type. */
const schemaSchema = z.object({
  name: z.string(),
  objectTypeId: z.string(),
  fullyQualifiedName: z.string().optional(),
  labels: z.object({ plural: z.string().optional() }).optional().catch(undefined),
  requiredProperties: z.array(z.string()).catch([]),
})
const listSchema = z.object({ results: z.array(schemaSchema) })

type CustomType = z.output<typeof schemaSchema>

export class Descriptions {
  readonly #client: Client
  readonly #definitions: Definitions

  constructor(client: Client, definitions: Definitions) {
    this.#client = client
    this.#definitions = definitions
  }

  /** One request for each type, and one for what is said of custom ones. Without names: the configured types, those that every account has, and the custom ones. */
  async describe(asked: readonly string[] | undefined, call: Call): Promise<DescribeAnswer> {
    const isCustomAsked = asked === undefined || asked.some((type) => !isStandard(type))
    const customs = isCustomAsked ? await this.#customTypes(call) : []
    if (!Array.isArray(customs)) return customs
    const types: TypeSchema[] = []
    for (const type of asked ?? this.#everyType(customs)) {
      const definitions = await this.#definitions.fetch(type, call)
      if (!(definitions instanceof Map)) return definitions
      const custom = customs.find((one) => isNamed(one, type))
      const required = new Set(custom?.requiredProperties)
      const fields = [...definitions.values()].map((one) => fieldOf(one, required.has(one.name)))
      types.push({ type, label: custom?.labels?.plural, fields })
    }
    return { kind: 'types', types }
  }

  /** Whether the configured types and properties are there, and keys keep rows apart. */
  async check(call: Call): Promise<{ kind: 'ok' } | Failure> {
    const wrong: string[] = []
    for (const [type, config] of Object.entries(this.#client.config.types)) {
      const definitions = await this.#definitions.fetch(type, call)
      if (!(definitions instanceof Map)) return definitions
      wrong.push(...misfits(type, config, definitions))
    }
    return wrong.length === 0 ? { kind: 'ok' } : { kind: 'rejected', reason: wrong.join('; ') }
  }

  async #customTypes(call: Call): Promise<CustomType[] | Failure> {
    const answer = await this.#client.send({ method: 'GET', path: '/crm-object-schemas/v3/schemas' }, call)
    if (answer.kind !== 'told') return answer
    const { data } = listSchema.safeParse(answer.body)
    if (answer.meaning === 'done' && data) return data.results
    return answer.meaning === 'done'
      ? { kind: 'unknown', reason: `${answer.about}: the answer holds no schemas` }
      : failureTold(answer)
  }

  #everyType(customs: readonly CustomType[]): string[] {
    const configured = Object.keys(this.#client.config.types)
    const others = customs.filter((one) => !configured.some((type) => isNamed(one, type)))
    const named = others.map(({ fullyQualifiedName, objectTypeId }) => fullyQualifiedName ?? objectTypeId)
    return [...new Set([...configured, ...everyAccountHas, ...named])]
  }
}

function isNamed({ name, objectTypeId, fullyQualifiedName }: CustomType, type: string): boolean {
  return type === name || type === objectTypeId || type === fullyQualifiedName
}

function fieldOf(definition: Definition, required: boolean): FieldSchema {
  const { name, label, options, hasUniqueValue, calculated, modificationMetadata } = definition
  const kind = kindOf(definition)
  const values = options.filter(({ hidden }) => !hidden).map(({ value }) => value)
  return {
    name,
    label,
    kind,
    required,
    writable: !calculated && modificationMetadata?.readOnlyValue !== true,
    unique: hasUniqueValue,
    ...(kind === 'enum' && values.length > 0 && { values }),
  }
}

function misfits(
  type: string,
  { externalId, properties }: TypeConfig,
  definitions: ReadonlyMap<string, Definition>,
): string[] {
  const missing = properties
    .filter((name) => !definitions.has(name))
    .map((name) => `${type} has no property ${name}`)
  const key = definitions.get(externalId)
  if (!key) return [...missing, `${type} has no property ${externalId}, which is to hold external ids`]
  if (key.hasUniqueValue) return missing
  return [
    ...missing,
    `${type}.${externalId} does not require unique values, so a lost answer would make rows twice`,
  ]
}
