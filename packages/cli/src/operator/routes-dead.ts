/** Dead letters and what waits for other records: listed, and tried again (SPEC O-5, O-6). */
import type { DeadLetter, ParkedRecord, Planned } from '@skerry/bridge'
import { ProblemError, readBody, readQuery } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { BY_LENGTH_MAX, LISTED_DEFAULT, LISTED_MAX } from './limits.ts'
import { bridgesAsked, type NodeBridge, type RunningBridge, runningBridges } from './node-bridges.ts'

export interface DeadOfSystem {
  system: string
  /** False: nothing is known here of what waits in it. */
  running: boolean
  dead: DeadLetter[]
  parked: ParkedRecord[]
  /** How many of both are not listed here. */
  more: number
}

export type Retried = Planned & { system: string }

const listSchema = z.strictObject({
  system: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(LISTED_MAX).default(LISTED_DEFAULT),
})

const retrySchema = z.strictObject({
  system: z.string().optional(),
  records: z.array(z.string().min(1)).min(1).optional(),
  /** Type of rows. */
  type: z.string().min(1).optional(),
  /** What the reason contains. */
  reason: z.string().min(1).optional(),
  dryRun: z.boolean().default(false),
  /** Who has them tried again. */
  by: z.string().min(1).max(BY_LENGTH_MAX).optional(),
})

export function deadRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.get('/', async (c) => {
    const { system, limit } = readQuery(c, listSchema)
    const systems = bridgesAsked(bridges, system).map((one) => listed(one, limit))
    return c.json({ systems: await Promise.all(systems) })
  })
  routes.post('/retry', async (c) => {
    const { system, records, type, reason, dryRun, by } = await readBody(c, retrySchema)
    const running = runningBridges(bridges, system)
    if (records) await checkAllDead(running, records)
    const choice = {
      dryRun,
      ...(records && { records: [...new Set(records)] }),
      ...(type !== undefined && { type }),
      ...(reason !== undefined && { reason }),
      ...(by !== undefined && { by }),
    }
    const retried: Retried[] = []
    for (const { system: name, bridge } of running)
      for (const planned of await bridge.retryAll(choice)) retried.push({ system: name, ...planned })
    return c.json({ retried })
  })
  return routes
}

async function listed({ system, bridge }: NodeBridge, limit: number): Promise<DeadOfSystem> {
  const running = bridge()
  if (!running) return { system, running: false, dead: [], parked: [], more: 0 }
  const [dead, parked] = await Promise.all([running.deadLetters(), running.parked()])
  return {
    system,
    running: true,
    dead: dead.slice(0, limit),
    parked: parked.slice(0, Math.max(0, limit - dead.length)),
    more: Math.max(0, dead.length + parked.length - limit),
  }
}

/** @throws ProblemError `not-found` that says of the first which is none what it is instead */
async function checkAllDead(running: readonly RunningBridge[], records: readonly string[]): Promise<void> {
  const letters = await Promise.all(running.map(({ bridge }) => bridge.deadLetters()))
  const dead = new Set(letters.flat().map(({ record }) => record))
  const other = records.find((record) => !dead.has(record))
  if (other === undefined) return
  const waiting = (await Promise.all(running.map(({ bridge }) => bridge.parked()))).flat()
  const parked = waiting.find(({ record }) => record === other)
  const systems = running.map(({ system }) => system).join(', ')
  throw new ProblemError(
    'not-found',
    parked
      ? `${other} is no dead letter: it waits for ${parked.parents.join(', ')}, and goes on by itself (${parked.reason}); nothing was tried`
      : `${other}: no dead letter of it in ${systems}; nothing was tried`,
  )
}
