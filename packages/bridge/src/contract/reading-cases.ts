/** Reading one row: K-05 to K-07. */
import { expect } from 'vitest'
import { type ContractCase, contractCase } from './case.ts'

export const readingCases: readonly ContractCase[] = [
  contractCase('K-05', 'a row of somebody else is read by its id', [], async (trial) => {
    const fields = trial.fields('theirs', 'noted')
    const { id } = await trial.system.create(fields)
    const row = await trial.row(id)
    expect(row).toMatchObject({ type: trial.type, id, deleted: false })
    expect(row.version).not.toBe('')
    trial.expectFields(row, fields)
    const again = await trial.row(id)
    expect(again.version, 'the version of a row that did not change').toBe(row.version)
    await trial.system.edit(id, trial.fields('theirs, edited'))
    expect((await trial.row(id)).version, 'the version of a row that did').not.toBe(row.version)
  }),

  contractCase('K-06', 'a row of ours is read by its external id', [], async (trial) => {
    await trial.made('another')
    const row = await trial.made()
    expect(row.externalId).toMatch(/^skerry:/)
    const byExternalId = await trial.read({ externalId: row.externalId ?? '' })
    expect(byExternalId).toEqual({ kind: 'row', row: await trial.row(row.id) })
    expect(byExternalId).toMatchObject({ row: { id: row.id, externalId: row.externalId } })
  }),

  contractCase('K-07', 'what is not there is absent', [], async (trial) => {
    const { id } = await trial.system.create(trial.fields('soon gone'))
    expect(await trial.read({ externalId: 'skerry:never-made' })).toEqual({ kind: 'absent' })
    await trial.system.remove(id)
    const answer = await trial.read({ id })
    if (answer.kind !== 'absent') expect(answer).toMatchObject({ kind: 'row', row: { id, deleted: true } })
  }),
]
