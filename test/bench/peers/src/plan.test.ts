import { describe, expect, it } from 'vitest'
import { contenders } from './contenders.ts'
import { planOf } from './plan.ts'

const everything = { only: undefined, sizes: undefined }
const namesAt = (records: number) =>
  planOf(contenders, everything)
    .filter((step) => step.records === records)
    .map(({ contender }) => contender.name)

describe('the plan', () => {
  it('measures everybody up to 5,000 records, and what needs no packages beyond', () => {
    const all = contenders.map(({ name }) => name)
    expect([200, 1_000, 5_000].map(namesAt)).toEqual([all, all, all])
    expect([10_000, 100_000].map(namesAt)).toEqual([
      ['ours', 'bare'],
      ['ours', 'bare'],
    ])
  })

  it('makes live edits at the smallest size only', () => {
    const plan = planOf(contenders, { only: ['ours'], sizes: [1_000, 200] })
    expect(plan.map(({ records, effort }) => [records, effort.liveEdits >= 200])).toEqual([
      [1_000, false],
      [200, true],
    ])
    expect(plan[0]!.effort.liveEdits).toBe(0)
  })

  it('measures a peer with any number of records that is asked for', () => {
    const plan = planOf(contenders, { only: ['tinybase'], sizes: [10_000] })
    expect(plan.map(({ contender, records }) => [contender.name, records])).toEqual([['tinybase', 10_000]])
  })
})
