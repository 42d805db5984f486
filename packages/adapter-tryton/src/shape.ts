/** A configured model beside what the server says of it: every path led to its field, and what must be read for a row and for its version (SPEC TR-13, TR-20). */
import type { Call, Failure } from '@skerry/bridge'
import type { LinesConfig, ModelConfig } from './config.ts'
import type { Facts, FieldFacts, ModelFacts } from './facts.ts'

/** Where a path leads within one row. */
export type Inner =
  /** A field of the row itself. */
  | { at: 'row'; path: string; field: FieldFacts }
  /** A field of the row that a many2one leads to; `rest` is the path there. */
  | { at: 'reference'; path: string; field: FieldFacts; via: FieldFacts; rest: string }

export type Leaf =
  | Inner
  /** In the first line of a one2many; `of` begins there. */
  | { at: 'line'; path: string; via: FieldFacts; of: Inner }

/** A model whose rows are parts of this one's. */
export interface LineModel {
  /** The one2many. */
  name: string
  model: string
  /** The field that leads back. */
  parent: string
  hasActive: boolean
}

export interface LineShape {
  line: LineModel
  config: LinesConfig
  key: Inner
  fields: ReadonlyMap<string, Inner>
}

export interface Shape {
  type: string
  config: ModelConfig
  hasActive: boolean
  leaves: ReadonlyMap<string, Leaf>
  lines: ReadonlyMap<string, LineShape>
  /** Of `lines` and of paths through a one2many, each once. */
  lineModels: readonly LineModel[]
  facts: ModelFacts
}

export type Shaped = { kind: 'shape'; shape: Shape } | Failure

/** Something that the configuration names and the server does not have. */
class Missing extends Error {
  readonly path: string

  constructor(path: string, message: string) {
    super(message)
    this.path = path
  }
}

/** The server did not answer; not an error of anybody's. */
class Unanswered extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.reason)
    this.failure = failure
  }
}

export async function shapeOf(type: string, config: ModelConfig, facts: Facts, call: Call): Promise<Shaped> {
  try {
    return { kind: 'shape', shape: await new Shaping(facts, call).shape(type, config) }
  } catch (error) {
    if (error instanceof Unanswered) return error.failure
    if (error instanceof Missing) return { kind: 'rejected', reason: error.message, fields: [error.path] }
    throw error
  }
}

class Shaping {
  readonly #facts: Facts
  readonly #call: Call

  constructor(facts: Facts, call: Call) {
    this.#facts = facts
    this.#call = call
  }

  async shape(type: string, config: ModelConfig): Promise<Shape> {
    const facts = await this.#factsOf(type)
    const leaves = new Map<string, Leaf>()
    for (const path of namesOf(config)) leaves.set(path, await this.#leaf(type, facts, path))
    const lines = new Map<string, LineShape>()
    for (const [name, of] of Object.entries(config.lines))
      lines.set(name, await this.#lines(type, facts, name, of))
    const lineModels = new Map<string, LineModel>()
    for (const { line } of lines.values()) lineModels.set(line.name, line)
    for (const leaf of leaves.values()) {
      if (leaf.at !== 'line') continue
      if (lines.has(leaf.via.name))
        throw new Missing(
          leaf.path,
          `${type}: '${leaf.path}' is the first of the lines that '${leaf.via.name}' is shown as; choose one`,
        )
      lineModels.set(leaf.via.name, await this.#lineModel(type, leaf.via))
    }
    const hasActive = facts.has('active')
    if (config.deactivates && !hasActive)
      throw new Missing('active', `${type} is configured with 'deactivates', and has no field 'active'`)
    return { type, config, hasActive, leaves, lines, lineModels: [...lineModels.values()], facts }
  }

  async #lines(type: string, facts: ModelFacts, name: string, config: LinesConfig): Promise<LineShape> {
    const line = await this.#lineModel(type, fieldOf(type, facts, name, name))
    const inner = await this.#factsOf(line.model)
    const fields = new Map<string, Inner>()
    for (const path of config.fields)
      fields.set(path, await this.#inner(line.model, inner, path, `${name}.${path}`))
    return {
      line,
      config,
      key: await this.#inner(line.model, inner, config.key, `${name}.${config.key}`),
      fields,
    }
  }

  async #leaf(model: string, facts: ModelFacts, path: string): Promise<Leaf> {
    const [first = '', ...others] = path.split('.')
    const via = fieldOf(model, facts, first, path)
    if (via.type !== 'one2many' || others.length === 0) return this.#inner(model, facts, path, path)
    const line = await this.#lineModel(model, via)
    const of = await this.#inner(line.model, await this.#factsOf(line.model), others.join('.'), path)
    return { at: 'line', path, via, of }
  }

  /** @param shown the path as the configuration has it, for messages */
  async #inner(model: string, facts: ModelFacts, path: string, shown: string): Promise<Inner> {
    const [first = '', ...others] = path.split('.')
    const via = fieldOf(model, facts, first, shown)
    if (others.length === 0) return { at: 'row', path, field: via }
    if (via.type !== 'many2one' || via.relation === undefined)
      throw new Missing(
        shown,
        `${model}: '${shown}' leads through '${first}', a ${via.type}, behind which is no row, or many`,
      )
    const rest = others.join('.')
    const { field } = await this.#inner(via.relation, await this.#factsOf(via.relation), rest, shown)
    return { at: 'reference', path, field, via, rest }
  }

  async #lineModel(type: string, via: FieldFacts): Promise<LineModel> {
    const { name, relation: model, relation_field: parent } = via
    if (via.type !== 'one2many' || model === undefined || parent === undefined)
      throw new Missing(name, `${type}: '${name}' is a ${via.type}, and only a one2many has lines`)
    return { name, model, parent, hasActive: (await this.#factsOf(model)).has('active') }
  }

  async #factsOf(model: string): Promise<ModelFacts> {
    const answer = await this.#facts.of(model, this.#call)
    if (answer.kind !== 'facts') throw new Unanswered(answer)
    return answer.facts
  }
}

/** Every path that a row is shown by, beside its lines. */
function namesOf({ fields, key, workflow }: ModelConfig): string[] {
  return [...new Set([...fields, ...(key === undefined ? [] : [key]), ...(workflow ? [workflow.field] : [])])]
}

function fieldOf(model: string, facts: ModelFacts, name: string, shown: string): FieldFacts {
  const field = facts.get(name)
  if (field) return field
  const through = shown === name ? '' : `, through which '${shown}' leads`
  throw new Missing(shown, `${model} has no field '${name}' that this user may read${through}`)
}
