/** Reading one row: K-05 to K-08. */
import { expect } from 'vitest'
import { type ContractCase, contractCase, showsEmpty } from './case.ts'

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

  contractCase('K-08', 'an empty field stands in its row', [showsEmpty], async (trial) => {
    const { note } = trial.system.fields
    const bare = await trial.system.create(trial.fields('never noted'))
    expect((await trial.row(bare.id)).value, 'a row that never had a note').toHaveProperty([note], null)
    const noted = await trial.system.create(trial.fields('noted', 'for a while'))
    await trial.system.edit(noted.id, { [note]: null })
    expect((await trial.row(noted.id)).value, 'a row whose note was emptied').toHaveProperty([note], null)
  }),
]
