import { describe, expect, it } from 'vitest'
import { type CpuProfile, inclusiveCosts } from './inclusive-time.ts'

const node = (id: number, functionName: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url: functionName.startsWith('(') ? '' : 'file:///a.ts', lineNumber: 0 },
  children,
})

describe('inclusive time', () => {
  // root → work → (again → work) , and nothing to do
  const profile: CpuProfile = {
    nodes: [
      node(1, '(root)', [2, 5]),
      node(2, 'work', [3]),
      node(3, 'again', [4]),
      node(4, 'work'),
      node(5, '(idle)'),
    ],
    samples: [2, 3, 4, 5],
    timeDeltas: [10, 20, 70, 1_000],
  }

  it('counts a function once however often it stands in the stack, and no idle time', () => {
    const { busyMs, costs } = inclusiveCosts(profile)
    expect(busyMs).toBeCloseTo(0.1)
    expect(costs.map(({ name }) => name)).toEqual(['work a.ts:1', 'again a.ts:1'])
    expect(costs.map(({ inclusive }) => inclusive)).toEqual([1, 0.9])
    expect(costs.map(({ self }) => self)).toEqual([0.8, 0.2])
  })
})
