/** When it goes wrong: K-49 to K-59. */
import { expect } from 'vitest'
import type { UpsertRequest, WriteAnswer } from '../adapter-port.ts'
import { type ContractCase, contractCase, fault } from './case.ts'
import { ABORT_MS_MAX, RETRY_AFTER_MS_SLACK } from './limits.ts'
import { expectKind, rowOf, type Trial } from './trial.ts'

export const failureCases: readonly ContractCase[] = [
  contractCase(
    'K-49',
    'an answer that is too large is no answer to a write',
    [fault('swellAnswer')],
    async (trial) => {
      const provoke = trial.provoke('swellAnswer')
      const swollen = async <Answer>(next: 'read' | 'write', ask: () => Promise<Answer>) => {
        await provoke(next)
        return ask()
      }
      const request = trial.request(trial.fields('ours', 'noted'))
      expectKind(await swollen('write', () => trial.write(request)), 'unknown', 'the answer to a create')
      await expectFound(trial, request, await repeated(trial, request))
      expect(await trial.livingOf(request.externalId)).toHaveLength(1)
      const row = await trial.made()
      for (const { attempt } of readings(trial, row.id))
        expect(['unknown', 'later', 'rejected']).toContain((await swollen('read', attempt)).kind)
      const change = trial.change(row, trial.fields('changed'))
      expectKind(await swollen('write', () => trial.write(change)), 'unknown', 'the answer to a change')
      await expectFound(trial, change, await repeated(trial, change))
      const removal = trial.removal(await trial.made())
      expectKind(await swollen('write', () => trial.delete(removal)), 'unknown', 'the answer to a delete')
      await trial.settled()
      expect(await trial.delete(removal)).toMatchObject({ kind: 'done', row: { deleted: true } })
    },
  ),

  contractCase(
    'K-50',
    'the answer to a create is lost: unknown, and the repeat finds one row',
    [fault('loseAnswer')],
    async (trial) => {
      const request = trial.request(trial.fields('ours', 'noted'))
      await trial.provoke('loseAnswer')()
      expectKind(await trial.write(request), 'unknown')
      await expectFound(trial, request, await repeated(trial, request))
      expect(await trial.livingOf(request.externalId)).toHaveLength(1)
    },
  ),

  contractCase(
    'K-51',
    'the answer to a change is lost: unknown, and the repeat finds it',
    [fault('loseAnswer')],
    async (trial) => {
      const request = trial.change(await trial.made(), trial.fields('changed'))
      await trial.provoke('loseAnswer')()
      expectKind(await trial.write(request), 'unknown')
      await expectFound(trial, request, await repeated(trial, request))
    },
  ),

  contractCase(
    'K-52',
    'the answer to a delete is lost: unknown, and the repeat is done',
    [fault('loseAnswer')],
    async (trial) => {
      const request = trial.removal(await trial.made())
      await trial.provoke('loseAnswer')()
      expectKind(await trial.delete(request), 'unknown')
      await trial.settled()
      expect(await trial.delete(request)).toMatchObject({ kind: 'done', row: { deleted: true } })
      expect(await trial.living()).toEqual([])
    },
  ),

  contractCase(
    'K-53',
    'a used up quota is later, with the wait that was told',
    [fault('exhaustQuota')],
    async (trial) => {
      const row = await trial.made()
      const provoke = trial.provoke('exhaustQuota')
      const request = trial.change(row, trial.fields('changed'))
      for (const { strikes, attempt } of [...readings(trial, row.id), ...writings(trial, row, request)]) {
        const { retryAfterMs } = await provoke(strikes)
        const answer = await attempt()
        expectKind(answer, 'later')
        if (retryAfterMs === undefined || answer.kind !== 'later') continue
        expect(answer.retryAfterMs ?? -1, 'milliseconds to wait').toBeGreaterThanOrEqual(
          Math.max(0, retryAfterMs - RETRY_AFTER_MS_SLACK),
        )
      }
      await trial.expectTrue(row.id, trial.fields('made here'))
      expect((await trial.write(request)).kind).toBe('done')
    },
  ),

  contractCase(
    'K-54',
    'a server error tells nothing of what was done',
    [fault('breakServer')],
    async (trial) => {
      const row = await trial.made()
      const provoke = trial.provoke('breakServer')
      for (const { attempt } of readings(trial, row.id)) {
        await provoke('read')
        expect(['unknown', 'later']).toContain((await attempt()).kind)
      }
      const request = trial.change(row, trial.fields('changed'))
      for (const { attempt } of writings(trial, row, request)) {
        await provoke('write')
        expectKind(await attempt(), 'unknown')
      }
    },
  ),

  contractCase(
    'K-55',
    'an answer that cannot be read is no answer',
    [fault('garbleAnswer')],
    async (trial) => {
      const row = await trial.made()
      const provoke = trial.provoke('garbleAnswer')
      for (const { attempt } of readings(trial, row.id)) {
        await provoke('read')
        expect(['unknown', 'later']).toContain((await attempt()).kind)
      }
      const request = trial.change(row, trial.fields('changed'))
      await provoke('write')
      expectKind(await trial.write(request), 'unknown')
      await expectFound(trial, request, await repeated(trial, request))
    },
  ),

  contractCase('K-56', 'what the system refuses is rejected in its words', [], async (trial) => {
    const { fields: poison, reason, names = [] } = trial.system.poison
    const row = await trial.made()
    const tries = [
      trial.request({ ...trial.fields('poisoned'), ...poison }),
      trial.change(row, { ...trial.fields('poisoned'), ...poison }),
    ]
    for (const request of tries) {
      const answer = await trial.write(request)
      expect(answer).toMatchObject({ kind: 'rejected', reason: expect.stringMatching(reason) })
      if (names.length > 0) expect(answer).toMatchObject({ fields: expect.arrayContaining([...names]) })
    }
    expect(await trial.livingOf(tries[0]!.externalId)).toEqual([])
    await trial.expectTrue(row.id, trial.fields('made here'))
    expect((await trial.write(trial.change(row, trial.fields('sound')))).kind).toBe('done')
  }),

  contractCase('K-57', 'a field that is gone is rejected by name', [fault('dropField')], async (trial) => {
    const { note } = trial.system.fields
    await trial.provoke('dropField')(note)
    const answer = await trial.write(trial.request(trial.fields('ours', 'noted')))
    expectKind(answer, 'rejected')
    if (answer.kind !== 'rejected') return
    expect(`${answer.reason} ${answer.fields?.join(' ')}`).toContain(note)
    const described = await trial.adapter.describe?.([trial.type], trial.call)
    if (described === undefined) return
    expectKind(described, 'types')
    const fields = described.kind === 'types' ? described.types.flatMap((one) => one.fields) : []
    expect(fields.map(({ name }) => name)).not.toContain(note)
  }),

  contractCase('K-58', 'the signal of a call ends it', [fault('hang')], async (trial) => {
    const row = await trial.made()
    const request = trial.change(row, trial.fields('changed'))
    const { adapter, type } = trial
    const abortedAt = await hung(trial, 'write', (signal) => adapter.upsert(type, request, { signal }), [
      'unknown',
    ])
    expect(performance.now() - abortedAt, 'milliseconds that the call went on').toBeLessThan(ABORT_MS_MAX)
    await hung(trial, 'read', (signal) => adapter.read(type, { id: row.id }, { signal }), [
      'unknown',
      'later',
    ])
  }),

  contractCase('K-59', 'a call whose signal has ended is not made', [], async (trial) => {
    const row = await trial.made()
    const ended = { signal: AbortSignal.abort() }
    const answer = await trial.adapter.upsert(trial.type, trial.change(row, trial.fields('changed')), ended)
    expect(['unknown', 'later']).toContain(answer.kind)
    await trial.settled()
    await trial.expectTrue(row.id, trial.fields('made here'))
  }),
]

interface Attempt {
  strikes: 'read' | 'write'
  attempt(): Promise<{ kind: string; retryAfterMs?: number | undefined }>
}

function readings({ adapter, type, call }: Trial, id: string): Attempt[] {
  return [
    { strikes: 'read', attempt: () => adapter.read(type, { id }, call) },
    { strikes: 'read', attempt: () => adapter.changes(type, undefined, 10, call) },
  ]
}

function writings(trial: Trial, row: Parameters<Trial['removal']>[0], request: UpsertRequest): Attempt[] {
  return [
    { strikes: 'write', attempt: () => trial.write(request) },
    { strikes: 'write', attempt: () => trial.delete(trial.removal(row)) },
  ]
}

async function repeated(trial: Trial, request: UpsertRequest): Promise<WriteAnswer> {
  await trial.settled()
  return trial.write(request)
}

/** The repeat is answered as the call was, or meets what it did. */
async function expectFound(trial: Trial, request: UpsertRequest, answer: WriteAnswer): Promise<void> {
  const row = rowOf(answer, answer.kind === 'conflict' ? 'conflict' : 'done')
  trial.expectFields(row, request.fields)
  await trial.expectTrue(row.id, request.fields)
}

/** Begins a call that is never answered, ends its signal, and sees it end. @returns when the signal ended, by `performance.now` */
async function hung(
  trial: Trial,
  strikes: 'read' | 'write',
  begin: (signal: AbortSignal) => Promise<{ kind: string }>,
  kinds: readonly string[],
): Promise<number> {
  const { arrived } = await trial.provoke('hang')(strikes)
  const abort = new AbortController()
  const answer = begin(abort.signal)
  await arrived
  const abortedAt = performance.now()
  abort.abort()
  expect(kinds).toContain((await answer).kind)
  return abortedAt
}
