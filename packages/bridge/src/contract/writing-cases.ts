/** Writing one row: K-30 to K-42. */
import { expect } from 'vitest'
import type { Call } from '../adapter-port.ts'
import { type ContractCase, comparesOrReplays, contractCase, has } from './case.ts'
import { REQUESTS_INTERRUPTED_MAX } from './limits.ts'
import { rowOf, type Trial } from './trial.ts'

export const writingCases: readonly ContractCase[] = [
  contractCase('K-30', 'a row is made under its external id, with the fields sent', [], async (trial) => {
    const fields = trial.fields('ours', 'noted')
    const request = trial.request(fields)
    const row = rowOf(await trial.write(request), 'done')
    expect(row).toMatchObject({ type: trial.type, externalId: request.externalId, deleted: false })
    trial.expectFields(row, fields)
    const [made] = await trial.livingOf(request.externalId)
    expect(made?.id).toBe(row.id)
    await trial.expectTrue(row.id, fields)
    expect(await trial.row(row.id)).toEqual(row)
  }),

  contractCase('K-31', 'an external id created twice is one row', [], async (trial) => {
    const first = await trial.made('first')
    const externalId = first.externalId ?? ''
    const second = await trial.write(trial.request(trial.fields('second'), { externalId }))
    expect(await trial.livingOf(externalId)).toMatchObject([{ id: first.id }])
    if (!trial.adapter.capabilities.compareAndSet) return
    expect(rowOf(second, 'conflict').id).toBe(first.id)
    await trial.expectTrue(first.id, trial.fields('first'))
  }),

  contractCase('K-32', 'a create repeated under its key is one row', [], async (trial) => {
    const request = trial.request(trial.fields('ours', 'noted'))
    const row = rowOf(await trial.write(request), 'done')
    await trial.settled()
    const repeat = await trial.write(request)
    expect(['done', 'conflict']).toContain(repeat.kind)
    expect(repeat).toMatchObject({ row: { id: row.id, version: row.version } })
    expect(await trial.livingOf(request.externalId)).toHaveLength(1)
  }),

  contractCase('K-33', 'only fields that were sent change', [], async (trial) => {
    const row = await trial.made('ours', 'noted')
    const changed = rowOf(await trial.write(trial.change(row, trial.fields('changed'))), 'done')
    expect(changed.version).not.toBe(row.version)
    trial.expectFields(changed, trial.fields('changed', 'noted'))
    await trial.expectTrue(row.id, trial.fields('changed', 'noted'))
  }),

  contractCase('K-34', 'null empties a field', [], async (trial) => {
    const row = await trial.made('ours', 'noted')
    const emptied = { [trial.system.fields.note]: null }
    const answer = rowOf(await trial.write(trial.change(row, emptied)), 'done')
    trial.expectFields(answer, trial.fields('ours', null))
    trial.expectFields(await trial.row(row.id), trial.fields('ours', null))
    const { note } = trial.system.fields
    expect((await trial.trueRow(row.id))?.value[note] ?? '', 'the emptied field in the system').toBe('')
  }),

  contractCase(
    'K-35',
    'a stale version is a conflict with the row as it is',
    [has('compareAndSet')],
    async (trial) => {
      const row = await trial.made()
      await trial.system.edit(row.id, trial.fields('theirs'))
      const answer = await trial.write(trial.change(row, trial.fields('ours, too late', 'too late')))
      const met = rowOf(answer, 'conflict')
      expect(met).toEqual(await trial.row(row.id))
      trial.expectFields(met, trial.fields('theirs', 'and noted'))
      await trial.expectTrue(row.id, trial.fields('theirs', 'and noted'))
      expect((await trial.write(trial.change(met, trial.fields('ours, in time')))).kind).toBe('done')
    },
  ),

  contractCase(
    'K-36',
    'a row where none was expected is a conflict',
    [has('compareAndSet')],
    async (trial) => {
      const row = await trial.made()
      await trial.system.edit(row.id, trial.fields('theirs'))
      const externalId = row.externalId ?? ''
      const answer = await trial.write(trial.request(trial.fields('ours, again'), { externalId }))
      expect(rowOf(answer, 'conflict')).toEqual(await trial.row(row.id))
      await trial.expectTrue(row.id, trial.fields('theirs'))
    },
  ),

  contractCase('K-37', 'deleting deletes, and again is done', [], async (trial) => {
    const kept = await trial.made('kept')
    const row = await trial.made()
    const request = trial.removal(row)
    expect(rowOf(await trial.delete(request), 'done')).toMatchObject({ id: row.id, deleted: true })
    expect((await trial.living()).map(({ id }) => id)).toEqual([kept.id])
    await trial.settled()
    expect(rowOf(await trial.delete(request), 'done')).toMatchObject({ id: row.id, deleted: true })
  }),

  contractCase(
    'K-38',
    'a delete under a stale version is a conflict',
    [has('compareAndSet')],
    async (trial) => {
      const row = await trial.made()
      await trial.system.edit(row.id, trial.fields('theirs'))
      const met = rowOf(await trial.delete(trial.removal(row)), 'conflict')
      expect(met).toEqual(await trial.row(row.id))
      await trial.expectTrue(row.id, trial.fields('theirs'))
    },
  ),

  contractCase('K-39', 'a write to a deleted row is a conflict that says so', [], async (trial) => {
    const row = await trial.made()
    await trial.system.remove(row.id)
    await trial.settled()
    const answer = await trial.write(trial.change(row, trial.fields('into the void')))
    expect(rowOf(answer, 'conflict')).toMatchObject({ id: row.id, deleted: true })
    expect(await trial.living()).toEqual([])
  }),

  contractCase('K-40', 'restore brings a deleted row back', [has('restore')], async (trial) => {
    const row = await trial.made()
    await trial.system.remove(row.id)
    await trial.settled()
    const gone = rowOf(await trial.write(trial.change(row, trial.fields('not yet'))), 'conflict')
    const fields = trial.fields('lives again', 'with a note')
    const request = { ...trial.change(row, fields), expectedVersion: gone.version, restore: true }
    const back = rowOf(await trial.write(request), 'done')
    expect(back).toMatchObject({ externalId: row.externalId, deleted: false })
    expect(await trial.livingOf(row.externalId ?? '')).toMatchObject([{ id: back.id }])
    await trial.expectTrue(back.id, fields)
  }),

  contractCase(
    'K-41',
    'a change repeated under its key takes back nothing',
    [comparesOrReplays],
    async (trial) => {
      const row = await trial.made()
      const request = trial.change(row, trial.fields('ours'))
      rowOf(await trial.write(request), 'done')
      await trial.settled()
      const repeat = await trial.write(request)
      expect(['done', 'conflict']).toContain(repeat.kind)
      expect(repeat).toMatchObject({ row: { id: row.id } })
      await trial.system.edit(row.id, trial.fields('theirs'))
      expect(['done', 'conflict']).toContain((await trial.write(request)).kind)
      await trial.expectTrue(row.id, trial.fields('theirs'))
    },
  ),

  contractCase(
    'K-42',
    'an edit between the requests of a write is not overwritten',
    [has('compareAndSet')],
    async (trial) => {
      for (let at = 1; at <= REQUESTS_INTERRUPTED_MAX; at++) {
        const row = await trial.made()
        const request = trial.change(row, trial.fields('ours'))
        const edit = () => trial.system.edit(row.id, trial.fields('theirs'))
        const ask = (call: Call) => trial.adapter.upsert(trial.type, request, call)
        const { answer, came } = await trial.interrupted(at, edit, ask)
        expect(['done', 'conflict'], `edited before request ${at}`).toContain(answer.kind)
        if (!came) break
        if (answer.kind === 'conflict') trial.expectFields(answer.row, trial.fields('theirs'))
        await trial.expectTrue(row.id, trial.fields('theirs'))
      }
      if (!(await showsDeleted(trial))) return
      for (let at = 1; at <= REQUESTS_INTERRUPTED_MAX; at++) if (!(await expectNotDeleted(trial, at))) return
    },
  ),
]

/** Whether what is deleted is to be seen there as it was, and cannot be edited: only then it tells which of a delete and an edit came first. */
async function showsDeleted(trial: Trial): Promise<boolean> {
  const { title } = trial.system.fields
  const { id } = await trial.system.create(trial.fields('as it was'))
  await trial.system.remove(id)
  await Promise.allSettled([trial.system.edit(id, trial.fields('edited'))])
  const left = (await trial.system.rows()).find((row) => row.id === id)
  return left?.deleted === true && left.value[title] === 'as it was'
}

/** A delete, with an edit just before the request of this number. @returns whether there was such a request */
async function expectNotDeleted(trial: Trial, at: number): Promise<boolean> {
  const row = await trial.made()
  const request = trial.removal(row)
  let edited: Promise<unknown> = Promise.resolve()
  const edit = () => {
    edited = trial.system.edit(row.id, trial.fields('theirs'))
    // A delete that came first leaves nothing to edit: then nobody's edit is lost.
    return Promise.allSettled([edited])
  }
  const ask = (call: Call) => trial.adapter.delete(trial.type, request, call)
  const { answer, came } = await trial.interrupted(at, edit, ask)
  expect(['done', 'conflict'], `edited before request ${at} of a delete`).toContain(answer.kind)
  if (!came) return false
  if (answer.kind === 'conflict') {
    await edited
    trial.expectFields(answer.row, trial.fields('theirs'))
    await trial.expectTrue(row.id, trial.fields('theirs'))
    return true
  }
  const left = (await trial.system.rows()).find(({ id }) => id === row.id)
  expect(left?.value[trial.system.fields.title], 'the title of what was deleted').toBe('made here')
  return true
}
