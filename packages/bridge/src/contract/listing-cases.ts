/** Whole listings: K-20, K-21. */
import { expect } from 'vitest'
import { type ContractCase, contractCase, has } from './case.ts'

const ROWS = 8
const PAGE_ROWS = 3

export const listingCases: readonly ContractCase[] = [
  contractCase('K-20', 'list leads to every row once, with its version', [has('list')], async (trial) => {
    for (let i = 0; i < ROWS; i++) await trial.system.create(trial.fields(`theirs ${i}`))
    const ours = await trial.made()
    const { rows } = await trial.listed(PAGE_ROWS)
    const living = rows.filter(({ deleted }) => !deleted)
    expect(living.map(({ id }) => id).sort()).toEqual((await trial.living()).map(({ id }) => id).sort())
    for (const listed of living) {
      const row = await trial.row(listed.id)
      expect(listed).toMatchObject({ version: row.version })
      if (listed.row) expect(listed.row).toEqual(row)
    }
    expect(living.find(({ id }) => id === ours.id)?.externalId).toBe(ours.externalId)
  }),

  contractCase(
    'K-21',
    'a listing that proves shows what is gone, and misses nothing that lives',
    [has('list')],
    async (trial) => {
      const ids: string[] = []
      for (let i = 0; i < ROWS; i++) ids.push((await trial.system.create(trial.fields(`theirs ${i}`))).id)
      const [gone = '', goneMeanwhile = '', ...rest] = ids
      await trial.system.remove(gone)
      const edited = [rest[0]!, rest.at(-1)!]
      const { rows, proves } = await trial.listed(PAGE_ROWS, async () => {
        for (const id of edited) await trial.system.edit(id, trial.fields('edited while listed'))
        await trial.system.create(trial.fields('made while listed'))
        await trial.system.remove(goneMeanwhile)
      })
      if (trial.adapter.capabilities.deletions === 'unseen')
        expect(proves, 'deletions are not told, so that a listing must prove them').toBe(true)
      expect(rows.filter(({ id, deleted }) => id === gone && !deleted)).toEqual([])
      if (!proves) return
      const listed = new Set(rows.filter(({ deleted }) => !deleted).map(({ id }) => id))
      expect(rest.filter((id) => !listed.has(id))).toEqual([])
    },
  ),
]
