/** Every part of the benchmark works, at a size that takes seconds: real processes where it has them, and the figures that do not depend on how fast this machine is. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isReached } from './figure.ts'
import { parts } from './parts.ts'

/** Milliseconds, where other tests run beside it. */
const PART_MS_MAX = 120_000
/** What a slow machine may miss. */
const timed = new Set(['ms', 'per s', 'MB', '% fewer'])

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bench-bridge-'))
})

afterEach(() => rm(folder, { recursive: true }))

it.each([
  ['calls', 0.003, 11],
  ['latency', 0.01, 3],
  ['faults', 0.0005, 3],
  ['backfill', 0.001, 10],
  ['ring', 0.01, 4],
] as const)(
  '%s at %d of the size gives its figures, and what must be so is so',
  { timeout: PART_MS_MAX },
  async (name, scale, count) => {
    const figures = await parts[name]!({ folder, scale, say: () => undefined })
    expect(figures).toHaveLength(count)
    const sure = figures.filter(({ unit }) => !timed.has(unit))
    expect(sure.filter((figure) => isReached(figure) === false)).toEqual([])
    for (const { value } of figures) expect(Number.isFinite(value)).toBe(true)
  },
)
