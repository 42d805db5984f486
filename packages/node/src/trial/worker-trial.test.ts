/** Trials in real threads, with what is known to harm the engine: packages/core/src/change/SPEC.md, Costs. */
import { setTimeout as passed } from 'node:timers/promises'
import { change, encodeChange, getAllChanges, init } from '@automerge/automerge/slim'
import { TrialError, type TrialTask } from '@skerry/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startEngine } from '../index.ts'
import { withMemoryMax } from './bounded-engine.ts'
import { TRIALS_WAITING_BYTES_MAX, TRIALS_WAITING_MAX } from './limits.ts'
import { type WorkerTrialOptions, workerTrial } from './worker-trial.ts'

await startEngine()

const MIB = 1024 * 1024

function trial(options: WorkerTrialOptions = {}) {
  const made = workerTrial(options)
  onTestFinished(() => made.close())
  return made
}

/** A change that sets one key so often, as a device may write it: within every ceiling of one change up to 50,000. */
function sets(n: number, operations: number): Uint8Array {
  return encodeChange({
    actor: `00${n.toString(16).padStart(32, '0')}`,
    seq: 1,
    startOp: 1,
    time: 0,
    message: null,
    deps: [],
    ops: Array.from({ length: operations }, () => ({
      action: 'set',
      obj: '_root',
      key: 'a',
      value: null,
      pred: [],
    })),
  } as never)
}

/** An honest history of so many edits. */
function edits(count: number): Uint8Array[] {
  let doc = init<{ n: number }>({ actor: `00${'7'.repeat(32)}` })
  for (let n = 0; n < count; n++)
    doc = change(doc, (draft) => {
      draft.n = n
    })
  return getAllChanges(doc)
}

const task = (over: Partial<TrialTask>): TrialTask => ({
  record: 'jobs/1',
  history: [],
  changes: [],
  ...over,
})
const small = task({ history: edits(3) })
/** A second of one core and more, on any machine. */
const dear = task({ changes: Array.from({ length: 6 }, (_, n) => sets(n, 40_000)) })

describe('I-7: a trial in a thread', () => {
  it('finds honest histories and edits sound', async () => {
    const { try: tried } = bound(trial())
    const [first, ...more] = edits(40)
    expect(await tried(task({ history: [first!], changes: more }))).toEqual({ kind: 'sound' })
    expect(await tried(task({ history: [first!, ...more] }))).toEqual({ kind: 'sound' })
    expect(await tried(task({ changes: more }))).toEqual({ kind: 'incomplete' })
  })

  it('fault C16: an engine that panics is a verdict, and the next trial has another engine', async () => {
    const { try: tried } = bound(trial())
    const broken = encodeChange({
      actor: `00${'1'.repeat(32)}`,
      seq: 5,
      startOp: 1,
      time: 0,
      message: null,
      deps: [],
      ops: [{ action: 'set', obj: '_root', key: 'a', value: 1, pred: [] }],
    } as never)
    expect(await tried(task({ history: [broken] }))).toMatchObject({ kind: 'refused', stage: 'history' })
    expect(await tried(task({ changes: [broken] }))).toMatchObject({ kind: 'refused', stage: 'changes' })
    expect(await tried(small)).toEqual({ kind: 'sound' })
  })

  it('fault P8: out of time, the thread is ended in the middle of its work; what waited is tried in the next', async () => {
    const { try: tried } = bound(trial({ cpuMsMax: 300 }))
    const [guilty, waited] = await Promise.all([tried(dear), tried(small)])
    expect(guilty).toMatchObject({ kind: 'deadline', stage: 'changes' })
    expect(waited).toEqual({ kind: 'sound' })
    // A history is loaded at once, which is several times quicker than trying its changes.
    const history = Array.from({ length: 24 }, (_, n) => sets(n, 40_000))
    expect(await tried(task({ history }))).toMatchObject({ kind: 'deadline', stage: 'history' })
  })

  it('fault P8: out of memory, the engine of the thread dies alone, and the memory of this process stays bounded', async () => {
    const { try: tried } = bound(trial({ engineBytesMax: 16 * MIB }))
    const before = process.memoryUsage.rss()
    const [guilty, waited] = await Promise.all([tried(dear), tried(small)])
    expect(guilty).toMatchObject({ kind: 'died', stage: 'changes' })
    expect(waited).toEqual({ kind: 'sound' })
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * MIB)
  })

  it('this thread is free while another tries', async () => {
    const tried = trial({ cpuMsMax: 300 }).try(dear)
    let turns = 0
    let isOver = false
    void tried.then(() => {
      isOver = true
    })
    while (!isOver) {
      await passed(1)
      turns += 1
    }
    expect(await tried).toMatchObject({ kind: 'deadline' })
    expect(turns).toBeGreaterThan(10)
  })

  it(`at most ${TRIALS_WAITING_MAX} trials wait, and one more is turned away`, async () => {
    const full = workerTrial()
    const all = Array.from({ length: TRIALS_WAITING_MAX + 1 }, () => full.try(small))
    const ended = Promise.allSettled(all)
    await expect(full.try(small)).rejects.toMatchObject({ code: 'too-many-trials' })
    await full.close()
    const codes = (await ended).map((one) => one.status === 'rejected' && (one.reason as TrialError).code)
    expect(codes).not.toContain('too-many-trials')
  })

  it('so do their bytes', async () => {
    const full = workerTrial()
    const history = [new Uint8Array(TRIALS_WAITING_BYTES_MAX)]
    const ended = Promise.allSettled([full.try(small), full.try(task({ history }))])
    await expect(full.try(task({ history: [new Uint8Array(1)] }))).rejects.toMatchObject({
      code: 'too-many-trials',
    })
    await full.close()
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('closing ends what is tried and what waits, and says nothing of a record', async () => {
    const closing = workerTrial()
    const all = [closing.try(dear), closing.try(small)].map((one) => one.catch((error: unknown) => error))
    await closing.close()
    for (const one of await Promise.all(all)) expect(one).toBeInstanceOf(TrialError)
    await expect(closing.try(small)).rejects.toMatchObject({ code: 'no-trial' })
  })
})

describe('the ceiling of the memory of the engine', () => {
  it('is refused for what is no module with one memory', () => {
    expect(() => withMemoryMax(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), MIB)).toThrow(TypeError)
  })

  it('is written into the module, and nothing else is', () => {
    // (module (memory (export "m") 1)): sections memory and export.
    const memory = [5, 3, 1, 0, 1]
    const rest = [7, 5, 1, 1, 109, 2, 0]
    const header = [0, 97, 115, 109, 1, 0, 0, 0]
    const bounded = withMemoryMax(Uint8Array.of(...header, ...memory, ...rest), 200 * 65_536)
    expect([...bounded]).toEqual([...header, 5, 5, 1, 1, 1, 200, 1, ...rest])
  })
})

function bound(made: ReturnType<typeof trial>) {
  return { try: (one: TrialTask) => made.try(one) }
}
