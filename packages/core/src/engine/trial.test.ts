import { describe, expect, it } from 'vitest'
import { craftChange } from '../change/craft.test-support.ts'
import { Automerge, host, runActor } from '../change/engine.test-support.ts'
import { Document } from './document.ts'
import { runTrial, type TrialTask } from './trial.ts'

/** Two honest edits of one record. */
function edits(): Uint8Array[] {
  const document = new Document(runActor(1))
  const made = ['one', 'two'].map((title) => {
    document.put('_root', 'title', title)
    return document.commit(0)!
  })
  document.free()
  return made
}

/** The second edit, but with another operation in it. */
function twisted(change: Uint8Array, twist: (op: object) => object): Uint8Array {
  const { hash: _, ...decoded } = Automerge.decodeChange(change)
  return Automerge.encodeChange({ ...decoded, ops: decoded.ops.map(twist) } as typeof decoded)
}

const [first, second] = edits() as [Uint8Array, Uint8Array]
const tried = (over: Partial<TrialTask>) => {
  const stages: string[] = []
  const verdict = runTrial({ record: 'a/1', history: [], changes: [], ...over }, host, (stage) =>
    stages.push(stage),
  )
  return { verdict, stages }
}

describe('I-2: a trial', () => {
  it('of a history, or of what is new on it, tells the stage before it begins', () => {
    expect(tried({ history: [first, second] })).toEqual({ verdict: { kind: 'sound' }, stages: ['history'] })
    const both = { verdict: { kind: 'sound' }, stages: ['history', 'changes'] }
    expect(tried({ history: [first], changes: [second] })).toEqual(both)
    expect(tried({ changes: [first, second] })).toEqual(both)
  })

  it('says when something is missing', () => {
    expect(tried({ changes: [second] }).verdict).toEqual({ kind: 'incomplete' })
  })

  it.each([
    ['a predecessor that is not there', { pred: [`2@00${'99'.repeat(16)}`] }],
    ['a predecessor under another key', { key: 'elsewhere' }],
    ['an object that is not there', { obj: `1@00${'99'.repeat(16)}`, pred: [] }],
  ])('refuses poison: %s (C-50)', (_, over) => {
    const changes = [twisted(second, (op) => ({ ...op, ...over }))]
    expect(tried({ history: [first], changes }).verdict).toMatchObject({ kind: 'refused', stage: 'changes' })
  })

  it('fault C16: a panic is told with its stage, and the engine of this thread goes on', () => {
    const panic = craftChange({ seq: 5 })
    expect(tried({ history: [panic] }).verdict).toMatchObject({ kind: 'refused', stage: 'history' })
    expect(tried({ history: [first], changes: [panic] }).verdict).toMatchObject({ kind: 'refused' })
    expect(tried({ history: [first], changes: [second] }).verdict).toEqual({ kind: 'sound' })
  })

  it('refuses bytes that are no change', () => {
    expect(tried({ changes: [Uint8Array.of(1, 2, 3)] }).verdict).toMatchObject({ kind: 'refused' })
  })
})
