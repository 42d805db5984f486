/** Which kinds of a system's field a mapped field can be read from and written to (SPEC B-171). */
import type { Shape } from '@skerry/core'
import type { FieldKind } from '../adapter-port.ts'
import type { Field } from '../mapping/field.ts'
import type { Conversion, Kind } from '../mapping/kinds.ts'

export interface Wants {
  /** As it is said to an operator: `a decimal`. */
  what: string
  /** Exactly these go both ways. */
  fits: readonly FieldKind[]
  /** Some values are lost, or refused. */
  loses: readonly FieldKind[]
}

const numbers = ['integer', 'number'] as const
const words = ['text', 'enum', 'reference'] as const

const byKind: Readonly<Record<Kind, Omit<Wants, 'what'>>> = {
  text: { fits: words, loses: ['decimal', 'date', 'time'] },
  integer: { fits: ['integer', 'number', 'decimal'], loses: [] },
  number: { fits: ['number'], loses: ['integer', 'decimal'] },
  decimal: { fits: ['decimal', 'number', 'text'], loses: ['integer'] },
  boolean: { fits: ['boolean'], loses: [] },
  date: { fits: ['date', 'text'], loses: ['time'] },
  time: { fits: ['time', 'text'], loses: ['date'] },
  enum: { fits: ['enum', 'text'], loses: [] },
  json: { fits: ['json', 'text'], loses: [] },
}

/** @returns undefined where nothing can be told: functions convert it, or several fields go together */
export function wantsOf(field: Field, shape: Shape | undefined): Wants | undefined {
  const { conversion, reference } = field
  if (reference) return { what: 'a reference', fits: ['reference', 'text', 'integer'], loses: [] }
  if (field.hashed) return { what: 'a hash', fits: ['text'], loses: [] }
  if (conversion === 'code' || !shape) return undefined
  return conversion ? converted(conversion) : asItIs(shape, field.direction === 'out')
}

function converted({ kind, as, scale, values }: Conversion): Wants {
  const what = as === undefined ? `kind '${kind}'` : `kind '${kind}' as '${as}'`
  if (as === 'seconds' || as === 'milliseconds') return { what, fits: numbers, loses: [] }
  if (values) return { what, fits: kindsOfValues(Object.values(values)), loses: [] }
  if (kind === 'decimal' && scale === 0) return { what, fits: [...byKind.decimal.fits, 'integer'], loses: [] }
  return { what, ...byKind[kind] }
}

/** Table values say themselves what the row holds. */
function kindsOfValues(values: readonly unknown[]): FieldKind[] {
  const types = new Set(values.map((value) => typeof value))
  if (types.has('string')) return [...words]
  if (types.has('number')) return [...numbers, 'decimal', 'enum']
  return ['boolean', 'enum']
}

function asItIs(shape: Shape, isOut: boolean): Wants | undefined {
  if (shape.kind === 'text') return { what: 'a text', fits: words, loses: [] }
  if (shape.kind === 'counter') return { what: 'a counter', fits: numbers, loses: [] }
  if (shape.kind !== 'scalar') return { what: `a ${shape.kind}`, fits: ['json'], loses: [] }
  const [holds, ...others] = shape.holds.filter((one) => one !== 'null')
  if (holds === undefined || others.length > 0) return undefined
  switch (holds) {
    case 'string':
      return { what: 'a string', fits: [...words, 'decimal', 'date', 'time'], loses: [] }
    case 'choice':
      return { what: 'a choice', fits: kindsOfValues(shape.choices ?? ['']), loses: [] }
    case 'number':
      // Decimals come as text, which a number is not.
      return { what: 'a number', fits: ['number'], loses: isOut ? ['integer', 'decimal'] : ['integer'] }
    case 'boolean':
      return { what: 'a boolean', fits: ['boolean'], loses: [] }
    default:
      return undefined
  }
}

/** The record's field; undefined for a group, or what has gone from the schema. */
export function shapeAt(root: Shape, { record }: Pick<Field, 'record'>): Shape | undefined {
  if (record.length !== 1) return undefined
  let shape: Shape | undefined = root
  for (const step of record[0]!.steps)
    shape =
      shape?.kind === 'dictionary' ? shape.value : shape?.kind === 'map' ? shape.fields.get(step) : undefined
  return shape
}
