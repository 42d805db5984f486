// Where a change stands against what a record already has. Not a refusal but a verdict: a gap is parked, a
// known change is skipped.

import { type ChangeLimits, defaultChangeLimits } from './limits.ts'
import type { ParsedChange } from './parse.ts'

/** What a record knows without being loaded. */
export interface Frontier {
  /** Highest sequence known of the actor, 0 when none. */
  seqByActor(actorHex: string): number
  /** Highest operation number in the record, 0 when empty. */
  readonly maxOp: number
  /** Hash of the actor's change with this sequence, where it is at hand. */
  hashAt?(actorHex: string, seq: number): string | undefined
}

export type StructureVerdict =
  /** The actor's next change: go on. */
  | { readonly kind: 'next' }
  /**
   * The sequence is taken. `sameHash` says whether by this very change; `undefined` when the frontier cannot
   * tell.
   */
  | { readonly kind: 'already-known'; readonly sameHash: true | undefined }
  /** The sequence is taken by another change: two writers had one actor id. Both are evidence. */
  | { readonly kind: 'duplicate-sequence'; readonly seq: number; readonly knownHash: string }
  /** Earlier changes of the actor have not come yet. */
  | { readonly kind: 'sequence-gap'; readonly expected: number; readonly found: number }
  /**
   * An operation number at or below one it builds on: Automerge accepts it and cannot load the saved
   * document.
   */
  | { readonly kind: 'first-operation-too-low'; readonly startOp: number; readonly startOpMin: number }
  /**
   * An operation number far above the record's: it would win every conflict, and far enough makes the
   * document unloadable.
   */
  | { readonly kind: 'first-operation-too-high'; readonly startOp: number; readonly startOpMax: number }

/**
 * `depsMaxOp` is the highest operation of the changes it depends on; without it the lower bound goes
 * unchecked.
 */
export function checkAgainst(
  frontier: Frontier,
  parsed: Pick<ParsedChange, 'actorHex' | 'seq' | 'startOp' | 'hashHex'>,
  depsMaxOp?: number,
  limits: ChangeLimits = defaultChangeLimits,
): StructureVerdict {
  const { actorHex, seq, startOp } = parsed
  const known = frontier.seqByActor(actorHex)
  if (seq <= known) return taken(frontier, parsed)
  if (seq > known + 1) return { kind: 'sequence-gap', expected: known + 1, found: seq }
  if (depsMaxOp !== undefined && startOp <= depsMaxOp) {
    return { kind: 'first-operation-too-low', startOp, startOpMin: depsMaxOp + 1 }
  }
  const startOpMax = Math.max(frontier.maxOp, depsMaxOp ?? 0) + limits.firstOperationSlack + 1
  if (startOp > startOpMax) return { kind: 'first-operation-too-high', startOp, startOpMax }
  return { kind: 'next' }
}

function taken(
  frontier: Frontier,
  { actorHex, seq, hashHex }: Pick<ParsedChange, 'actorHex' | 'seq' | 'hashHex'>,
): StructureVerdict {
  const knownHash = frontier.hashAt?.(actorHex, seq)
  if (knownHash !== undefined && knownHash !== hashHex) return { kind: 'duplicate-sequence', seq, knownHash }
  return { kind: 'already-known', sameHash: knownHash === undefined ? undefined : true }
}
