/** One config for all roles: `skerry hub` and `skerry bridge` read it; edges and gateway share its collections (apps/field-service). */
import { defineConfig } from '@skerry/cli'
import type { JsonObject } from '@skerry/core'
import { collections, doneNeedsHours, gatewaySite, SPACE, strongWind } from '@skerry/field-service'
import { newWorkOrder } from '@skerry/field-service/new-work-order'
import { sandboxBridge } from './src/sandbox-bridge.ts'
import { trytonBridge } from './src/tryton-bridge.ts'

const { env } = process

export default defineConfig({
  space: SPACE,
  collections,
  rules: [doneNeedsHours],
  // Only the hub of people who play with it serves the app.
  hub: { drainMs: 2_000, ...(env.SKERRY_DEMO_APP !== undefined && { app: env.SKERRY_DEMO_APP }) },
  streams: {
    thresholds: [
      {
        ...strongWind,
        opens: ({ timeMs, value }) => ({
          collection: 'work_orders',
          value: newWorkOrder({
            ...gatewaySite,
            title: 'Strong wind: check the antenna',
            priority: 'high',
            notes: `${value} m/s at ${new Date(timeMs).toISOString()}`,
          }) as JsonObject,
        }),
      },
    ],
  },
  bridges: [env.SKERRY_TRYTON_URL === undefined ? sandboxBridge(env) : trytonBridge(env)],
})
