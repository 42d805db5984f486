/** Who we are, and what there is: K-01 to K-04. */
import { expect } from 'vitest'
import type { Call } from '../adapter-port.ts'
import { type ContractCase, contractCase, fault, has } from './case.ts'
import { IDENTITY_REQUESTS_MAX } from './limits.ts'
import { expectKind, rowOf, type Trial } from './trial.ts'

export const identityCases: readonly ContractCase[] = [
  contractCase('K-01', 'check is ok, and changes nothing', [], async ({ adapter, call, system }) => {
    expect(await adapter.check(call)).toEqual({ kind: 'ok' })
    expect(await system.rows()).toEqual([])
  }),

  contractCase('K-02', 'describe tells types and fields', [has('describe')], async (trial) => {
    const { adapter, type, call } = trial
    for (const asked of [[type], undefined]) {
      const answer = await adapter.describe!(asked, call)
      expectKind(answer, 'types')
      if (answer.kind !== 'types') return
      if (asked) expect(answer.types.map((one) => one.type)).toEqual([type])
      const fields = answer.types.find((one) => one.type === type)?.fields ?? []
      for (const name of Object.values(trial.system.fields))
        expect(
          fields.filter((field) => field.name === name),
          name,
        ).toMatchObject([{ kind: 'text', writable: true }])
    }
  }),

  contractCase(
    'K-03',
    'tokens that ended are renewed, once for each call',
    [fault('expireTokens')],
    async (trial) => {
      const row = await trial.made()
      await trial.provoke('expireTokens')()
      expect((await trial.write(trial.change(row, trial.fields('renewed')))).kind).toBe('done')
      await trial.provoke('expireTokens')()
      const keys = [{ id: row.id }, { id: row.id }, { externalId: row.externalId ?? '' }]
      const { requests } = await costOf(trial, async () => {
        for (const answer of await Promise.all(keys.map((key) => trial.read(key)))) rowOf(answer, 'row')
      })
      expect(requests, 'requests of three reads with one renewal each').toBeLessThanOrEqual(
        keys.length * IDENTITY_REQUESTS_MAX,
      )
    },
  ),

  contractCase(
    'K-04',
    'who is not let in is told so, without a storm',
    [fault('refuseIdentity')],
    async (trial) => {
      const { adapter, type } = trial
      const row = await trial.made()
      await trial.provoke('refuseIdentity')()
      const tries: ((call: Call) => Promise<{ kind: string }>)[] = [
        (call) => adapter.check(call),
        (call) => adapter.read(type, { id: row.id }, call),
        (call) => adapter.changes(type, undefined, 10, call),
        (call) => adapter.upsert(type, trial.change(row, trial.fields('not let in')), call),
        (call) => adapter.delete(type, trial.removal(row), call),
      ]
      for (const attempt of tries) {
        const { answer, requests } = await costOf(trial, attempt)
        expectKind(answer, 'unauthorized')
        expect(requests, 'requests of one call that is not let in').toBeLessThanOrEqual(IDENTITY_REQUESTS_MAX)
      }
      await trial.expectTrue(row.id, trial.fields('made here'))
    },
  ),
]

/** What a call costs: as the system counts, or as the call says where that cannot. */
async function costOf<Answer>(
  { system }: Trial,
  attempt: (call: Call) => Promise<Answer>,
): Promise<{ answer: Answer; requests: number }> {
  let spent = 0
  const before = await system.requests?.()
  const answer = await attempt({
    signal: new AbortController().signal,
    spend: (units = 1) => {
      spent += units
    },
  })
  const after = await system.requests?.()
  return { answer, requests: after === undefined ? spent : after - (before ?? 0) }
}
