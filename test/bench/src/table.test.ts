import { describe, expect, it } from 'vitest'
import { isMet, timesBare } from './figure.ts'
import { spelled, tableOf } from './table.ts'

const slow = { what: 'a wait', value: 30, unit: 'ms', goal: 20, bare: 3 } as const
const fast = { what: 'a rate', value: 30, unit: 'per s', goal: 20, bare: 60 } as const

describe('figures', () => {
  it('are met below the goal, rates above it', () => {
    expect([slow, fast].map(isMet)).toEqual([false, true])
    expect(isMet({ ...slow, value: 20 })).toBe(true)
    expect(isMet({ what: '', value: 1, unit: 'ms' })).toBeUndefined()
  })

  it('are told beside the bare limit as how many times worse they are', () => {
    expect([slow, fast].map(timesBare)).toEqual([10, 2])
  })
})

describe('the table', () => {
  it('says what was missed, and leaves out what there is not', () => {
    const [, , first, second, third] = tableOf([slow, fast, { what: 'c', value: 1, unit: 'B' }]).split('\n')
    expect(cells(first)).toEqual(['a wait', '30 ms', '≤ 20', 'missed', '3', '10 ×', ''])
    expect(cells(second)).toEqual(['a rate', '30 per s', '≥ 20', 'met', '60', '2 ×', ''])
    expect(cells(third)).toEqual(['c', '1 B', '–', '', '–', '–', ''])
  })

  it('spells numbers with the digits that matter', () => {
    expect([0.0123, 1.234, 12.34, 123.4, 1_234_567.8].map(spelled)).toEqual([
      '0.012',
      '1.2',
      '12.3',
      '123',
      '1,234,568',
    ])
  })
})

function cells(line: string | undefined): string[] {
  return line!
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}
