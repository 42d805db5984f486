/** Writes of the tier `reference` that wait for approval: listed, and let go, or refused, as they are seen (SPEC O-14). */
import type { Bridge, Choice, Planned } from '@skerry/bridge'
import { readBody, readQuery } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { BY_LENGTH_MAX, LISTED_DEFAULT, LISTED_MAX, REASON_LENGTH_MAX } from './limits.ts'
import { bridgesAsked, type NodeBridge, runningBridges } from './node-bridges.ts'

export interface ApprovalsOfSystem {
  system: string
  /** False: nothing is known here of what waits in it. */
  running: boolean
  waiting: Planned[]
  /** How many are not listed here. */
  more: number
}

const listSchema = z.strictObject({
  system: z.string().optional(),
  type: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(LISTED_MAX).default(LISTED_DEFAULT),
})

const giveSchema = z.strictObject({
  system: z.string().optional(),
  records: z.array(z.string().min(1)).min(1).optional(),
  type: z.string().min(1).optional(),
  dryRun: z.boolean().default(false),
  /** Who decides. */
  by: z.string().min(1).max(BY_LENGTH_MAX).optional(),
})

const refuseSchema = giveSchema.extend({
  /** Stands in the receipt. */
  reason: z.string().min(1).max(REASON_LENGTH_MAX).optional(),
})

type Asked = z.output<typeof refuseSchema>

export function approvalRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.get('/', async (c) => {
    const { system, type, limit } = readQuery(c, listSchema)
    const systems: ApprovalsOfSystem[] = []
    for (const { system: name, bridge } of bridgesAsked(bridges, system)) {
      const waiting = await bridge()?.approve({ dryRun: true, ...(type !== undefined && { type }) })
      systems.push({
        system: name,
        running: waiting !== undefined,
        waiting: (waiting ?? []).slice(0, limit),
        more: Math.max(0, (waiting ?? []).length - limit),
      })
    }
    return c.json({ systems })
  })
  routes.post('/give', async (c) => {
    const asked = await readBody(c, giveSchema)
    return c.json({ approved: await decided(asked, (bridge, choice) => bridge.approve(choice)) })
  })
  routes.post('/refuse', async (c) => {
    const asked = await readBody(c, refuseSchema)
    return c.json({ refused: await decided(asked, (bridge, choice) => bridge.refuse(choice)) })
  })

  async function decided(
    { system, ...asked }: Asked,
    decide: (bridge: Bridge, choice: Choice) => Promise<Planned[]>,
  ): Promise<(Planned & { system: string })[]> {
    const choice = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
    const all: (Planned & { system: string })[] = []
    for (const { system: name, bridge } of runningBridges(bridges, system))
      for (const planned of await decide(bridge, choice)) all.push({ system: name, ...planned })
    return all
  }
  return routes
}
