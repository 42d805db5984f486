/** Whole listings, and a position to go on from behind one: K-20 to K-22. */
import { expect } from 'vitest'
import type { ListedRow } from '../adapter-port.ts'
import { type ContractCase, contractCase, has, namesPositions } from './case.ts'
import { expectKind } from './trial.ts'

const ROWS = 8
const PAGE_ROWS = 3

export const listingCases: readonly ContractCase[] = [
  contractCase('K-20', 'list leads to every row, with its version', [has('list')], async (trial) => {
    for (let i = 0; i < ROWS; i++) await trial.system.create(trial.fields(`theirs ${i}`))
    const ours = await trial.made()
    const { rows } = await trial.listed(PAGE_ROWS)
    const living = rows.filter(({ deleted }) => !deleted)
    const ids = [...new Set(living.map(({ id }) => id))]
    expect(ids.sort()).toEqual((await trial.living()).map(({ id }) => id).sort())
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
      const [gone = '', first = '', second = '', ...rest] = ids
      await trial.system.remove(gone)
      const quiet = await trial.listed(PAGE_ROWS)
      if (trial.adapter.capabilities.deletions === 'unseen')
        expect(quiet.proves, 'deletions are not told, so that a listing must prove them').toBe(true)
      expect(idsOf(quiet.rows)).not.toContain(gone)
      const { rows, proves } = await trial.listed(PAGE_ROWS, async () => {
        for (const id of [rest[0]!, rest.at(-1)!])
          await trial.system.edit(id, trial.fields('edited while listed'))
        await trial.system.create(trial.fields('made while listed'))
        for (const id of [first, second]) await trial.system.remove(id)
      })
      if (!proves) return
      const listed = new Set(idsOf(rows))
      expect(rest.filter((id) => !listed.has(id))).toEqual([])
    },
  ),

  contractCase(
    'K-22',
    'behind a position for "from now on" all is told that happens then',
    [namesPositions],
    async (trial) => {
      const { system } = trial
      const [edited, gone] = [
        await system.create(trial.fields('theirs')),
        await system.create(trial.fields('too')),
      ]
      await trial.settled()
      const { commitLate } = system.faults
      const late =
        typeof commitLate === 'function' ? await commitLate(trial.fields('begun early')) : undefined
      const latest = await trial.adapter.latest!(trial.type, trial.call)
      expectKind(latest, 'position')
      const { position } = latest as Extract<typeof latest, { kind: 'position' }>
      await system.edit(edited.id, trial.fields('edited since'))
      const made = await system.create(trial.fields('made since'))
      await system.remove(gone.id)
      await late?.show()
      const { rows } = await trial.told(position, PAGE_ROWS, { adapter: system.again?.() ?? trial.adapter })
      const told = (id: string) => rows.findLast((row) => row.id === id)
      for (const id of [edited.id, made.id, ...(late ? [late.id] : [])])
        expect(told(id), `${id} was not told`).toEqual(await trial.row(id))
      if (has('deletions')(system) === undefined) expect(told(gone.id)).toMatchObject({ deleted: true })
    },
  ),
]

function idsOf(rows: readonly ListedRow[]): string[] {
  return rows.filter(({ deleted }) => !deleted).map(({ id }) => id)
}
