/** Writes of the tier `reference` that wait for approval: listed, and let go as they are seen (SPEC O-14). */
import type { Planned } from '@skerry/bridge'
import { readBody, readQuery } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { LISTED_DEFAULT, LISTED_MAX } from './limits.ts'
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
})

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
    const { system, records, type, dryRun } = await readBody(c, giveSchema)
    const choice = { dryRun, ...(records && { records }), ...(type !== undefined && { type }) }
    const approved: (Planned & { system: string })[] = []
    for (const { system: name, bridge } of runningBridges(bridges, system))
      for (const planned of await bridge.approve(choice)) approved.push({ system: name, ...planned })
    return c.json({ approved })
  })
  return routes
}
