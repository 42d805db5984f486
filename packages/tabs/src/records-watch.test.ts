import type { Splice } from '@skerry/live'
import { expect, test } from 'vitest'
import { RECORDS_PER_MESSAGE_MAX } from './limits.ts'
import { RecordsWatch } from './records-watch.ts'

test('O-3 M-3: what another server tells that is all new comes in parts, with more on all but the last', () => {
  const told: Splice[] = []
  const watch = new RecordsWatch((splice) => told.push(splice))
  const result = (title: string) =>
    Array.from({ length: 2 * RECORDS_PER_MESSAGE_MAX + 1 }, (_, i) => ({ id: `o${i}`, title }))
  watch.tell({ at: 0, removed: 0, inserted: result('before') })
  watch.begin()
  watch.tell({ at: 0, removed: 0, inserted: result('after') })
  const shown = told.reduce<Splice['inserted'][number][]>((all, { at, removed, inserted }) => {
    all.splice(at, removed, ...inserted)
    return all
  }, [])
  expect(shown).toEqual(result('after'))
  const renewed = told.slice(1)
  expect(renewed.map(({ inserted }) => inserted.length)).toEqual([
    RECORDS_PER_MESSAGE_MAX,
    RECORDS_PER_MESSAGE_MAX,
    1,
  ])
  expect(renewed.map(({ more }) => more)).toEqual([true, true, undefined])
})
