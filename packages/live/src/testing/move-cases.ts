/** OUTLIVES: for implementations where whoever holds the replica may go. */
import { expect } from 'vitest'
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
    title: `OUTLIVES: each of ${CALLS} records that are being made when the worker goes is made, once`,
    async run({ live, move }) {
      const told = watching(live)
      const calls = Array.from({ length: CALLS }, (_, i) => live.create('jobs', job({ rank: i }), `j${i}`))
      await move!()
      await Promise.all(calls)
      await told.untilResult((records) => records.length === CALLS)
    },
  },
  {
    title: `OUTLIVES: each of ${CALLS} edits under way when the worker goes is made once: nothing is counted or typed twice`,
    async run({ live, move }) {
      await live.create('jobs', job({ notes: '', hours: 0 }), 'one')
      const base = (await live.get('jobs', 'one'))!
      const letters = Array.from({ length: CALLS }, (_, i) => String.fromCharCode('a'.charCodeAt(0) + i))
      const calls = letters.map((notes) =>
        live.update('jobs', 'one', { base, wanted: { ...base, notes, hours: 1 } }),
      )
      await move!()
      await Promise.all(calls)
      const { hours, notes } = (await live.get('jobs', 'one'))!
      expect({ hours, notes: [...String(notes)].sort() }).toEqual({ hours: CALLS, notes: letters })
    },
  },
]
