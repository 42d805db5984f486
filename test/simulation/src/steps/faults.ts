/** Faults of lines, processes, disks and clocks. Those that last, last for a while and then mend by themselves. */
import type { Direction, Line } from '../network/line.ts'
import { vanish } from './presence.ts'
import type { StepContext } from './step-context.ts'

const LASTS_MS = [100, 3_000, 40_000, 120_000] as const
/** Microtasks after which a process may die: a session's step takes tens, a delivery of some entries hundreds. */
const MICROTASKS_MOST = 200
const RESTART_MS_MOST = 20_000
const NIGHT_MS_MOST = 8 * 3_600_000

export function cut({ world, node, random }: StepContext): void {
  const line = someLine({ world, node, random })
  if (!line) return
  world.tell(`a line of ${node.name} is cut`)
  line.cut()
}

export function partition({ world, node, random }: StepContext): void {
  const line = someLine({ world, node, random })
  if (!line) return
  const forMs = random.pick(LASTS_MS)
  const directions: Direction[] = random.chance(0.5)
    ? ['out', 'back']
    : [random.pick(['out', 'back'] as const)]
  world.tell(`a line of ${node.name} carries nothing ${directions.join(' and ')} for ${forMs} ms`)
  for (const direction of directions) line.block(direction, forMs)
}

export function clog({ world, node, random }: StepContext): void {
  const line = someLine({ world, node, random })
  if (!line) return
  const forMs = random.pick(LASTS_MS)
  world.tell(`a line of ${node.name} is clogged for ${forMs} ms`)
  line.clog(random.pick(['out', 'back'] as const), forMs)
}

/** On and off, a few seconds each. */
export function flap({ world, node, random }: StepContext): void {
  const line = someLine({ world, node, random })
  if (!line) return
  world.tell(`a line of ${node.name} flaps`)
  for (let atMs = 0, times = 2 + random.below(6); times > 0; times--) {
    atMs += random.between(1_000, 10_000)
    world.duringFaults(atMs, () => line.cut())
    if (random.chance(0.5)) world.duringFaults(atMs, () => line.block('out', random.between(100, 5_000)))
  }
}

export async function crash({ world, node, random }: StepContext): Promise<void> {
  world.tell(`${node.name} crashes`)
  await node.crash()
  startLater({ world, node, random })
}

/** It dies some microtasks after the next event, wherever it stands then. What it had sent by then still arrives. */
export function crashMidway({ world, node, random }: StepContext): void {
  world.scheduler.interrupt(random.below(MICROTASKS_MOST), () => {
    world.tell(`${node.name} crashes in the middle`)
    void node.crash().then(() => startLater({ world, node, random }))
  })
}

export async function restart({ world, node, random }: StepContext): Promise<void> {
  const { running } = node
  if (!running) return
  world.tell(`${node.name} is restarted`)
  // Whoever waits for it too long kills it.
  const closed = running
    .close()
    .catch((error: unknown) => world.tell(`${node.name} could not close: ${error}`))
  world.ledger.wait(
    `closing ${node.name}`,
    Promise.race([closed, world.scheduler.wait(5_000)])
      .then(() => node.crash())
      .then(() => startLater({ world, node, random })),
  )
}

function startLater({ world, node, random }: StepContext): void {
  world.scheduler.after(random.between(0, RESTART_MS_MOST), () => {
    if (!node.process && !world.retired.has(node)) void node.start()
  })
}

export function slowDisk({ world, node, random }: StepContext): void {
  node.diskFaults.slowMs = random.pick([10, 500, 5_000])
  node.diskFaults.slowShare = random.pick([0.1, 1])
  world.tell(`the disk of ${node.name} takes up to ${node.diskFaults.slowMs} ms`)
}

export function fullDisk({ world, node, random }: StepContext): void {
  world.tell(`the disk of ${node.name} is full`)
  node.diskFaults.isFull = true
  world.scheduler.after(random.pick(LASTS_MS), () => {
    node.diskFaults.isFull = false
  })
}

export function failingDisk({ world, node, random }: StepContext): void {
  world.tell(`the disk of ${node.name} fails now and then`)
  node.diskFaults.failShare = random.pick([0.1, 0.5])
  world.scheduler.after(random.pick(LASTS_MS), () => {
    node.diskFaults.failShare = 0
  })
}

export function flippingDisk({ world, node, random }: StepContext): void {
  world.tell(`the disk of ${node.name} flips bits`)
  node.diskFaults.flipShare = random.pick([0.02, 0.2])
  world.scheduler.after(random.pick(LASTS_MS), () => {
    node.diskFaults.flipShare = 0
  })
}

export function skew({ world, node, random }: StepContext): void {
  const byMs = random.pick([-1, 1]) * random.pick([500, 60_000, 7_200_000, 300_000_000_000])
  world.tell(`the clock of ${node.name} jumps by ${byMs} ms`)
  node.clock.jumpBy(byMs)
}

export function to1970({ world, node }: StepContext): void {
  world.tell(`the clock of ${node.name} starts at 1970`)
  node.clock.to1970()
}

/** Nothing happens for hours but timers. @returns milliseconds */
export function night({ world, random }: StepContext): number {
  const forMs = Math.floor(random.between(600_000, NIGHT_MS_MOST))
  world.tell(`a night of ${Math.round(forMs / 60_000)} minutes`)
  // People go home; their beats would only cost time.
  for (const node of world.living) vanish({ world, node })
  return forMs
}

function someLine({ world, node, random }: StepContext): Line | undefined {
  const lines = world.network.linesAt(node.name)
  return lines.length > 0 ? random.pick(lines) : undefined
}
