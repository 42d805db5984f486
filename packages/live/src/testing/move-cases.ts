/** OUTLIVES: for implementations where whoever holds the replica may go. */
import { expect } from 'vitest'
import type { LiveError } from '../port.ts'
import { type LiveCase, watching } from './case.ts'
import { job } from './jobs.ts'

const CALLS = 20

export const moveCases: readonly LiveCase[] = [
  {
    title: 'OUTLIVES: a watch goes on without a gap',
    async run({ live, move }) {
      const told = watching(live)
      await live.create('jobs', job(), 'before')
      await told.untilResult((records) => records.length === 1)
      await move!()
      await live.create('jobs', job(), 'later')
      await told.untilResult((records) => records.length === 2)
      expect(told.ids).toEqual(['before', 'later'])
    },
  },
  {
    title: `OUTLIVES: each of ${CALLS} calls under way is settled, and its edit is here once, or not where it was refused as moved`,
    async run({ live, move }) {
      const calls = Array.from({ length: CALLS }, (_, i) => live.create('jobs', job({ rank: i }), `j${i}`))
      const settled = Promise.allSettled(calls)
      await move!()
      for (const [i, outcome] of (await settled).entries()) {
        const isHere = (await live.get('jobs', `j${i}`)) !== undefined
        if (outcome.status === 'fulfilled') expect(isHere, `j${i}`).toBe(true)
        else expect((outcome.reason as LiveError).code, `j${i}`).toBe('moved')
      }
    },
  },
]
