import { describe, expect, it } from 'vitest'
import { asFieldRecord, editOf, fieldRecord, idOf, isSame, numberOf } from './field-record.ts'

describe('the records', () => {
  it('are the same in every run, and differ from each other', () => {
    expect(fieldRecord(17)).toEqual(fieldRecord(17))
    const notes = new Set(Array.from({ length: 200 }, (_, number) => fieldRecord(number).notes))
    expect(notes.size).toBeGreaterThan(100)
  })

  it('have about 40 characters of notes, before and after an edit', () => {
    for (let number = 0; number < 200; number++) {
      for (const { notes } of [fieldRecord(number), editOf(number)]) {
        expect(notes.length).toBeGreaterThanOrEqual(40)
        expect(notes.length).toBeLessThanOrEqual(55)
      }
    }
  })

  it('never begin with the mark of an edit', () => {
    const counts = Array.from({ length: 500 }, (_, number) => fieldRecord(number).count)
    expect(Math.max(...counts)).toBeLessThan(0)
    expect(editOf(0).count).toBe(0)
  })

  it('are found by their ids', () => {
    expect([0, 7, 99_999].map((number) => numberOf(idOf(number)))).toEqual([0, 7, 99_999])
  })

  it('are read whole or not at all', () => {
    const record = fieldRecord(3)
    expect(asFieldRecord({ ...record, more: true })).toEqual(record)
    expect(() => asFieldRecord({ ...record, notes: undefined })).toThrow('not a whole record')
    expect(isSame(record, { ...record })).toBe(true)
    expect(isSame(record, { ...record, count: 1 })).toBe(false)
  })
})
