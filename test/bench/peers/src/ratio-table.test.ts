import { describe, expect, it } from 'vitest'
import { contenders } from './contenders.ts'
import type { Exchange, Outcome } from './outcome.ts'
import { ratioTable } from './ratio-table.ts'
import { tablesOf, troublesOf } from './tables.ts'

const exchange = (ms: number, bytesDown: number): Exchange => ({
  ms,
  traffic: { bytesUp: 10, bytesDown, messagesUp: 1, messagesDown: 2, ms },
})
const ours: Outcome = {
  contender: 'ours',
  records: 200,
  firstSync: exchange(20, 1_000),
  serverBytes: 50e6,
  troubles: [],
}
const other: Outcome = {
  contender: 'tinybase',
  records: 200,
  firstSync: exchange(50, 250),
  troubles: ['it was late'],
}

function rowsOf(table: string): Map<string, string[]> {
  const rows = table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  return new Map(rows.map(([what, ...cells]) => [what!, cells]))
}

describe('the table', () => {
  it('gives each figure beside ours, and how many times ours it is', () => {
    const rows = rowsOf(ratioTable(contenders, [ours, other]))
    expect(rows.get('')).toEqual(['ours', 'TinyBase'])
    expect(rows.get('first sync')).toEqual(['**1** (20 ms)', '**2.5** (50 ms)'])
    expect(rows.get('first sync: to the device')).toEqual(['**1** (1,000 B)', '**0.25** (250 B)'])
    expect(rows.get('first sync: messages')).toEqual(['**1** (3)', '**1** (3)'])
  })

  it('has a dash for what was not reached, and no row for what nobody reached', () => {
    const rows = rowsOf(ratioTable(contenders, [ours, other]))
    expect(rows.get("server's memory")).toEqual(['**1** (50 MB)', '–'])
    expect(rows.has('live edit, p50')).toBe(false)
  })

  it('gives values alone where ours was not measured', () => {
    expect(rowsOf(ratioTable(contenders, [other])).get('first sync')).toEqual(['50 ms'])
  })
})

describe('all tables', () => {
  it('are one for each number of records, in the order of the run', () => {
    const tables = tablesOf(contenders, [ours, { ...ours, records: 1_000 }, other])
    expect(tables.filter((text) => text.startsWith('###'))).toEqual(['### 200 records', '### 1,000 records'])
    expect(tables).toHaveLength(4)
  })

  it('are followed by what went wrong, in words', () => {
    expect(troublesOf(contenders, [ours, other])).toEqual(['TinyBase, 200 records: it was late'])
  })
})
