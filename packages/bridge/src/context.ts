/** What every part of one bridge shares. */
import type { Host, Json, RecordState } from '@skerry/core'
import type { Mapping } from './mapping.ts'

/** Something an operator should hear of; `fields` are for a structured log. */
export interface BridgeEvent {
  level: 'info' | 'warn' | 'error'
  code: string
  message: string
  fields?: Record<string, string | number | boolean>
}

export type BridgeHost = Pick<Host, 'now' | 'random' | 'timer' | 'sha256'>

export interface BridgeContext {
  /** The bridge's name: it stands in receipts, ids and actors. */
  system: string
  host: BridgeHost
  mappings: readonly Mapping[]
  /** Those that do not fit the system's schema just now (SPEC B-192). */
  paused?: ReadonlySet<Mapping>
  /** What is said of an append is said once it is durable. */
  report(event: BridgeEvent): void
}

/** Run actors begin so; import and container changes are nobody's edits (core, change/actors). */
const RUN_ACTOR = '00'

/** The record's edits as receipts and shadows speak of them: highest sequence per run actor. */
export function runSeqs(state: Pick<RecordState, 'seqs'>): Record<string, number> {
  return Object.fromEntries(Object.entries(state.seqs).filter(([actor]) => actor.startsWith(RUN_ACTOR)))
}

/** True when `seqs` has an edit that `told` has not. */
export function isBeyond(
  seqs: Readonly<Record<string, number>>,
  told: Readonly<Record<string, number>>,
): boolean {
  return Object.entries(seqs).some(([actor, seq]) => seq > (told[actor] ?? 0))
}

/** Values of a receipt, by pointer. */
export type Overruled = Record<string, { was: Json; became: Json }>
