// Opens the changes of one entry, within ceilings for all of them together: one by one each may be within its own, and ten thousand of them hold gigabytes inflated, or half a billion operations.

import type { ChangeLimits } from './limits.ts'
import { type ParsedChange, parseChange } from './parse.ts'
import type { ChangeHost } from './ports.ts'
import { aboveLimit } from './refused.ts'
import { addWeights, WEIGHTLESS, weightOf } from './weight.ts'

export interface BatchLimits {
  /** Operations and predecessors of all changes. */
  readonly operationsMax: number
  /** Bytes of all bodies, inflated. */
  readonly inflatedBytesMax: number
}

/** @throws ChangeRefused: what `parseChange` throws; `too-many-operations`, `inflate-bomb` for all together, before more is opened */
export function parseBatch(
  chunks: readonly Uint8Array[],
  host: ChangeHost,
  limits: ChangeLimits,
  { operationsMax, inflatedBytesMax }: BatchLimits,
): ParsedChange[] {
  let sum = WEIGHTLESS
  return chunks.map((chunk) => {
    const change = parseChange(chunk, host, limits)
    sum = addWeights(sum, weightOf(change))
    const operations = sum.operations + sum.predecessors
    if (operations > operationsMax)
      throw aboveLimit(
        'too-many-operations',
        'operations and predecessors of all changes',
        operations,
        operationsMax,
      )
    if (sum.bytes > inflatedBytesMax)
      throw aboveLimit(
        'inflate-bomb',
        'all changes together, inflated, in bytes',
        sum.bytes,
        inflatedBytesMax,
      )
    return change
  })
}
