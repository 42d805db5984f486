/** The server's schema in the port's words: fields of the model, and the paths and lines that the configuration adds to it. */
import type { FieldKind, FieldSchema, TypeSchema } from '@skerry/bridge'
import type { ModelConfig } from './config.ts'
import type { FieldFacts, ModelFacts } from './facts.ts'
import type { Leaf, Shape } from './shape.ts'

const kinds: Readonly<Record<string, FieldKind>> = {
  char: 'text',
  text: 'text',
  fulltext: 'text',
  binary: 'text',
  time: 'text',
  integer: 'integer',
  biginteger: 'integer',
  float: 'number',
  timedelta: 'number',
  numeric: 'decimal',
  boolean: 'boolean',
  date: 'date',
  datetime: 'time',
  timestamp: 'time',
  selection: 'enum',
  many2one: 'reference',
  reference: 'reference',
}

/** Kept by the server itself. */
const OWN = ['id', 'create_uid', 'create_date', 'write_uid', 'write_date', 'rec_name']

/** A model that is not configured: as the server has it. */
export function typeOfFacts(type: string, facts: ModelFacts): TypeSchema {
  return { type, fields: fieldsOf(facts, {}) }
}

export function typeOfShape({ type, config, leaves, lines, facts }: Shape): TypeSchema {
  const paths = [...leaves.values()].filter(({ at }) => at !== 'row').map((leaf) => fieldOfLeaf(leaf))
  const own = fieldsOf(facts, config).map((field) =>
    lines.has(field.name) ? { ...field, writable: true } : field,
  )
  return { type, fields: [...own, ...paths] }
}

function fieldsOf(facts: ModelFacts, config: Partial<ModelConfig>): FieldSchema[] {
  return [...facts.values()]
    .filter(({ name }) => !OWN.includes(name))
    .map((field) => {
      const isKey = field.name === config.key
      const schema = schemaOf(field, field.name)
      // Buttons move it; that nobody types into it is the point of a workflow.
      if (field.name === config.workflow?.field) return { ...schema, writable: true }
      return { ...schema, ...(isKey && { unique: config.unique === true }) }
    })
}

function fieldOfLeaf(leaf: Leaf): FieldSchema {
  if (leaf.at === 'line') return { ...fieldOfLeaf(leaf.of), name: leaf.path, required: false }
  const { field, path } = leaf
  if (leaf.at === 'row') return schemaOf(field, path)
  // What is written is which row it leads to, and that is the row's own field.
  return {
    ...schemaOf(field, path),
    required: leaf.via.required,
    writable: !leaf.via.readonly,
    unique: undefined,
  }
}

function schemaOf(field: FieldFacts, name: string): FieldSchema {
  const { type, string, required, readonly, relation, selection, size, digits } = field
  const kind = kinds[type] ?? 'json'
  return {
    name,
    label: string === '' ? undefined : string,
    kind,
    required,
    writable: !readonly && !(type === 'one2many' || type === 'many2many'),
    lengthMax: size ?? undefined,
    scale: kind === 'decimal' ? digits : undefined,
    values:
      kind === 'enum' && Array.isArray(selection) ? selection.flatMap(([value]) => value ?? []) : undefined,
    references: relation === undefined ? undefined : [relation],
  }
}
