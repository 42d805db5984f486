import { expect, test } from 'vitest'
import { testHost } from '../../test/nodes.ts'
import type { BridgeEvent } from '../context.ts'
import { RETRY_DELAY_MS_FIRST, RETRY_DELAY_MS_MAX, UNANSWERED_MAX } from '../limits.ts'
import { Breaker } from './breaker.ts'

function made() {
  const host = testHost()
  const events: BridgeEvent[] = []
  const breaker = new Breaker({ host, system: 'crm', report: (event) => events.push(event) })
  const silent = (times: number) => {
    for (let i = 0; i < times; i++) breaker.heard(false)
  }
  const codes = () => events.splice(0).map(({ code }) => code)
  return { host, breaker, silent, codes }
}

test('RES-2: B-60 closed, open after five calls without an answer, half-open after a back-off, closed by an answer', () => {
  const { host, breaker, silent, codes } = made()
  silent(UNANSWERED_MAX - 1)
  expect([breaker.state, breaker.pauseMs, codes()]).toEqual(['closed', 0, []])
  silent(1)
  expect([breaker.state, codes()]).toEqual(['open', ['breaker-open']])
  expect(breaker.pauseMs).toBeGreaterThanOrEqual(RETRY_DELAY_MS_FIRST / 2)
  host.clock += breaker.pauseMs
  expect([breaker.state, breaker.pauseMs]).toEqual(['half-open', 0])
  breaker.begins()
  breaker.begins()
  expect(codes()).toEqual(['breaker-half-open'])
  breaker.heard(true)
  expect([breaker.state, codes()]).toEqual(['closed', ['breaker-closed']])
  silent(UNANSWERED_MAX - 1)
  expect(breaker.state).toBe('closed')
})

test('B-60 a probe without an answer opens it for longer, up to the longest back-off', () => {
  const { host, breaker, silent } = made()
  silent(UNANSWERED_MAX)
  let before = 0
  for (let i = 0; i < 4; i++) {
    expect(breaker.pauseMs).toBeGreaterThan(before)
    // Spread by half, so only every other one is surely longer.
    before = breaker.pauseMs / 2
    host.clock += breaker.pauseMs
    breaker.begins()
    silent(1)
    expect(breaker.state).toBe('open')
  }
  silent(100)
  expect(breaker.pauseMs).toBeLessThanOrEqual(RETRY_DELAY_MS_MAX)
})

test('B-60 answers of calls that were under way when it opened are believed, silence of theirs is told once', () => {
  const { breaker, silent, codes } = made()
  silent(UNANSWERED_MAX + 3)
  expect(codes()).toEqual(['breaker-open'])
  breaker.heard(true)
  expect([breaker.state, codes()]).toEqual(['closed', ['breaker-closed']])
})

test('fault T3: B-42 B-60 a clock that is set back does not keep it open', () => {
  const { host, breaker, silent } = made()
  silent(UNANSWERED_MAX)
  host.clock -= 3_600_000
  expect(breaker.state).toBe('half-open')
})
