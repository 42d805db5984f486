import { expect, test } from 'vitest'
import { CredentialError, grants } from './credential.ts'

test.each([
  [['a', 'b'], 'a', true],
  [['a', 'b'], 'c', false],
  [[], 'a', false],
  [['*'], 'a', true],
  [['a*'], 'ab', false],
  [['a'], '*', false],
])('A-1: %j grants %j: %j', (channels, channel, granted) => {
  expect(grants(channels, channel)).toBe(granted)
})

test('a refusal says its code and keeps its cause', () => {
  const cause = new Error('why')
  expect(new CredentialError('credential-expired', 'too late', { cause })).toMatchObject({
    code: 'credential-expired',
    message: 'too late',
    cause,
  })
})
