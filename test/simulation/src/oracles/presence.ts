/**
 * Presence tells the truth soon: when the faults have stopped, who was here is gone after an expiry, who shows something
 * is seen by everybody entitled within a bound, with the newest that it showed, and who leaves is gone. That no byte of it goes outside its channels is the channels oracle's business: it knows these marks too.
 */
import { presenceLimits } from '@skerry/core'
import { sites } from '../nodes/collections.ts'
import type { SimulatedNode } from '../nodes/node.ts'
import { show, vanish } from '../steps/presence.ts'
import type { World } from '../world.ts'
import { OracleFailed } from './oracle-failed.ts'

/** Milliseconds in which what is shown has come everywhere: a beat, in case that the first was dropped, and the paces of some hops. */
const SEEN_MS_MAX = presenceLimits.BEAT_MS + 5_000

/** At rest. Nobody shows anything any more when it is over. */
export async function checkPresence(world: World): Promise<void> {
  if (!world.plan.striking.has('presence')) return
  // Also those whose machine was switched off, and could not say so.
  await passes(world, presenceLimits.EXPIRY_MS + SEEN_MS_MAX)
  checkSeen(world, new Map(), 'after everybody left')
  const shown = new Map<string, string>()
  // Twice: the first is what nobody may see in the end.
  for (let round = 0; round < 2; round++)
    for (const node of world.living.filter(({ plan }) => plan.kind === 'edge'))
      for (const site of sites) {
        const mark = show(world, node, site)
        if (mark !== undefined) shown.set(`${node.name} ${site}`, mark)
      }
  await passes(world, SEEN_MS_MAX)
  checkSeen(world, shown, 'of what is shown')
  for (const node of world.living) vanish({ world, node })
  await passes(world, SEEN_MS_MAX)
  checkSeen(world, new Map(), 'after everybody left again')
}

async function passes(world: World, ms: number): Promise<void> {
  // What was begun sets its timers first.
  await world.scheduler.settle()
  await world.scheduler.advance(ms)
  await world.scheduler.settle()
  world.check()
}

/** `shown`: marks by node and site. */
function checkSeen(world: World, shown: ReadonlyMap<string, string>, when: string): void {
  for (const node of world.living)
    for (const site of sites) {
      const expected = mayRead(node, site)
        ? world.living.flatMap(({ name }) => (name === node.name ? [] : (shown.get(`${name} ${site}`) ?? [])))
        : []
      const seen = node
        .running!.replica.presence(site)
        .others()
        .map(({ value }) => (value as { mark: string }).mark)
      if (expected.sort().join(' ') === seen.sort().join(' ')) continue
      throw new OracleFailed(
        'presence',
        `${node.name} sees in ${site} '${seen.join(' ')}' ${when}, it should be '${expected.join(' ')}'`,
      )
    }
}

function mayRead({ isHub, grant }: SimulatedNode, site: string): boolean {
  return isHub || grant.read.includes(site)
}
