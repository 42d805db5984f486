import type { Credential } from '@skerry/core'
import { expect, test } from 'vitest'
import { VerifiedTokens } from './verified-tokens.ts'

const credential = (token: string) => ({ token }) as Credential

test('keeps as many tokens as its ceiling, and lets the one used longest ago go', () => {
  const tokens = new VerifiedTokens(2)
  tokens.put(credential('a'))
  tokens.put(credential('b'))
  expect(tokens.size).toBe(2)
  tokens.get('a')
  tokens.put(credential('c'))
  expect(tokens.size).toBe(2)
  expect(tokens.get('a')?.token).toBe('a')
  expect(tokens.get('b')).toBeUndefined()
  expect(tokens.get('c')?.token).toBe('c')
})
