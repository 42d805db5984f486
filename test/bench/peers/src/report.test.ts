import { expect, it } from 'vitest'
import { contenders } from './contenders.ts'
import { reportOf } from './report.ts'

it('the report names machine, day, versions, every contender with its durability, and what went wrong', () => {
  const text = reportOf({
    contenders,
    outcomes: [{ contender: 'pouchdb', records: 200, troubles: ['first sync: 3 of 200 records missing'] }],
    versions: new Map([['yjs', '13.6.33']]),
    machine: 'a machine',
    busyBefore: 0.25,
    day: '2026-12-01',
  })
  expect(text).toContain('Machine: a machine. Processes wanting a core in the minute before: 0.3.')
  expect(text).toContain('2026-12-01')
  expect(text).toContain('yjs 13.6.33')
  expect(text).toContain('- PouchDB, 200 records: first sync: 3 of 200 records missing')
  for (const { title, durability } of contenders) {
    expect(text).toContain(`**${title}**: `)
    expect(text).toContain(durability)
  }
})
