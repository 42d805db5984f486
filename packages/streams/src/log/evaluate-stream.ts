/**
 * One stream's new segments under its rules, in the order of their numbers, whatever the order they came in:
 *
 *     in the index      4  5  6     8  9
 *     evaluated up to   4
 *     evaluates            5  6  ┊         waits for 7 behind the hole, unless told not to any longer
 *
 * It is one part of a transaction: states and whatever the crossings lead to are durable together.
 */

import type { ReplicaBase, Seq, Transaction } from '@skerry/core'
import type { Compressor } from '../compressor.ts'
import { type Crossing, evaluateThreshold, type ThresholdState } from '../threshold.ts'
import type { ThresholdRule } from '../threshold-rule.ts'
import { segmentsAbove } from './segment-index.ts'
import { storedSegment } from './stored-segment.ts'
import { readThresholdState, writeThresholdState } from './threshold-states.ts'

export interface StreamToEvaluate {
  stream: string
  /** Those whose pattern fits the stream. */
  rules: readonly ThresholdRule[]
  /** Lowest number among the segments that are new, undefined when none is. */
  newestFrom: number | undefined
  /** Segments above this sequence are left for later. */
  upTo: Seq
  /** Whether to go on behind a number that is missing. */
  passesHoles: boolean
}

export interface Evaluation {
  crossings: Crossing[]
  /** Sequence of a segment that waits behind a hole. */
  heldSeq: Seq | undefined
}

interface RuleState {
  rule: ThresholdRule
  state: ThresholdState
}

/** Reads and writes the rules' states in `transaction`. */
export async function evaluateStream(
  replica: ReplicaBase,
  transaction: Transaction,
  compressor: Compressor,
  asked: StreamToEvaluate,
): Promise<Evaluation> {
  const states = await statesOf(transaction, asked)
  const evaluation: Evaluation = { crossings: [], heldSeq: undefined }
  const from = Math.min(...states.map(({ state }) => state.segmentNumber))
  for await (const segment of segmentsAbove(transaction.tables, asked.stream, from)) {
    if (segment.seq > asked.upTo) break
    const behindHole = states.some(({ state }) => segment.header.number > state.segmentNumber + 1)
    if (behindHole && !asked.passesHoles) {
      evaluation.heldSeq = segment.seq
      break
    }
    const source = await storedSegment(replica, segment, compressor)
    for (const each of states) {
      const { state, crossings } = evaluateThreshold(each.rule, each.state, source)
      each.state = state
      evaluation.crossings.push(...crossings)
    }
  }
  for (const { rule, state } of states)
    writeThresholdState(transaction.tables, rule.name, asked.stream, state)
  return evaluation
}

async function statesOf(transaction: Transaction, asked: StreamToEvaluate): Promise<RuleState[]> {
  const { tables } = transaction
  const before = await segmentBefore(transaction, asked)
  const states: RuleState[] = []
  for (const rule of asked.rules)
    states.push({ rule, state: await readThresholdState(tables, rule.name, asked.stream, before) })
  return states
}

/**
 * A rule that never saw the stream starts with what is new: one that is added to a hub does not open what was crossed
 * years ago. Of a stream that is itself new, the first segments may be still to come.
 */
async function segmentBefore(
  { tables }: Transaction,
  { stream, newestFrom }: StreamToEvaluate,
): Promise<number> {
  if (newestFrom === undefined) return 0
  for await (const first of segmentsAbove(tables, stream, 0))
    return first.header.number < newestFrom ? newestFrom - 1 : 0
  return 0
}
