/** Pairs in doubt and merges: listed, decided, made (SPEC O-15, O-16). */
import type { Merged, Pair } from '@skerry/bridge'
import { ProblemError, readBody, readQuery } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { LISTED_DEFAULT, LISTED_MAX } from './limits.ts'
import { bridgesAsked, type NodeBridge, type RunningBridge, runningBridges } from './node-bridges.ts'

export interface PairsOfSystem {
  system: string
  /** False: nothing is known here of what waits in it. */
  running: boolean
  pairs: Pair[]
  /** How many are not listed here. */
  more: number
}

const listSchema = z.strictObject({
  system: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LISTED_MAX).default(LISTED_DEFAULT),
})

const decideSchema = z.strictObject({
  system: z.string().optional(),
  type: z.string().min(1),
  row: z.string().min(1),
  answer: z.enum(['same', 'different']),
  record: z.string().min(1).optional(),
})

const mergeSchema = z.strictObject({
  system: z.string().optional(),
  survivor: z.string().min(1),
  other: z.string().min(1),
})

export function pairRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.get('/', async (c) => {
    const { system, limit } = readQuery(c, listSchema)
    const systems = bridgesAsked(bridges, system).map((one) => listed(one, limit))
    return c.json({ systems: await Promise.all(systems) })
  })
  routes.post('/decide', async (c) => {
    const { system, type, row, answer, record } = await readBody(c, decideSchema)
    const one = await holder(runningBridges(bridges, system), type, row)
    await one.bridge.pair({ type, row: { id: row } }, answer, record)
    return c.json({ system: one.system, type, row, answer })
  })
  return routes
}

export function mergeRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.post('/', async (c) => {
    const { system, survivor, other } = await readBody(c, mergeSchema)
    const [one, ...others] = runningBridges(bridges, system)
    if (others.length > 0)
      throw new ProblemError(
        'invalid-request',
        `several systems are bridged here (${[one!, ...others].map(({ system: name }) => name).join(', ')}); name one with --system`,
      )
    const merged: Merged = await one!.bridge.merge({ survivor, other })
    return c.json({ system: one!.system, ...merged })
  })
  return routes
}

async function listed({ system, bridge }: NodeBridge, limit: number): Promise<PairsOfSystem> {
  const running = bridge()
  if (!running) return { system, running: false, pairs: [], more: 0 }
  const pairs = await running.pairs()
  return { system, running: true, pairs: pairs.slice(0, limit), more: Math.max(0, pairs.length - limit) }
}

/** The one bridge in which the row is in an open pair. @throws ProblemError `not-found`, `invalid-request` */
async function holder(running: readonly RunningBridge[], type: string, row: string): Promise<RunningBridge> {
  const open: RunningBridge[] = []
  for (const one of running)
    if ((await one.bridge.pairs()).some((pair) => pair.type === type && pair.row.id === row)) open.push(one)
  const [found, ...others] = open
  if (found && others.length === 0) return found
  const systems = (found ? open : running).map(({ system }) => system).join(', ')
  throw found
    ? new ProblemError(
        'invalid-request',
        `${type} ${row} is in doubt in several systems (${systems}); name one with --system`,
      )
    : new ProblemError('not-found', `${type} ${row} is in no open pair in ${systems}`)
}
