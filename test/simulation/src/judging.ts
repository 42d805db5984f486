/** After the world came to rest: everything that can be asked of it is asked. */
import { idOf, type Receipt } from '@skerry/core'
import { streamTotals } from '@skerry/streams'
import type { Held } from './healing.ts'
import { replaceByTwins, rest } from './healing.ts'
import { sites } from './nodes/collections.ts'
import { checkAccused } from './oracles/accused.ts'
import { checkAcknowledged } from './oracles/acknowledged.ts'
import { checkAudited } from './oracles/audited.ts'
import { checkCaches, checkClosing } from './oracles/baseline.ts'
import { checkBytes } from './oracles/bytes.ts'
import { checkChained } from './oracles/chained.ts'
import { checkConverged, stateOf } from './oracles/converged.ts'
import { checkEffects } from './oracles/effects.ts'
import { OracleFailed } from './oracles/oracle-failed.ts'
import { checkPresence } from './oracles/presence.ts'
import { checkReplay } from './oracles/replay.ts'
import { checkRevoked } from './oracles/revoked.ts'
import { checkViews } from './oracles/views.ts'
import { HUB } from './plan/topology.ts'
import { createVisit, editVisit } from './steps/visit-edits.ts'
import type { World } from './world.ts'

export async function judge(world: World, held: Held): Promise<void> {
  const { bridge } = world.nodes.get('adapter')?.running ?? {}
  if (bridge) {
    // It waits where a call before it was told to, and nothing that moves tells of it.
    world.ledger.wait('the adapter, for its last poll,', bridge.pollNow())
    await rest(world)
    checkChained(await bridge.audit.verify())
  }
  await compareAll(world, held)
  checkAccused(world)
  checkRevoked(world)
  await checkAudited(world, () => rest(world))
  await checkCaches(world)
  await checkStreams(world)
  await checkPresence(world)
  await probe(world)
  await replaceByTwins(world)
  await compareAll(world, held)
  await checkClosing(world)
}

async function compareAll(world: World, held: Held): Promise<void> {
  checkViews(world.living)
  const hub = await stateOf(world.nodes.get(HUB)!)
  for (const [record, visit] of hub.visits) checkReplay(world.ledger, HUB, record, visit)
  const aside = new Set<string>()
  for (const node of world.living) {
    if (node.name !== HUB) checkConverged(hub, node, await stateOf(node))
    for (const edit of await node.running!.replica.aside())
      for (const [mark] of JSON.stringify(edit).matchAll(/mk\d{5}k/g)) aside.add(mark)
  }
  const receipts = await receiptsAtHub(world)
  checkAcknowledged({
    ledger: world.ledger,
    hub: hub.visits,
    held,
    aside,
    receipts: (record) => receipts.get(record) ?? [],
  })
  if (world.nodes.has('adapter')) checkEffects(world.api, hub.orders)
}

/** Of visits of which an edit was acknowledged. */
async function receiptsAtHub({ nodes, ledger }: World): Promise<ReadonlyMap<string, readonly Receipt[]>> {
  const { visits } = nodes.get(HUB)!.running!.replica
  const records = new Set(ledger.acknowledged.map(({ edit }) => edit.record))
  return new Map(
    await Promise.all(
      [...records].map(async (record) => [record, await visits.receipts(idOf(record))] as const),
    ),
  )
}

async function checkStreams(world: World): Promise<void> {
  const gateway = world.nodes.get('gateway')
  const measured = world.measurements.get(`gw/t${gateway?.disk.streamEpoch}`)
  if (!measured) return
  const totals = await streamTotals(world.nodes.get(HUB)!.running!.replica, measured.stream)
  if ((totals?.readings ?? 0) < measured.flushed)
    throw new OracleFailed(
      'acknowledged',
      `${measured.flushed} readings were flushed, the hub has ${totals?.readings ?? 0}`,
    )
}

/** After a cut both sides have noticed, at the latest by their heartbeats, and tried again. */
const RECONNECTED_MS = 90_000

/** One more edit, at rest, of a record that is everywhere already: a new one would come back once, with the mark that it entered (a known gap of the session). */
async function probe(world: World): Promise<void> {
  const author = world.living.find(
    ({ plan, grant }) => plan.kind === 'edge' && sites.some((site) => grant.write.includes(site)),
  )
  if (!author?.running) return
  const { ledger, tell } = world
  const random = world.randomOf('probe')
  const context = { process: author.running, random, ledger, isBulky: false, tell }
  // A credential that was changed in a session makes the hub doubt what the device holds (session rule O12); a new session knows.
  for (const line of world.network.lines) line.cut()
  await world.scheduler.advance(RECONNECTED_MS)
  await rest(world)
  const id = await createVisit(context)
  await rest(world)
  const before = new Map(world.bytes)
  await editVisit(context, { id })
  await rest(world)
  checkBytes(world, { author, before })
}
