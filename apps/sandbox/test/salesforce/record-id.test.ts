import { expect, test } from 'vitest'
import { makeRecordId, recordId } from '../../src/salesforce/objects/record-id.ts'

test('the suffix of an id says which of its letters are capitals, as in ids that Salesforce gave', () => {
  // From Salesforce's own documentation.
  for (const id of ['001R00000064wdtIAA', '0018A0000061cc1QAA', '00Uxx000000fvRQEAY', '005xx000001TT96AAG'])
    expect(recordId(id.slice(0, 15))).toBe(id)
})

test('an id with a wrong suffix, or of another length, is none', () => {
  const id = makeRecordId('001', 63)
  expect(id).toMatch(/^001[0-9a-zA-Z]{15}$/)
  expect(recordId(id)).toBe(id)
  expect(recordId(`${id.slice(0, 15)}zzz`)).toBeUndefined()
  expect(recordId(id.slice(0, 14))).toBeUndefined()
})

test('ids of one type are in the order of their numbers', () => {
  const ids = [1, 9, 10, 35, 36, 61, 62, 4_000].map((number) => makeRecordId('001', number))
  expect([...ids].sort()).toEqual(ids)
  expect(new Set(ids).size).toBe(ids.length)
})
