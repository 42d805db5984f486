/** Kills a target again and again, checks it now and then and at the end, and counts. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AdapterTarget } from './adapter-target.ts'
import { EdgeTarget } from './edge-target.ts'
import { HubTarget } from './hub-target.ts'
import type { Target, TargetOptions } from './target.ts'

/** Rounds between two full checks. */
const CHECK_EVERY = 25

export const targets = {
  edge: (options: TargetOptions) => EdgeTarget.start(options),
  hub: (options: TargetOptions) => HubTarget.start(options),
  adapter: (options: TargetOptions) => AdapterTarget.start(options),
} satisfies Record<string, (options: TargetOptions) => Promise<Target>>

export type TargetName = keyof typeof targets

export interface RoundsOptions {
  rounds: number
  seed: number
  /** No round begins after so many milliseconds. */
  msMax: number
  /** Hears of each full check. */
  tell?: (line: string) => void
}

export interface Outcome {
  target: TargetName
  rounds: number
  acknowledgedHere: number
  acknowledgedThere: number
  lost: readonly string[]
  duplicated: readonly string[]
  ms: number
}

/** Stops at the first check that found something. @throws what a round or check threw */
export async function killRounds(
  name: TargetName,
  { rounds, seed, msMax, tell }: RoundsOptions,
): Promise<Outcome> {
  const started = performance.now()
  const folder = mkdtempSync(join(tmpdir(), `skerry-kill-${name}-`))
  const target = await targets[name]({ folder, seed })
  const outcome: Outcome = {
    target: name,
    rounds: 0,
    acknowledgedHere: 0,
    acknowledgedThere: 0,
    lost: [],
    duplicated: [],
    ms: 0,
  }
  try {
    while (outcome.rounds < rounds && performance.now() - started < msMax) {
      await target.round(++outcome.rounds)
      if (outcome.rounds % CHECK_EVERY !== 0) continue
      Object.assign(outcome, await target.check())
      tell?.(
        `${name}: ${outcome.rounds} rounds, ${target.acknowledgedHere} edits, ${((performance.now() - started) / 1000).toFixed(0)} s`,
      )
      if (outcome.lost.length + outcome.duplicated.length > 0) break
    }
    if (outcome.rounds % CHECK_EVERY !== 0) Object.assign(outcome, await target.check())
    outcome.acknowledgedHere = target.acknowledgedHere
    outcome.acknowledgedThere = target.acknowledgedThere
  } finally {
    await target.close()
  }
  rmSync(folder, { recursive: true })
  outcome.ms = performance.now() - started
  return outcome
}
