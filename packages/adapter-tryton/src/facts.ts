/** What the server says of its models' fields, asked once and again when something does not fit any more (SPEC TR-46). */
import type { Call, Failure } from '@skerry/bridge'
import * as z from 'zod'
import type { Client } from './client.ts'

const digitsSchema = z
  .string()
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      context.addIssue('want JSON')
      return z.NEVER
    }
  })
  .pipe(z.tuple([z.unknown(), z.number().int().nonnegative()]))
  .transform(([, scale]) => scale)

const fieldSchema = z.object({
  type: z.string(),
  /** The words that people see, in the user's language. */
  string: z.string().catch(''),
  required: z.boolean().catch(false),
  readonly: z.boolean().catch(false),
  /** Of a many2one, one2many, many2many: the model it leads to. */
  relation: z.string().optional(),
  /** Of a one2many: the field of that model that leads back. */
  relation_field: z.string().optional(),
  /** Values and their labels, or the name of a method that tells them. */
  selection: z
    .union([z.array(z.tuple([z.string().nullable(), z.string()])), z.string()])
    .optional()
    .catch(undefined),
  size: z.number().nullish().catch(undefined),
  /** Of a number: digits in all and behind the point, as an expression in JSON. */
  digits: z.string().optional().catch(undefined).transform(scaleOf),
})

/** Digits behind the point; undefined where nothing bounds them, or another field of the record says it (`Eval`), as a currency does. */
function scaleOf(digits: string | undefined): number | undefined {
  const { data } = digitsSchema.safeParse(digits)
  return data
}

export type FieldFacts = z.output<typeof fieldSchema> & { name: string }

export type ModelFacts = ReadonlyMap<string, FieldFacts>

export class Facts {
  readonly #client: Client
  readonly #models = new Map<string, ModelFacts>()

  constructor(client: Client) {
    this.#client = client
  }

  async of(model: string, call: Call): Promise<{ kind: 'facts'; facts: ModelFacts } | Failure> {
    const known = this.#models.get(model)
    if (known) return { kind: 'facts', facts: known }
    // Without names the server leaves out what this user may not read.
    const answer = await this.#client.call(model, 'fields_get', [], call)
    if (answer.kind === 'conflict') return { kind: 'later', reason: `${model}: fields_get met a change` }
    if (answer.kind !== 'result') return answer
    const parsed = z.record(z.string(), fieldSchema).safeParse(answer.value)
    if (!parsed.success)
      return { kind: 'unknown', reason: `${model}: fields_get told something that is no field` }
    const facts = new Map(Object.entries(parsed.data).map(([name, field]) => [name, { ...field, name }]))
    this.#models.set(model, facts)
    return { kind: 'facts', facts }
  }

  /** The next question is asked of the server again. */
  forget(): void {
    this.#models.clear()
  }
}
