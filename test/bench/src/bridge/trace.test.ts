import { expect, it } from 'vitest'
import { CHECKS, DAY_MS, drawTrace, fullDay, jobsOf, VISITS_PER_DAY } from './trace.ts'

const trace = drawTrace(1, fullDay)
const of = (source: string) => trace.filter((change) => change.source === source)

it('a trace follows from its seed, in order of time, within a day', () => {
  expect(drawTrace(1, fullDay)).toEqual(trace)
  expect(drawTrace(2, fullDay)).not.toEqual(trace)
  const times = trace.map(({ atMs }) => atMs)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times[0]).toBeGreaterThanOrEqual(0)
  expect(times.at(-1)).toBeLessThan(DAY_MS)
})

it('everybody in a trace does what BRIDGE.md says', () => {
  const jobs = jobsOf(fullDay)
  expect(jobs).toBe(fullDay.technicians * VISITS_PER_DAY)
  expect(of('progress')).toHaveLength(3 * jobs)
  expect(of('prices').map(({ record }) => record)).toEqual(Array.from({ length: fullDay.parts }, (_, i) => i))
  expect(of('office')).toHaveLength(fullDay.officeEdits)
  expect(of('telemetry')).toHaveLength(fullDay.assets * 288)
  // Each check once, a fifth once more, and what ends the visit.
  const forms = of('form').length / jobs
  expect(forms).toBeGreaterThan(CHECKS * 1.15 + 1)
  expect(forms).toBeLessThan(CHECKS * 1.25 + 1)
  const night = trace.filter(({ atMs }) => atMs < DAY_MS / 4)
  expect(new Set(night.map(({ source }) => source))).toEqual(new Set(['telemetry']))
})
