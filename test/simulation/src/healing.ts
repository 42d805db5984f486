/**
 * The faults stop: everybody is up, connected and granted again, until nothing moves any more. What cannot come to rest within a bounded time and a bounded number of messages is a finding, and
 * says what it waits for.
 */
import type { SimulatedNode } from './nodes/node.ts'
import { checkHealed, damagedAt, mendDisk, readAll } from './oracles/healed.ts'
import { OracleFailed } from './oracles/oracle-failed.ts'
import { HOSTILE } from './plan/topology.ts'
import { vanish } from './steps/presence.ts'
import type { World } from './world.ts'

/** Virtual milliseconds: a write to the external system may wait a day by a clock that was set back (bridge rule B-42); everything else takes minutes. */
const REST_MS_MAX = 25 * 3_600_000
/** Messages for each edit and each node: far more than are needed, far fewer than a storm has. */
const MESSAGES_PER_EDIT_MAX = 40
const MESSAGES_AT_LEAST = 400
const NO_EXPIRY = 9e12

/** Marks that the devices that wrote them held when the faults stopped, in channels that they still may have. */
export type Held = ReadonlySet<string>

export async function heal(world: World): Promise<Held> {
  world.tell('the faults stop')
  world.stopFaults()
  for (const node of world.living)
    if (node.name === HOSTILE || node.copied?.as === 'twin') {
      world.retired.add(node)
      await node.crash()
    }
  for (const node of world.living) vanish({ world, node })
  for (const node of world.living) if (!node.process) void node.start()
  await world.scheduler.settle()
  const held = await marksHeld(world)
  for (const node of world.living) if (!node.isHub) void node.regrant({ ...node.grant, expiresAt: NO_EXPIRY })
  await rest(world)
  await comeBackFromDamage(world)
  return held
}

/** Everything that is damaged is found, and asked for: by whoever lacks it, and by an audit of each who may have it. */
async function comeBackFromDamage(world: World): Promise<void> {
  await whileRunning(world, 'reads all it has', readAll)
  // An audit mends more than damage, which would hide what other oracles are to find.
  if (world.living.every((node) => damagedAt(node).length === 0)) return
  for (const { running } of world.living)
    for (const { session } of running?.links.values() ?? []) void session?.audit()
  await rest(world)
  await checkHealed(world)
  await whileRunning(world, 'looks at its disk again', mendDisk)
  const left = world.living.find((node) => damagedAt(node).length > 0)
  if (left) throw new OracleFailed('healed', `${damagedAt(left)} stays damaged at ${left.name}`)
}

/** Each does this while time goes on: a commit before it may be on a slow disk still. */
async function whileRunning(
  world: World,
  what: string,
  work: (node: SimulatedNode) => Promise<void>,
): Promise<void> {
  const done = world.living.map((node) => {
    const working = work(node)
    world.ledger.wait(`${node.name}, which ${what},`, working)
    return working
  })
  await rest(world)
  await Promise.all(done)
}

/** A twin takes its original's place: the two never get along on one hub at the same time. */
export async function replaceByTwins(world: World): Promise<void> {
  for (const twin of [...world.retired].filter((node) => node.copied?.as === 'twin')) {
    const original = world.nodes.get(twin.copied!.from.name)!
    if (world.retired.has(original)) continue
    world.tell(`${twin.name} takes the place of ${original.name}`)
    world.retired.add(original)
    await original.crash()
    world.retired.delete(twin)
    await twin.start()
    void twin.regrant({ ...original.grant, expiresAt: NO_EXPIRY })
    await rest(world)
  }
}

/** Lets the world run until nothing is left to do. @throws OracleFailed */
export async function rest(world: World): Promise<void> {
  const { scheduler, network, ledger } = world
  const untilMs = scheduler.nowMs + REST_MS_MAX
  const messagesMax =
    network.messages +
    MESSAGES_AT_LEAST +
    MESSAGES_PER_EDIT_MAX * (ledger.places.size + 1) * world.living.length
  for (;;) {
    await scheduler.settle()
    world.check()
    const restless = whatMoves(world)
    if (restless === undefined) return
    if (network.messages > messagesMax)
      throw new OracleFailed('liveness', `${messagesMax} messages did not bring rest: ${restless}`)
    if (scheduler.nowMs > untilMs || !(await scheduler.next(REST_MS_MAX)))
      throw new OracleFailed('liveness', `the world does not come to rest: ${restless}`)
  }
}

function whatMoves(world: World): string | undefined {
  for (const node of world.living) {
    const gone = new Set([...world.retired].map(({ name }) => name))
    const moving = whatMovesAt(node, gone)
    if (moving) return `${node.name} ${moving}`
  }
  if (!world.network.isQuiet) return 'messages are on their way'
  if (world.api.underWay > 0) return 'calls are under way'
  const waiting = [...world.ledger.waiting.keys()].find((what) => !waitsForDisk(world, what))
  return waiting && `${waiting} waits for an answer`
}

/** Replica rule P-2: of a record that is damaged where it was written nobody is told that it is at the hub, until the disk has been looked at again. */
function waitsForDisk({ ledger, nodes }: World, what: string): boolean {
  const [mark = '', name = ''] = what.split(' of ')
  const [edit, node] = [ledger.edits.get(mark), nodes.get(name)]
  return edit !== undefined && node !== undefined && damagedAt(node).includes(edit.record)
}

function whatMovesAt(
  { running, disk, grants }: SimulatedNode,
  gone: ReadonlySet<string>,
): string | undefined {
  if (!running?.hasBegun) return 'is not up'
  if (disk.grantShown < grants.length - 1) return 'did not keep its grant'
  for (const [name, { state, session }] of running.links) {
    if (gone.has(name)) continue
    if (state.phase !== 'open' || !session)
      return `has a link to ${name} that is ${state.phase}: ${state.lastError?.message}`
    if (!session.current) return `is not in step with ${name}`
  }
  if (running.streams && running.streams.readingsWaiting > 0) return 'has readings that wait'
  if (!running.bridge) return undefined
  const { open, hints, callsUnderWay, dead, walks } = running.bridge.stats()
  if (dead > 0) return `has ${dead} dead letters`
  return open + hints + callsUnderWay + walks > 0
    ? `has ${open} writes, ${hints} hints, ${walks} walks, ${callsUnderWay} calls under way`
    : undefined
}

async function marksHeld(world: World): Promise<Held> {
  const held = new Set<string>()
  for (const { running, name, grants, disk } of world.living)
    for (const visit of (await running?.replica.visits.all()) ?? []) {
      // What was delivered goes with the right to have it, on a slow disk a moment later: also where the right is back by now, and that is not durable either.
      const mayHave = grants
        .slice(disk.grantShown)
        .every(({ read }) => read.includes('*') || read.includes(visit.site))
      if (!mayHave || running!.replica.visits.isUnverified(visit.id)) continue
      for (const mark of Object.keys(visit.marks ?? {}))
        if (world.ledger.edits.get(mark)?.node === name) held.add(mark)
    }
  return held
}
