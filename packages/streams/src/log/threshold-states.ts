/** Where each threshold rule stands in each stream, durable: one row for a rule and stream. */

import { decodeUtf8, encodeUtf8, type Tables } from '@skerry/core'
import { THRESHOLD_STATE_AT_FIRST, type ThresholdState } from '../threshold.ts'
import type { TableReader } from './table-reader.ts'

const STATES_TABLE = 'thresholds'

/** `segmentBefore`: what a rule that never saw this stream counts as seen. */
export async function readThresholdState(
  tables: TableReader,
  rule: string,
  stream: string,
  segmentBefore: number,
): Promise<ThresholdState> {
  const value = await tables.get(STATES_TABLE, keyOf(rule, stream))
  if (value === undefined) return { ...THRESHOLD_STATE_AT_FIRST, segmentNumber: segmentBefore }
  return JSON.parse(decodeUtf8(value) ?? '') as ThresholdState
}

export function writeThresholdState(
  tables: Tables,
  rule: string,
  stream: string,
  state: ThresholdState,
): void {
  tables.put(STATES_TABLE, keyOf(rule, stream), encodeUtf8(JSON.stringify(state)))
}

/** A rule's name may be any text; escaped, it has no line break. */
function keyOf(rule: string, stream: string): string {
  return `${encodeURIComponent(rule)}\n${stream}`
}
