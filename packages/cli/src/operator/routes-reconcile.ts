/** Comparisons of both sides that an operator asks for (SPEC O-17). */
import type { WalkReport } from '@skerry/bridge'
import { readBody } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { type NodeBridge, runningBridges } from './node-bridges.ts'

export type ReportOfSystem = WalkReport & { system: string }

const reconcileSchema = z.strictObject({
  system: z.string().optional(),
  type: z.string().min(1).optional(),
  dryRun: z.boolean().default(false),
  acceptDeletions: z.boolean().default(false),
})

export function reconcileRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.post('/', async (c) => {
    const { system, type, ...asked } = await readBody(c, reconcileSchema)
    const reports: ReportOfSystem[] = []
    for (const { system: name, bridge } of runningBridges(bridges, system))
      for (const report of await bridge.reconcile({ ...asked, ...(type !== undefined && { type }) }))
        reports.push({ system: name, ...report })
    return c.json({ reports })
  })
  return routes
}
