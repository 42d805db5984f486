import type { HttpAnswer } from '@skerry/bridge/http'
import { describe, expect, test } from 'vitest'
import { failureOfError, failureOfHttp, notMade } from './classify.ts'
import { envelope, readEnvelope, type TrytonError } from './envelope.ts'

describe('TR-01: the envelope', () => {
  test('has exactly three keys', () => {
    expect(JSON.parse(envelope(7, 'model.party.party.read', [[1]]))).toEqual({
      id: 7,
      method: 'model.party.party.read',
      params: [[1]],
    })
  })

  test.each<[string, unknown]>([
    ['another call', { id: 8, result: 1 }],
    ['nobody', { result: 1 }],
    ['a bare result', 5],
    ['a page', undefined],
    ['neither result nor error', { id: 7 }],
    ['an error that is a text', { id: 7, error: 'no' }],
    ['more than it should have', { id: 7, result: 1, jsonrpc: '2.0' }],
  ])('an answer to %s is none', (_, json) => {
    expect(readEnvelope(7, json)).toBeUndefined()
  })

  test.each<[string, unknown[], TrytonError]>([
    [
      'a user error',
      ['UserError', ['Code must be unique.', 'See 5.', null]],
      { name: 'UserError', message: 'Code must be unique. See 5.' },
    ],
    [
      'a warning',
      ['UserWarning', ['future_1', 'In the future.', '']],
      { name: 'UserWarning', message: 'In the future.', warning: 'future_1' },
    ],
    [
      'a conflict',
      ['ConcurrencyException', 'Records were modified'],
      { name: 'ConcurrencyException', message: 'Records were modified' },
    ],
    [
      'a login',
      ['LoginException', ['code', 'Enter the code', 'char']],
      { name: 'LoginException', message: 'Enter the code' },
    ],
    ['what Python says', ["'nope'", ''], { name: '', message: "'nope'" }],
    ['nothing', [], { name: '', message: '' }],
  ])('an error is read: %s', (_, error, told) => {
    expect(readEnvelope(7, { id: 7, error })).toEqual({ kind: 'refused', error: told })
  })
})

describe('TR-05: what an answer means', () => {
  test.each<[string, string, string]>([
    ['ConcurrencyException', 'Records were modified in the meanwhile', 'conflict'],
    ['UserError', 'The code on party must be unique.', 'rejected'],
    ['UserWarning', 'In the future.', 'rejected'],
    ['LoginException', 'Enter the code', 'unauthorized'],
    ['', "'nope'", 'rejected'],
    ['', 'could not serialize access due to concurrent update', 'later'],
    ['', 'deadlock detected', 'later'],
    ['', '[Errno 28] No space left on device', 'later'],
    ['', 'canceling statement due to lock timeout', 'later'],
    ['', 'FATAL: sorry, too many clients already', 'later'],
    ['', 'could not connect to server: Connection refused', 'later'],
    ['', 'the database system is starting up', 'later'],
    ['', 'server closed the connection unexpectedly', 'unknown'],
    ['', 'terminating connection due to administrator command', 'unknown'],
    ['', 'connection already closed', 'unknown'],
  ])('%s %j is %s', (name, message, kind) => {
    expect(failureOfError({ name, message }).kind).toBe(kind)
  })

  const answer = (status: number, body = '', headers: Record<string, string> = {}): HttpAnswer => ({
    kind: 'answer',
    status,
    headers: new Headers(headers),
    body,
    json: undefined,
  })

  test.each<[number, string]>([
    [200, 'unknown'],
    [302, 'rejected'],
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'rejected'],
    [404, 'rejected'],
    [408, 'unknown'],
    [413, 'rejected'],
    [423, 'later'],
    [429, 'later'],
    [500, 'unknown'],
    [501, 'rejected'],
    [502, 'unknown'],
    [504, 'unknown'],
  ])('status %i without an envelope is %s', (status, kind) => {
    expect(failureOfHttp(answer(status), 'write', 0).kind).toBe(kind)
  })

  test('a wait that is told is handed on', () => {
    expect(failureOfHttp(answer(429, '', { 'retry-after': '7' }), 'write', 0)).toMatchObject({
      retryAfterMs: 7_000,
    })
    expect(failureOfHttp(answer(503, '', { 'retry-after': '9' }), 'write', 0)).toMatchObject({
      retryAfterMs: 9_000,
    })
  })

  test('what may have been heard is unknown, what cannot is later, what is too large is for a person', () => {
    expect(failureOfHttp({ kind: 'unanswered', reason: 'cut' }, 'write', 0).kind).toBe('unknown')
    expect(failureOfHttp({ kind: 'unsent', reason: 'refused' }, 'write', 0).kind).toBe('later')
    const large = { kind: 'too-large', status: 200, reason: '3 GB' } as const
    expect(failureOfHttp(large, 'read', 0).kind).toBe('rejected')
    expect(failureOfHttp(large, 'write', 0).kind).toBe('unknown')
  })

  test('a page is told in its words, in one line', () => {
    const page =
      '<html><style>h1 { color: red }</style><title>403 Forbidden</title>\n<p>You don&#39;t  may.</p></html>'
    expect(failureOfHttp(answer(403, page), 'write', 0).reason).toBe('403: 403 Forbidden You don&#39;t may.')
  })

  test('what Python says is said to be a failure of the server', () => {
    expect(failureOfError({ name: '', message: "'nope'" })).toMatchObject({ reason: "Tryton failed: 'nope'" })
    expect(failureOfError({ name: '', message: '' })).toMatchObject({
      reason: 'Tryton failed: no reason given',
    })
  })

  test('what was only to prepare a write leaves no doubt about it', () => {
    expect(notMade({ kind: 'unknown', reason: 'cut' })).toEqual({ kind: 'later', reason: 'cut' })
    expect(notMade({ kind: 'rejected', reason: 'no' })).toEqual({ kind: 'rejected', reason: 'no' })
  })
})
