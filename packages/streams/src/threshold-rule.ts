/** A threshold rule: what it may say, checked once before it is evaluated over thousands of segments. */

import { STREAM_NAME_BYTES_MAX } from './segment-limits.ts'

/** Readings in a row that a rule may ask for: a full segment of them; more is a trend, not a threshold. */
export const READINGS_IN_A_ROW_MAX = 65_536

/** Characters of a rule's name, which becomes part of the id of what it opens. */
export const RULE_NAME_LENGTH_MAX = 128

interface RuleParts {
  /** Part of every opening's id: renaming a rule makes it another one. */
  name: string
  /** A stream name in which `*` stands for any characters but `/`. */
  streams: string
  /** How many readings in a row must be beyond the threshold: 1 to `READINGS_IN_A_ROW_MAX`. */
  forReadings: number
  /** The value at which an opening closes: at or below it for `above`, at or above it for `below`. */
  clear: number
}

/** Opens when `forReadings` readings in a row are greater than `above`, or less than `below`. */
export type ThresholdRule = RuleParts & ({ above: number; below?: never } | { below: number; above?: never })

/** A rule that cannot be evaluated; its only code is `bad-rule`. */
export class ThresholdRuleError extends Error {
  override readonly name = 'ThresholdRuleError'
  readonly code = 'bad-rule'
}

/**
 * @returns `rule`, unchanged
 * @throws ThresholdRuleError `bad-rule`
 */
export function checkedThresholdRule(rule: ThresholdRule): ThresholdRule {
  const problem = problemOf(rule)
  if (problem === null) return rule
  throw new ThresholdRuleError(`Threshold rule ${JSON.stringify(rule.name.slice(0, 80))} ${problem}.`)
}

function problemOf(rule: ThresholdRule): string | null {
  const { name, streams, above, below, forReadings, clear } = rule
  if (name.length < 1 || name.length > RULE_NAME_LENGTH_MAX || !name.isWellFormed()) {
    return `has a name of ${name.length} characters; give 1 to ${RULE_NAME_LENGTH_MAX} of well-formed Unicode`
  }
  if (streams.length < 1 || streams.length > STREAM_NAME_BYTES_MAX) {
    return `has a stream pattern of ${streams.length} characters; give 1 to ${STREAM_NAME_BYTES_MAX}`
  }
  if (!Number.isInteger(forReadings) || forReadings < 1 || forReadings > READINGS_IN_A_ROW_MAX) {
    return `has forReadings ${forReadings}; give 1 to ${READINGS_IN_A_ROW_MAX}`
  }
  if ((above === undefined) === (below === undefined)) return 'needs either above or below, not both'
  if (above !== undefined && !(clear <= above))
    return `clears at ${clear}; give at most its threshold ${above}`
  if (below !== undefined && !(clear >= below))
    return `clears at ${clear}; give at least its threshold ${below}`
  return null
}
