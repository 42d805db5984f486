// Mutated changes against everything here, and what passes against the real engine. A failure names its seed:
// put it into SEEDS alone to replay.

import { describe, expect, it } from 'vitest'
import { checkOperations, type ObjectFacts } from './check-operations.ts'
import { compressChange, seal } from './craft.test-support.ts'
import { Automerge, host, runActor, seeded } from './engine.test-support.ts'
import { defaultChangeLimits } from './limits.ts'
import { parseChange } from './parse.ts'
import { ChangeRefused } from './refused.ts'

const SEEDS = Array.from({ length: 8 }, (_, i) => i + 1)
const MUTANTS_PER_SEED = 4_000
/** Of the processor, in this thread: what other work on the machine takes does not count. */
const SLOWEST_MS_MAX = 50
const TIMES_MAX = 5
const limits = defaultChangeLimits

type Doc = Record<string, unknown>

/** One change with every kind of operation in it. */
function rich(): Uint8Array {
  const doc = Automerge.change(
    Automerge.init<Doc>({ actor: runActor(1) }),
    { time: 5, message: 'é' },
    (d) => {
      Object.assign(d, {
        m: { a: 1, b: [1, 2, 2, { z: null }] },
        t: 'hello',
        c: new Automerge.Counter(3),
        s: new Automerge.ImmutableString('abc'),
      })
      d.s = new Automerge.ImmutableString('abd')
      delete (d.m as Doc).a
      ;(d.c as Automerge.Counter).increment(2)
      Automerge.splice(d, ['t'], 1, 2, 'xy')
    },
  )
  return Automerge.getLastLocalChange(doc)!
}

function mutated(bytes: Uint8Array, next: (n: number) => number, from: number): Uint8Array {
  const copy = bytes.slice()
  for (let edits = 1 + next(3); edits > 0; edits--) {
    const at = from + next(copy.length - from)
    copy[at] = next(3) === 0 ? copy[at]! ^ (1 << next(8)) : next(256)
  }
  return next(20) === 0 ? copy.subarray(0, from + next(copy.length - from)) : copy
}

/** Whether the change passes; anything but a refusal is thrown on. */
function passes(bytes: Uint8Array): boolean {
  try {
    checkOperations(parseChange(bytes, host, limits), limits)
    return true
  } catch (error) {
    if (error instanceof ChangeRefused) return false
    throw error
  }
}

function passesInTime(bytes: Uint8Array): boolean {
  // A time may be the garbage collector's; what is slow is so each time.
  let fastestMs = Number.POSITIVE_INFINITY
  let passed = false
  for (let times = 0; times < TIMES_MAX && fastestMs > SLOWEST_MS_MAX; times++) {
    const before = process.threadCpuUsage()
    passed = passes(bytes)
    const { user, system } = process.threadCpuUsage(before)
    fastestMs = Math.min(fastestMs, (user + system) / 1_000)
  }
  expect(fastestMs).toBeLessThan(SLOWEST_MS_MAX)
  return passed
}

/**
 * Applies a change and loads the saved document again; false when Automerge refuses to apply it, which is its
 * good right.
 */
function survivesReload(bytes: Uint8Array): boolean {
  let doc: Automerge.Doc<Doc>
  try {
    doc = Automerge.applyChanges(Automerge.init<Doc>(), [bytes])[0]
  } catch {
    return false
  }
  const loaded = Automerge.load<Doc>(Automerge.save(doc))
  expect(Automerge.getHeads(loaded)).toEqual(Automerge.getHeads(doc))
  JSON.stringify(loaded)
  return true
}

describe('mutants', () => {
  const change = rich()
  const { body } = parseChange(change, host, limits)

  it.each(SEEDS)('C-4: of a chunk are all refused (seed %d)', (seed) => {
    const next = seeded(seed)
    for (let i = 0; i < MUTANTS_PER_SEED; i++) {
      const mutant = mutated(change, next, 0)
      if (Buffer.compare(mutant, change) !== 0) expect(passesInTime(mutant)).toBe(false)
    }
  })

  it.each(SEEDS)('C-3: of a compressed chunk are refused or the same change (seed %d)', (seed) => {
    const next = seeded(seed)
    const chunk = compressChange(body)
    for (let i = 0; i < MUTANTS_PER_SEED / 4; i++) {
      const mutant = mutated(chunk, next, 0)
      if (passesInTime(mutant)) expect(parseChange(mutant, host, limits).body).toEqual(Buffer.from(body))
    }
  })

  it.each(SEEDS)(
    'C-10 to C-25: of a body with a right checksum never poison a document (seed %d)',
    (seed) => {
      const next = seeded(seed)
      let passed = 0
      let applied = 0
      for (let i = 0; i < MUTANTS_PER_SEED; i++) {
        const mutant = seal(mutated(body, next, 19))
        if (!passesInTime(mutant)) continue
        passed++
        if (survivesReload(mutant)) applied++
      }
      expect(passed).toBeGreaterThan(0)
      expect(applied).toBeGreaterThan(0)
    },
  )
})

describe('honest histories', () => {
  const replicas = [0, 1, 2]

  function edit(d: Doc, next: (n: number) => number): void {
    const key = `k${next(8)}`
    const value = d[key]
    const makers: (() => unknown)[] = [
      () => next(1e6) - 5e5,
      () => 'text é'.repeat(next(5)),
      () => new Automerge.ImmutableString('x'.repeat(next(30))),
      () => ({ a: 1, b: { c: [1, 2, { z: null }] } }),
      () => [1, 2.5, null, true, 'x'],
      () => new Automerge.Counter(next(9)),
      () => new Date(next(2e9)),
      () => Uint8Array.of(1, 2, next(255)),
    ]
    if (next(8) === 0) delete d[key]
    else if (typeof value === 'string')
      Automerge.splice(d, [key], next(value.length + 1), value.length > 4 ? 1 : 0, 'ins')
    else if (Array.isArray(value)) value.splice(next(value.length + 1), next(3), next(5), null)
    else if (value instanceof Automerge.Counter && next(2) === 0) value.increment(next(5) - 2)
    else d[key] = makers[next(makers.length)]!()
  }

  function history(seed: number): Uint8Array[] {
    const next = seeded(seed)
    const docs = replicas.map((i) => Automerge.init<Doc>({ actor: runActor(i * 80 + next(80)) }))
    for (let step = 0; step < 60; step++) {
      const i = next(3)
      if (next(4) === 0) docs[i] = Automerge.merge(docs[i]!, docs[(i + 1 + next(2)) % 3]!)
      docs[i] = Automerge.change(docs[i]!, { time: next(2e9), message: `m${next(9)}é` }, (d) => {
        for (let edits = 1 + next(6); edits > 0; edits--) edit(d, next)
      })
      if (next(8) === 0) docs[i] = Automerge.emptyChange(docs[i]!, { time: 0 })
    }
    const all = docs.reduce((a, b) => Automerge.merge(a, b))
    return [...Automerge.getAllChanges(all), ...Automerge.getAllChanges(Automerge.load(Automerge.save(all)))]
  }

  it.each(SEEDS)('pass, and read as the engine reads them (seed %d)', (seed) => {
    const known = new Map<string, ObjectFacts>()
    for (const bytes of history(seed)) {
      const parsed = parseChange(bytes, host, limits)
      for (const made of checkOperations(parsed, limits, (id) => known.get(id)))
        known.set(made.objectId, made)
      const decoded = Automerge.decodeChange(bytes)
      const { hashHex, actorHex, seq, startOp, time, message, deps, operations } = parsed
      expect([hashHex, actorHex, seq, startOp, time, message, operations]).toEqual([
        decoded.hash,
        decoded.actor,
        decoded.seq,
        decoded.startOp,
        decoded.time,
        decoded.message ?? '',
        decoded.ops.length,
      ])
      expect(deps).toEqual(decoded.deps)
    }
    expect(known.size).toBeGreaterThan(0)
  })
})
