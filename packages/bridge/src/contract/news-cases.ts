/** Pushes, and the price of calls: K-70, K-71. */
import { expect } from 'vitest'
import type { Call, Hint } from '../adapter-port.ts'
import { type ContractCase, contractCase, countsRequests, has } from './case.ts'

export const newsCases: readonly ContractCase[] = [
  contractCase(
    'K-70',
    'while it listens, a change by somebody else is hinted at',
    [has('listen')],
    async (trial) => {
      const { adapter, system, type, call } = trial
      const hints: Hint[] = []
      let heard = () => {}
      const stop = await adapter.listen!((hint) => {
        hints.push(hint)
        heard()
      }, call)
      const { id } = await system.create(trial.fields('theirs'))
      while (!hints.some((hint) => hint.type === type && hint.id === id))
        await new Promise<void>((resolve) => {
          heard = resolve
        })
      await stop()
      const before = hints.length
      await system.edit(id, trial.fields('unheard'))
      await trial.told(undefined, 10)
      expect(hints.slice(before)).toEqual([])
    },
  ),

  contractCase(
    'K-71',
    'what a call says it spends is what the system counted',
    [countsRequests],
    async (trial) => {
      const { adapter, system, type } = trial
      const row = await trial.made()
      let spent = 0
      const call: Call = {
        ...trial.call,
        spend: (units = 1) => {
          spent += units
        },
      }
      const before = await system.requests!()
      await adapter.read(type, { id: row.id }, call)
      await adapter.changes(type, undefined, 10, call)
      await adapter.upsert(type, trial.change(row, trial.fields('changed')), call)
      await adapter.upsert(type, trial.request(trial.fields('made')), call)
      const counted = (await system.requests!()) - before
      if (spent > 0) expect(spent).toBe(counted)
      else expect(counted, 'a call that says nothing costs one').toBe(4)
    },
  ),
]
