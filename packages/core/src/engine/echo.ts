/**
 * Whether the engine gives changes back as it was given them (change/SPEC.md, C-50). It applies changes that refer to what is not there, and then saves a record that cannot be loaded; such a
 * change comes back with other bytes.
 */
import { equalBytes } from '../bytes/compare.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { type ParsedChange, parseChange } from '../change/parse.ts'
import type { ChangeHost } from '../change/ports.ts'
import type { Document } from './document.ts'

/**
 * The first of these changes that does not come back; undefined when all do. `before`: the heads before they were applied. All are asked for at once: one by one each costs 0.8 µs for every
 * actor of the record, and 10,000 containers 76 s.
 */
export function firstWithoutEcho(
  document: Document,
  before: readonly string[],
  changes: readonly ParsedChange[],
  host: ChangeHost,
): ParsedChange | undefined {
  const echoed = document.changesSince(before)
  const hashes = new Map<string, Uint8Array>()
  // In the order in which they were applied they mostly stand side by side, and need no hash.
  return changes.find((change, i) => {
    const beside = echoed[echoed.length - changes.length + i]
    if (beside && equalBytes(change.bytes, beside)) return false
    if (hashes.size === 0)
      for (const bytes of echoed) hashes.set(parseChange(bytes, host, defaultChangeLimits).hashHex, bytes)
    return !hashes.has(change.hashHex)
  })
}
