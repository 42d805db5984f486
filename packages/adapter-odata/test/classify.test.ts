/** The table of answers, one by one (SPEC OD-40 to OD-43). */
import { expect, test } from 'vitest'
import { errorIn, failureOf, meaningOf } from '../src/classify.ts'

const coded = (code: string) => ({ error: { code, message: 'said' } })
const now = Date.parse('2026-01-01T00:00:00Z')

test.each([
  [200, {}, {}, 'done'],
  [204, undefined, {}, 'done'],
  [301, undefined, { location: 'https://elsewhere.example' }, 'rejected'],
  [400, coded('x'), {}, 'rejected'],
  [400, coded('0x80044352'), {}, 'expired'],
  [400, coded('syncStateNotFound'), {}, 'expired'],
  [400, coded('Internal_EntityWithSameKeyExists'), {}, 'duplicate'],
  [400, coded('constructor'), {}, 'rejected'],
  [401, undefined, {}, 'unauthorized'],
  [403, undefined, {}, 'rejected'],
  [403, undefined, { 'x-csrf-token': 'Required' }, 'csrf'],
  [403, coded('quota'), { 'retry-after': '60' }, 'later'],
  [404, undefined, {}, 'absent'],
  [408, undefined, {}, 'unknown'],
  [409, coded('Request_EntityChanged'), {}, 'conflict'],
  [409, coded('x'), {}, 'rejected'],
  [410, undefined, {}, 'expired'],
  [412, coded('0x80060882'), {}, 'conflict'],
  [412, coded('0x80060892'), {}, 'duplicate'],
  [412, undefined, {}, 'conflict'],
  [423, coded('x'), {}, 'later'],
  [424, coded('x'), {}, 'later'],
  [428, coded('x'), {}, 'rejected'],
  [429, undefined, {}, 'later'],
  [500, coded('x'), {}, 'unknown'],
  [502, undefined, {}, 'unknown'],
  [503, coded('x'), {}, 'unknown'],
  [503, '<html>', { 'retry-after': '5' }, 'unknown'],
  [503, coded('x'), { 'retry-after': '5' }, 'later'],
  [504, coded('x'), { 'retry-after': '5' }, 'unknown'],
] as const)('OD-40 %i %j %j is %s', (status, body, headers, meaning) => {
  expect(meaningOf(status, new Headers(headers), errorIn(body))).toBe(meaning)
})

test.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60_000],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('OD-41 %j asks for a wait of %s', (headers, wait) => {
  const judged = { status: 429, headers: new Headers(headers), error: undefined, about: 'GET /Visits' }
  const failure = failureOf({ ...judged, meaning: 'later' }, now)
  expect(failure).toEqual({
    kind: 'later',
    reason: 'GET /Visits: 429 without a reason',
    ...(wait !== undefined && { retryAfterMs: wait }),
  })
  expect(failureOf({ ...judged, status: 503, meaning: 'unknown' }, now)).toMatchObject({ kind: 'unknown' })
})

test.each([
  [coded('x'), { code: 'x', message: 'said', fields: [] }],
  [
    { error: { code: 'x', message: { lang: 'en', value: 'as SAP says it' } } },
    { code: 'x', message: 'as SAP says it', fields: [] },
  ],
  [
    {
      error: {
        code: '',
        message: 'a',
        target: '/Visits(1)/Title',
        details: [{ message: 'b', target: 'Cost' }, { message: 'a' }],
      },
    },
    { code: '', message: 'a; b', fields: ['Title', 'Cost'] },
  ],
  [{ error: { code: 7, message: null, target: null, details: 'x' } }, { code: '', message: '', fields: [] }],
  [{ error: 'invalid_grant' }, undefined],
  [{ value: [] }, undefined],
  ['text', undefined],
  [undefined, undefined],
])('OD-43 what %j says', (body, expected) => {
  expect(errorIn(body)).toEqual(expected)
})

test('OD-43 a reason is cut, a redirect says where to, and a success that is none says so', () => {
  const judged = { meaning: 'rejected', status: 400, headers: new Headers(), about: 'GET /Visits' } as const
  const error = { code: 'x', message: 'y'.repeat(5_000), fields: [] }
  expect(failureOf({ ...judged, error }, now).reason).toHaveLength(1_000)
  const headers = new Headers({ location: 'https://erp.example/odata/' })
  expect(failureOf({ ...judged, status: 301, headers, error: undefined }, now).reason).toContain(
    'leads to https://erp.example/odata/; redirects are not followed',
  )
  expect(failureOf({ ...judged, meaning: 'unknown', status: 200, error: undefined }, now)).toMatchObject({
    kind: 'unknown',
    reason: 'GET /Visits: 200 with something that is no answer of this service',
  })
})
