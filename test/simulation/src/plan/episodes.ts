/** Troubles that take more than one step, or that few seeds shall have: drawn from streams of their own, so that the rest of a plan is the same with and without them. */
import { type Random, streamOf } from '../machine/random.ts'
import { sites } from '../nodes/collections.ts'
import type { NodePlan } from '../nodes/surroundings.ts'
import type { Unnumbered } from './step.ts'
import { HOSTILE } from './topology.ts'
import type { StepKind } from './vocabulary.ts'

/** Share of seeds in which a hub is set back while a device is away, where there are two devices that share a site. */
const OVERTAKEN_SHARE = 0.25
const LOST_LEAST = 2
const LOST_MOST = 6
/** Milliseconds between edits, and in which all of them have arrived on a line that is well. */
const PAUSE_MS = 150
const ARRIVAL_MS = 4_000
/** In which a hub that was set back is met again. */
const MEETING_MS = 15_000

/** Share of seeds with bad lines in which a device loses a channel and gets it back, again and again, while another one writes there. */
const WAVERING_SHARE = 0.3
const ROUNDS_LEAST = 2
const ROUNDS_MOST = 5
/** Milliseconds between two steps of it: what is told takes about as long. */
const WAVER_MS_MAX = 600

/** Edits with photos by one device, shortly after each other: more than a session's credit at its beginning. */
const FLOOD_EDITS = 14

/** Share of seeds with bad disks in which entries rot as well. */
const ROT_SHARE = 0.5
const ROTS_MOST = 4

/**
 * A hub is set back to an older copy and writes on, beyond the sequence up to which a device has read it; the device is away meanwhile, and comes back with a cursor of a run that has gone:
 *
 *      backup ── edits of one who goes ── an edit of one who stays ──│ leave, set back ── more edits than were lost, of one who stays ── come back
 */
export function drawOvertaken(seed: number, nodes: readonly NodePlan[], lastMs: number): Unnumbered[] {
  const random = streamOf(seed, 'overtaken')
  const pairs = nodes.flatMap((one) => nodes.map((other) => [one, other] as const)).filter(areFit)
  if (pairs.length === 0 || !random.chance(OVERTAKEN_SHARE)) return []
  const [goes, stays] = random.pick(pairs)
  const hub = goes.uplinks[0]!
  const steps: Unnumbered[] = []
  let atMs = random.below(lastMs + 1)
  const then = (kind: StepKind, node: string, afterMs: number) => {
    atMs += afterMs
    steps.push({ kind, node, atMs, salt: random.below(2 ** 31) })
  }
  const lost = LOST_LEAST + random.below(LOST_MOST - LOST_LEAST + 1)
  then('backup', hub, 0)
  for (let n = 0; n < lost; n++) then('create', goes.name, PAUSE_MS)
  then('create', stays.name, PAUSE_MS)
  then('leave', goes.name, ARRIVAL_MS)
  then('setBack', hub, PAUSE_MS)
  // A new record is an entry and a mark: with as many again as were lost, the log is longer than it was.
  for (let n = 0; n < 2 * lost + 2; n++) then('create', stays.name, PAUSE_MS)
  then('comeBack', goes.name, MEETING_MS)
  return steps
}

/**
 * A device's grant wavers while what it is told of the channel is on its way:
 *
 *      written ── lost ── written ── granted again ── written │ and again
 */
export function drawWavering(seed: number, nodes: readonly NodePlan[], lastMs: number): Unnumbered[] {
  const random = streamOf(seed, 'wavering')
  const pairs = nodes.flatMap((one) => nodes.map((other) => [one, other] as const)).filter(areFit)
  if (pairs.length === 0 || !random.chance(WAVERING_SHARE)) return []
  const [wavers, writes] = random.pick(pairs)
  let atMs = random.below(lastMs + 1)
  const rounds = ROUNDS_LEAST + random.below(ROUNDS_MOST - ROUNDS_LEAST + 1)
  const kinds = ['create', 'narrow', 'create', 'widen', 'create'] as const
  return Array.from({ length: rounds }, () => kinds)
    .flat()
    .map((kind) => {
      atMs += random.below(WAVER_MS_MAX)
      return {
        kind,
        node: (kind === 'create' ? writes : wavers).name,
        atMs,
        salt: random.below(2 ** 31),
      }
    })
}

/** So much is written in one session that it comes to a stop where nobody gives credit back. */
export function drawFlood(seed: number, nodes: readonly NodePlan[], lastMs: number): Unnumbered[] {
  const random = streamOf(seed, 'flood')
  const writers = nodes.filter((node) => isDevice(node) && node.grant.write.some(isSite))
  if (writers.length === 0) return []
  const { name } = random.pick(writers)
  let atMs = random.below(lastMs + 1)
  return Array.from({ length: FLOOD_EDITS }, (_, n) => {
    atMs += PAUSE_MS
    return { kind: n === 0 ? 'create' : 'edit', node: name, atMs, salt: random.below(2 ** 31) }
  })
}

const isDevice = ({ kind, name }: NodePlan) => kind === 'edge' && name !== HOSTILE
const isSite = (channel: string) => sites.some((site) => site === channel)

/** One writes somewhere, the other where the first one reads. */
function areFit([goes, stays]: readonly [NodePlan, NodePlan]): boolean {
  if (goes === stays || !isDevice(goes) || !isDevice(stays)) return false
  return (
    goes.grant.write.some(isSite) &&
    sites.some((site) => goes.grant.read.includes(site) && stays.grant.write.includes(site))
  )
}

export function drawRot(seed: number, nodes: readonly NodePlan[], lastMs: number): Unnumbered[] {
  const random = streamOf(seed, 'rot')
  if (!random.chance(ROT_SHARE)) return []
  return Array.from({ length: 1 + random.below(ROTS_MOST) }, () => drawOne(random, nodes, lastMs))
}

function drawOne(random: Random, nodes: readonly NodePlan[], lastMs: number): Unnumbered {
  return {
    kind: 'rot',
    node: random.pick(nodes).name,
    atMs: random.below(lastMs + 1),
    salt: random.below(2 ** 31),
  }
}
