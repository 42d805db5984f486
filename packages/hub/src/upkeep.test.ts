import type { UpkeepReport } from '@skerry/core'
import { expect, test } from 'vitest'
import { UPKEEP_MS, UPKEEP_PAUSE_MS } from './limits.ts'
import { createMetrics } from './metrics.ts'
import { startUpkeep } from './upkeep.ts'

/** Timers that fire when the test says so. */
function world(answers: (Partial<UpkeepReport> | Error)[]) {
  const timers: { delayMs: number; run: () => void; cancelled: boolean }[] = []
  const warnings: unknown[] = []
  const metrics = createMetrics()
  const stop = startUpkeep({
    host: {
      timer(delayMs, run) {
        const timer = { delayMs, run, cancelled: false }
        timers.push(timer)
        return () => {
          timer.cancelled = true
        }
      },
    },
    replica: {
      async upkeep() {
        const answer = answers.shift()!
        if (answer instanceof Error) throw answer
        return { entries: 0, compacted: 0, buried: 0, bytesBefore: 0, bytesAfter: 0, done: true, ...answer }
      },
    },
    metrics,
    log: { warn: (...line: unknown[]) => void warnings.push(line) },
  })
  const fire = async () => {
    timers.at(-1)!.run()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { timers, warnings, metrics, stop, fire }
}

test('upkeep goes on after a pause while something is left, and otherwise after a minute', async () => {
  const { timers, metrics, stop, fire } = world([
    { done: false, compacted: 3, bytesBefore: 900, bytesAfter: 100 },
    {},
    new Error('full'),
  ])
  await fire()
  await fire()
  await fire()
  expect(timers.map(({ delayMs }) => delayMs)).toEqual([UPKEEP_MS, UPKEEP_PAUSE_MS, UPKEEP_MS, UPKEEP_MS])
  expect(await metrics.text()).toMatch(/skerry_compactions_total 3\n/)
  expect(await metrics.text()).toMatch(/skerry_compacted_bytes_total 800\n/)
  await stop()
})

test('a store that fails is told, and does not end it; the end cancels the timer', async () => {
  const { timers, warnings, stop, fire } = world([new Error('full')])
  await fire()
  expect(warnings).toHaveLength(1)
  await stop()
  expect(timers.map(({ cancelled }) => cancelled)).toEqual([false, true])
})
