/** The one row of a key, or why there is none that could be meant (SPEC TR-41). */
import type { Raw } from './rows.ts'
import { isDeleted } from './rows.ts'
import type { Shape } from './shape.ts'

export type KeyedRow = { kind: 'row'; raw: Raw } | { kind: 'absent' } | { kind: 'rejected'; reason: string }

export function rowOfKey(shape: Shape, rows: readonly Raw[], value: string): KeyedRow {
  const key = shape.config.key ?? ''
  const alike = rows.filter((raw) => raw[key] === value)
  const living = alike.filter((raw) => !isDeleted(shape, raw))
  if (living.length > 1) {
    const ids = living.map(({ id }) => id).join(', ')
    return {
      kind: 'rejected',
      reason: `several rows of ${shape.type} have the ${key} '${value}': ${ids}; one may keep it`,
    }
  }
  const raw = living[0] ?? alike.at(-1)
  return raw ? { kind: 'row', raw } : { kind: 'absent' }
}
