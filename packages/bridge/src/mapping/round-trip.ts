/** Whether what a field writes comes back as it was (SPEC B-78): tried on samples of its kind when the configuration is read, so that an operator knows before the data does. */
import { equalJson, type Json } from '@skerry/core'
import { type Conversion, converterOf, type Kind } from './kinds.ts'

const samplesOf: Record<Kind, readonly Json[]> = {
  text: ['', 'Gate is stuck', ' Ünï ', '007'],
  integer: [0, -1, 2 ** 53 - 1],
  number: [0, -0.5, 1e21],
  decimal: [],
  boolean: [true, false],
  date: ['1970-01-01', '2024-02-29', '9999-12-31'],
  time: ['1970-01-01T00:00:00.000Z', '2026-03-29T01:30:00.500Z', '2026-03-29T01:30:00.123456Z'],
  enum: [],
  json: [[1, { a: null }], 'text'],
}

/** One sentence for the first sample that does not come back; undefined when all do. */
export function lostOnTheWay(conversion: Conversion): string | undefined {
  const { to, from } = converterOf(conversion)
  for (const sample of samples(conversion)) {
    try {
      const there = to(sample)
      const back = from(there)
      if (!equalJson(back, sample))
        return `${JSON.stringify(sample)} is written as ${JSON.stringify(there)} and comes back as ${JSON.stringify(back)}`
    } catch (error) {
      if (error instanceof RangeError) return `${JSON.stringify(sample)} cannot be written: ${error.message}`
      throw error
    }
  }
  return undefined
}

function samples({ kind, values, scale }: Conversion): readonly Json[] {
  if (kind === 'enum') return Object.keys(values ?? {})
  if (kind !== 'decimal') return samplesOf[kind]
  if (scale === undefined) return ['0', '-7.5', '12345678901234567.89']
  const behind = (digit: string) => (scale === 0 ? '' : `.${digit.repeat(scale)}`)
  return [`0${behind('0')}`, `-7${behind('5')}`, `12345678901234567${behind('8')}`]
}
