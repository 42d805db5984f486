import { describe, expect, it } from 'vitest'
import { STREAM_NAME_BYTES_MAX } from './segment-limits.ts'
import {
  checkedThresholdRule,
  READINGS_IN_A_ROW_MAX,
  RULE_NAME_LENGTH_MAX,
  type ThresholdRule,
} from './threshold-rule.ts'

const rule: ThresholdRule = { name: 'too hot', streams: 'gw-*/x', above: 20, clear: 18, forReadings: 3 }

/** What an untyped caller might pass, from a configuration file say. */
const unchecked = (changes: Record<string, unknown>) => ({ ...rule, ...changes }) as unknown as ThresholdRule

describe('THR-2: rules', () => {
  it.each<[string, Record<string, unknown>]>([
    ['clear at the threshold', { clear: 20 }],
    ['below instead of above', { above: undefined, below: 5, clear: 5 }],
    ['the longest name', { name: 'n'.repeat(RULE_NAME_LENGTH_MAX) }],
    ['the longest pattern', { streams: '*'.repeat(STREAM_NAME_BYTES_MAX) }],
    ['one reading', { forReadings: 1 }],
    ['the most readings', { forReadings: READINGS_IN_A_ROW_MAX }],
  ])('%s: accepted', (_, changes) => {
    expect(checkedThresholdRule(unchecked(changes))).toEqual(unchecked(changes))
  })

  it.each<[string, Record<string, unknown>]>([
    ['clear beyond above', { clear: 20.1 }],
    ['clear beyond below', { above: undefined, below: 5, clear: 4.9 }],
    ['clear of NaN', { clear: Number.NaN }],
    ['a threshold of NaN', { above: Number.NaN }],
    ['both above and below', { below: 5 }],
    ['neither', { above: undefined }],
    ['no name', { name: '' }],
    ['too long a name', { name: 'n'.repeat(RULE_NAME_LENGTH_MAX + 1) }],
    ['a name that cannot be part of an id', { name: '\ud800' }],
    ['no pattern', { streams: '' }],
    ['too long a pattern', { streams: '*'.repeat(STREAM_NAME_BYTES_MAX + 1) }],
    ['no readings', { forReadings: 0 }],
    ['half a reading', { forReadings: 0.5 }],
    ['too many readings', { forReadings: READINGS_IN_A_ROW_MAX + 1 }],
  ])('%s: refused', (_, changes) => {
    expect(() => checkedThresholdRule(unchecked(changes))).toThrow(
      expect.objectContaining({ code: 'bad-rule' }),
    )
  })
})
