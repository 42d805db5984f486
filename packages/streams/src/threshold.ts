/**
 * A threshold rule over one stream, one segment at a time, with all it remembers in a state that the caller stores.
 *
 *                     reading beyond, run < forReadings
 *                            ┌────┐
 *                            │    ▼   forReadings in a row
 *     quiet ──beyond──▶  counting a run  ──▶  open  ──at or past clear──▶  quiet
 *       ▲                    │                 (its id: rule, stream, time of the run's first reading)
 *       └────not beyond──────┘
 *
 * Exactly once: a segment at or before `state.segmentNumber` changes nothing, and an opening's id comes from readings,
 * not from when or where it was found. So a caller that stores state and crossings in one transaction sees each once,
 * and one that crashed between the two finds the same ids again.
 *
 * Segments that never arrive (a gateway may shed) do not end a run: it counts the readings that are known. Otherwise a
 * bad line could keep an alarm from ever opening. Readings without a value (NaN) neither continue nor end one.
 *
 * Late readings (a gateway read its logger out, `lateMsMax` lets them in) are history: they may open, which is told as late, and say nothing about what is now, so they end no run and close nothing.
 */

import type { SegmentSource } from './segment-source.ts'
import { matchesStream } from './stream-pattern.ts'
import type { ThresholdRule } from './threshold-rule.ts'

/** Plain JSON; one for each rule and stream. Times are milliseconds since 1970. */
export interface ThresholdState {
  /** The last segment that was evaluated, 0 before the first. */
  segmentNumber: number
  /** The readings in a row beyond the threshold while nothing is open. */
  run: { count: number; firstMs: number } | null
  openId: string | null
  /** The first reading of the newest opening ever: the next must start later, so that no id comes twice. */
  newestOpeningMs: number | null
  /** The newest reading seen; absent where none was, or where it was not remembered yet. */
  newestMs?: number
}

/** An opening or a closing. `timeMs` and `value` are those of the reading that decided it. */
export interface Crossing {
  kind: 'opened' | 'closed'
  /** The same for an opening and its closing, and for every replica that evaluates the rule. */
  id: string
  rule: string
  stream: string
  segmentNumber: number
  timeMs: number
  value: number
  /** Opened by a reading of a time before the newest that the rule had seen: it tells of what was, not of what is. */
  late?: true
}

/** The state before the first segment. */
export const THRESHOLD_STATE_AT_FIRST: Readonly<ThresholdState> = {
  segmentNumber: 0,
  run: null,
  openId: null,
  newestOpeningMs: null,
}

/** Deterministic, and different for every (rule, stream, time): the parts are escaped before they are joined. */
export function openingId(rule: string, stream: string, firstMs: number): string {
  return `${encodeURIComponent(rule)}/${encodeURIComponent(stream)}/${firstMs}`
}

/**
 * Evaluates `rule` (as `checkedThresholdRule` accepts it) over the next segment of a stream. Decodes the segment only
 * if its header leaves the answer open.
 *
 * @returns the state to store, and what was crossed, in order; `state` itself is not changed
 */
export function evaluateThreshold(
  rule: ThresholdRule,
  state: Readonly<ThresholdState>,
  source: SegmentSource,
): { state: ThresholdState; crossings: Crossing[] } {
  const { header } = source
  if (header.number <= state.segmentNumber || !matchesStream(rule.streams, header.stream)) {
    return { state: { ...state }, crossings: [] }
  }
  const next: ThresholdState = { ...state, segmentNumber: header.number }
  if (!headerDecides(rule, next, source)) return { state: next, crossings: crossingsIn(rule, next, source) }
  next.newestMs = Math.max(header.lastMs, state.newestMs ?? header.lastMs)
  return { state: next, crossings: [] }
}

/** Settles `state` from the header alone, or says that the readings are needed. */
function headerDecides(rule: ThresholdRule, state: ThresholdState, { header }: SegmentSource): boolean {
  if (header.measuredCount === 0) return true
  const nearest = rule.above === undefined ? header.max : header.min
  const farthest = rule.above === undefined ? header.min : header.max
  if (state.openId !== null) return !isClear(rule, nearest)
  if (isBeyond(rule, farthest)) return false
  if (state.run === null || isLate(state, header.lastMs)) return true
  // Some readings are late: which of them have a value?
  if (isLate(state, header.firstMs)) return false
  state.run = null
  return true
}

function isLate({ newestMs }: ThresholdState, timeMs: number): boolean {
  return newestMs !== undefined && timeMs < newestMs
}

function crossingsIn(rule: ThresholdRule, state: ThresholdState, source: SegmentSource): Crossing[] {
  const { times, values } = source.readings()
  const { stream, number: segmentNumber } = source.header
  const crossings: Crossing[] = []
  for (let i = 0; i < times.length; i += 1) {
    const timeMs = times[i]!
    const value = values[i]!
    const late = isLate(state, timeMs)
    if (!late) state.newestMs = timeMs
    if (Number.isNaN(value)) continue
    const wasOpen = state.openId
    step(rule, state, stream, { timeMs, value, late })
    const id = wasOpen ?? state.openId
    if (id === null || wasOpen === state.openId) continue
    const kind = wasOpen === null ? 'opened' : 'closed'
    crossings.push({ kind, id, rule: rule.name, stream, segmentNumber, timeMs, value, ...(late && { late }) })
  }
  return crossings
}

/** The machine of the picture above: one measured reading changes the state. */
function step(
  rule: ThresholdRule,
  state: ThresholdState,
  stream: string,
  { timeMs, value, late }: { timeMs: number; value: number; late: boolean },
): void {
  if (state.openId !== null) {
    if (!late && isClear(rule, value)) state.openId = null
    return
  }
  if (!isBeyond(rule, value)) {
    if (!late) state.run = null
    return
  }
  const mayStart = state.newestOpeningMs === null || timeMs > state.newestOpeningMs
  if (state.run !== null) state.run = { count: state.run.count + 1, firstMs: state.run.firstMs }
  else if (mayStart) state.run = { count: 1, firstMs: timeMs }
  if (state.run === null || state.run.count < rule.forReadings) return
  state.openId = openingId(rule.name, stream, state.run.firstMs)
  state.newestOpeningMs = state.run.firstMs
  state.run = null
}

function isBeyond(rule: ThresholdRule, value: number): boolean {
  return rule.above === undefined ? value < rule.below : value > rule.above
}

function isClear(rule: ThresholdRule, value: number): boolean {
  return rule.above === undefined ? value >= rule.clear : value <= rule.clear
}
