/** How the bridges of a node stand, for people and for Prometheus (SPEC O-18, O-19). */
import { readQuery } from '@skerry/hub'
import { Hono } from 'hono'
import * as z from 'zod'
import { bridgeMetrics } from './bridge-metrics.ts'
import { bridgesAsked, type NodeBridge } from './node-bridges.ts'
import { statusOf } from './status-of-system.ts'

const querySchema = z.strictObject({ system: z.string().optional() })

export function statusRoutes(bridges: readonly NodeBridge[]): Hono {
  const routes = new Hono()
  routes.get('/', (c) => {
    const { system } = readQuery(c, querySchema)
    return c.json({ systems: bridgesAsked(bridges, system).map(statusOf) })
  })
  routes.get('/metrics', (c) => {
    const { system } = readQuery(c, querySchema)
    return c.json({ text: bridgeMetrics(bridgesAsked(bridges, system).map(statusOf)) })
  })
  return routes
}
