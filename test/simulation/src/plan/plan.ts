/**
 * The whole of a run, written down before it begins: who is there, how bad the weather is, and what happens when. Each step brings its own chance (`salt`), so that a
 * shorter plan with some steps left out is still a plan, and mostly the same one.
 */
import { type DiskFaults, healthy } from '../machine/disk.ts'
import { type Random, streamOf } from '../machine/random.ts'
import { calm, type Weather } from '../network/line.ts'
import type { ApiFaults } from '../nodes/fake-api.ts'
import type { NodePlan } from '../nodes/surroundings.ts'
import { drawFlood, drawOvertaken, drawRot, drawWavering } from './episodes.ts'
import { drawPresence } from './presence.ts'
import type { Step } from './step.ts'
import { drawLate, drawTopology } from './topology.ts'
import {
  episodic,
  type Family,
  families,
  familyOf,
  faultFamilies,
  type StepKind,
  weights,
} from './vocabulary.ts'

export interface Plan {
  seed: number
  nodes: readonly NodePlan[]
  steps: readonly Step[]
  /** Families of faults that strike at all. */
  striking: ReadonlySet<Family>
  /** Edits carry large photos, so that credit and buffers are felt. */
  isBulky: boolean
}

const STEPS_LEAST = 8
const STEPS_MOST = 70
/** Share of seeds in which a family of faults strikes, and the largest share of steps that it may get. */
const STRIKING_SHARE = 0.5
const FAULT_SHARE_MAX = 0.18
const BULKY_SHARE = 0.03
/** Between two steps: mostly a moment, sometimes a minute. */
const PAUSE_MS = [20, 200, 1_000, 5_000, 60_000] as const

export function drawPlan(seed: number): Plan {
  const random = streamOf(seed, 'plan')
  const striking = new Set<Family>(faultFamilies.filter(() => random.chance(STRIKING_SHARE)))
  const nodes = drawTopology(random, striking.has('hostile'))
  const shares = new Map<Family, number>()
  for (const family of striking) shares.set(family, random.between(0.01, FAULT_SHARE_MAX))
  const isBulky = random.chance(BULKY_SHARE)
  const count = Math.floor(STEPS_LEAST + (STEPS_MOST - STEPS_LEAST) * random.next() ** 2)
  const pause = random.below(PAUSE_MS.length)
  let atMs = 0
  const drawn = Array.from({ length: count }, () => {
    const kind = drawKind(random, shares)
    const node = random.pick(nodes).name
    atMs += Math.floor(random.between(0, PAUSE_MS[Math.min(pause, random.below(PAUSE_MS.length))]!))
    return { kind, node, atMs, salt: random.below(2 ** 31) }
  })
  const shown = drawPresence(seed, nodes, atMs)
  if (shown.length > 0) striking.add('presence')
  const overtaken = drawOvertaken(seed, nodes, atMs)
  if (overtaken.length > 0) striking.add('copies')
  const rotting = striking.has('disk') ? drawRot(seed, nodes, atMs) : []
  const wavering = striking.has('network') ? drawWavering(seed, nodes, atMs) : []
  if (wavering.length > 0) striking.add('rights')
  const flood = isBulky ? drawFlood(seed, nodes, atMs) : []
  const steps = [...drawn, ...shown, ...overtaken, ...rotting, ...wavering, ...flood]
    .sort((a, b) => a.atMs - b.atMs)
    .map((step, index): Step => ({ index, ...step }))
  return withLateDevice({ seed, nodes, steps, striking, isBulky })
}

/** Share of seeds in which a device joins when there is something to be told, and of the steps after that which happen there. */
const LATE_SHARE = 0.6
const LATE_STEPS_SHARE = 0.3

/** Drawn by itself: a seed is otherwise what it is without that device. */
function withLateDevice(plan: Plan): Plan {
  const random = streamOf(plan.seed, 'late')
  if (!random.chance(LATE_SHARE)) return plan
  const joinsAtMs = random.pick(plan.steps).atMs
  const late = { ...drawLate(random, plan.nodes), joinsAtMs }
  const steps = plan.steps.map((step) => {
    const isMoved = step.atMs > joinsAtMs && random.chance(LATE_STEPS_SHARE)
    return isMoved && ['edits', 'process'].includes(familyOf(step.kind)) ? { ...step, node: late.name } : step
  })
  return { ...plan, nodes: [...plan.nodes, late], steps }
}

function drawKind(random: Random, shares: ReadonlyMap<Family, number>): StepKind {
  let left = random.next()
  let family: Family = 'edits'
  for (const [one, share] of shares) {
    if (left < share) {
      family = one
      break
    }
    left -= share
  }
  const kinds: readonly StepKind[] = families[family]
  const weighted = kinds
    .filter((kind) => !episodic.has(kind))
    .flatMap((kind) => Array.from({ length: weights[kind] ?? 1 }, () => kind))
  return random.pick(weighted)
}

/** The weather of one line, for the whole run. */
export function weatherOf({ seed, striking }: Plan, line: string): Weather {
  const random = streamOf(seed, `weather ${line}`)
  if (!striking.has('network')) return calm
  const least = random.between(0, 50)
  return {
    delayMs: [least, least + random.pick([1, 20, 200, 2_000])],
    lossShare: random.chance(0.4) ? random.between(0, 0.03) : 0,
    bytesPerMs: random.chance(0.3) ? random.pick([8, 100, 1_000]) : Number.POSITIVE_INFINITY,
  }
}

/** How a disk does for the whole run; steps make it worse for a while. */
export function diskFaultsOf({ seed, striking }: Plan, node: string): DiskFaults {
  const random = streamOf(seed, `disk ${node}`)
  if (!striking.has('disk')) return { ...healthy }
  return { ...healthy, slowMs: random.pick([1, 10, 500]), slowShare: random.pick([0, 0.1, 0.5]) }
}

export function apiFaultsOf({ seed, striking }: Plan): ApiFaults {
  const random = streamOf(seed, 'api')
  return {
    delayMs: random.pick([0, 20, 2_000]),
    lossShare: striking.has('network') ? random.between(0, 0.3) : 0,
  }
}
