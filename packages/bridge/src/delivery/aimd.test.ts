/** How much at once: found out by how the answers are (SPEC B-59, B-60). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { testHost } from '../../test/nodes.ts'
import { Budget } from '../budget/budget.ts'
import { Gate, Pass } from '../gate.ts'
import {
  BATCH_WRITES_FIRST,
  BULK_JOBS_MAX,
  GRANT_WAIT_MS_MAX,
  SLOW_ANSWER_MS,
  UNANSWERED_MAX,
} from '../limits.ts'
import { Aimd } from './aimd.ts'
import { BatchSizes } from './batch-sizes.ts'
import { heardOf } from './heard.ts'
import type { Tier } from './tiers.ts'

test('API-6 TIE-5 B-59 it grows by a step, is halved, and stays between floor and ceiling', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (given) => {
      const aimd = new Aimd({ floor: 1, ceiling: 40, first: 10, step: () => 4 })
      for (const isGood of given) {
        const before = aimd.value
        if (isGood) aimd.grow()
        else aimd.shrink()
        expect(aimd.value).toBeGreaterThanOrEqual(1)
        expect(aimd.value).toBeLessThanOrEqual(40)
        if (isGood) expect(aimd.value - before).toBeLessThanOrEqual(4)
        else expect(aimd.value).toBeLessThanOrEqual(Math.max(1, Math.ceil(before / 2)))
      }
    }),
  )
})

describe('API-6: B-59 the size of a batch', () => {
  test('grows to what the adapter takes while full ones are taken in good time', () => {
    const sizes = new BatchSizes(200)
    expect(sizes.of('cases')).toBe(BATCH_WRITES_FIRST)
    sizes.heard('cases', BATCH_WRITES_FIRST - 1, { kind: 'done', tookMs: 20 })
    expect(sizes.of('cases')).toBe(BATCH_WRITES_FIRST)
    for (let i = 0; i < 20; i++)
      sizes.heard('cases', sizes.of('cases'), { kind: 'done', tookMs: SLOW_ANSWER_MS })
    expect(sizes.state()).toEqual({ cases: 200 })
  })

  test('is halved by silence and by a slow answer, not by one that says later; other types keep theirs', () => {
    const sizes = new BatchSizes(200)
    sizes.heard('cases', 50, { kind: 'unknown', tookMs: 20 })
    expect(sizes.of('cases')).toBe(25)
    sizes.heard('cases', 25, { kind: 'done', tookMs: SLOW_ANSWER_MS + 1 })
    expect(sizes.of('cases')).toBe(12)
    sizes.heard('cases', 12, { kind: 'later', tookMs: 20 })
    expect(sizes.of('cases')).toBe(12)
    for (let i = 0; i < 9; i++) sizes.heard('cases', 1, { kind: 'unknown', tookMs: 20 })
    expect([sizes.of('cases'), sizes.of('parts')]).toEqual([1, BATCH_WRITES_FIRST])
  })
})

describe('the gate', () => {
  function made({ concurrency = 4, hasCritical = false, budget = {} } = {}) {
    const host = testHost()
    const gate = new Gate({
      host,
      system: 'crm',
      concurrency,
      budget: new Budget(budget, host),
      hasCritical,
      report: () => undefined,
    })
    const ask = (pool: 'write' | 'read' | 'bulk' = 'write', tier: Tier = 'operational') =>
      gate.ask({ tier, pools: [pool], what: pool })
    const pass = (pool: 'write' | 'read' | 'bulk' = 'write') => ask(pool) as Pass
    const fill = () => {
      const passes: Pass[] = []
      for (let one = ask(); one instanceof Pass; one = ask()) passes.push(one)
      return passes
    }
    return { host, gate, ask, pass, fill }
  }

  test('API-2: B-59 calls at once are halved when one is turned away or slow, and come back one by one while all are used', () => {
    const { host, gate, fill } = made({ concurrency: 8 })
    const [first, ...others] = fill()
    expect(gate.width).toBe(8)
    first!.leave({ kind: 'later' })
    expect(gate.width).toBe(4)
    others[0]!.leave({ kind: 'done', tookMs: SLOW_ANSWER_MS + 1 })
    expect(gate.width).toBe(2)
    for (const other of others.slice(1)) other.leave({ kind: 'done' })
    host.clock += gate.pauseMs
    const widths = [gate.width]
    for (let i = 0; i < 6; i++) {
      for (const one of fill()) one.leave({ kind: 'done', tookMs: 20 })
      widths.push(gate.width)
    }
    expect(widths).toEqual([...widths].sort((a, b) => a - b))
    expect(widths.at(-1)).toBeGreaterThan(2)
    for (let i = 0; i < 60; i++) for (const one of fill()) one.leave({ kind: 'done', tookMs: 20 })
    expect(gate.width).toBe(8)
  })

  test('B-59 of fewer calls than allowed nothing is learned', () => {
    const { host, gate, pass } = made({ concurrency: 8 })
    pass().leave({ kind: 'later' })
    host.clock += gate.pauseMs
    for (let i = 0; i < 50; i++) pass().leave({ kind: 'done' })
    expect(gate.width).toBe(4)
  })

  test('B-60 RES-2: while it is open nothing is let through, half-open one call of any kind, closed all of them', () => {
    const { host, gate, ask, pass, fill } = made()
    for (let i = 0; i < UNANSWERED_MAX; i++) pass().leave({ kind: 'unknown' })
    expect([ask(), ask('read')]).toEqual([{ waitMs: gate.pauseMs }, { waitMs: gate.pauseMs }])
    host.clock += gate.pauseMs
    const probe = pass('read')
    expect([ask(), ask('read'), ask('bulk')]).toEqual(Array(3).fill({ waitMs: Number.POSITIVE_INFINITY }))
    probe.leave({ kind: 'row' })
    expect(fill().length).toBeGreaterThanOrEqual(1)
  })

  test('B-52 B-55 reads take no place of the writes, nor does a job, of which there is one', () => {
    const { ask, fill, pass } = made({ concurrency: 3, hasCritical: true })
    expect([pass('read'), pass('read'), pass('bulk')].every((one) => one instanceof Pass)).toBe(true)
    expect(BULK_JOBS_MAX).toBe(1)
    expect(ask('bulk')).toEqual({ waitMs: Number.POSITIVE_INFINITY })
    expect(fill()).toHaveLength(2)
    expect(ask('write', 'critical')).toBeInstanceOf(Pass)
    expect(ask('write', 'critical')).toEqual({ waitMs: Number.POSITIVE_INFINITY })
  })

  test('B-61 a pass that is turned back leaves everything as it was, and can be left but once', () => {
    const { gate, pass, fill } = made({ concurrency: 1, budget: { windows: [{ units: 1, ms: 1_000 }] } })
    const one = pass()
    one.turnBack()
    one.leave({ kind: 'unknown' })
    expect(gate.budget.state()).toMatchObject({ underWay: 0, limits: [{ left: 1 }] })
    expect(fill()).toHaveLength(1)
  })

  test('B-61 who waits in its place is let in when there is room, sent away when that takes too long, and when the bridge closes', async () => {
    const spent = (ms: number) => {
      const { host, gate, pass } = made({ budget: { windows: [{ units: 1, ms }] } })
      const one = pass()
      one.call('write', new AbortController().signal)
      one.leave({ kind: 'done' })
      const enter = (signal = new AbortController().signal) =>
        gate.enter({ tier: 'operational', pools: ['read'], what: 'read' }, signal)
      return { host, enter }
    }
    const short = spent(GRANT_WAIT_MS_MAX)
    const before = short.host.clock
    expect(await short.enter()).toBeInstanceOf(Pass)
    expect(short.host.clock - before).toBe(GRANT_WAIT_MS_MAX)
    const { enter } = spent(GRANT_WAIT_MS_MAX + 1)
    expect(await enter()).toEqual({
      kind: 'later',
      reason: expect.stringContaining('no call to crm is made now'),
      retryAfterMs: GRANT_WAIT_MS_MAX + 1,
    })
    const closing = new AbortController()
    closing.abort()
    expect(await enter(closing.signal)).toEqual({ kind: 'later', reason: 'the bridge is closing' })
  })
})

test('B-10 a call of which anything was taken has been answered; else whoever says later is heard, and for how long', () => {
  const later = (retryAfterMs?: number) => ({ kind: 'later', retryAfterMs })
  expect(heardOf([later(5), { kind: 'done' }, { kind: 'unknown' }])).toEqual({ kind: 'done' })
  expect(heardOf([{ kind: 'unknown' }, later(5), later(9), later()])).toEqual({
    kind: 'later',
    retryAfterMs: 9,
  })
  expect(heardOf([{ kind: 'unknown' }, { kind: 'unknown' }])).toEqual({ kind: 'unknown' })
  expect(heardOf([{ kind: 'rejected' }, later()])).toEqual({ kind: 'rejected' })
  expect(heardOf([])).toEqual({ kind: 'nothing' })
})
