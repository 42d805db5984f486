/** One config for all roles: `skerry hub` and `skerry bridge` read it; edges and gateway share its collections (src/field-service.ts). */
import { restAdapter } from '@skerry/adapter-rest'
import { defineConfig } from '@skerry/cli'
import {
  collections,
  doneNeedsHours,
  gatewaySite,
  newWorkOrder,
  SPACE,
  strongWind,
} from './src/field-service.ts'

/** Only `skerry bridge` calls the CRM; the hub reads this file too, and has no need to know where it is. */
const crmUrl = process.env.SKERRY_CRM_URL ?? 'http://127.0.0.1:7800'

export default defineConfig({
  space: SPACE,
  collections,
  rules: [doneNeedsHours],
  hub: { drainMs: 2_000 },
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
          }),
        }),
      },
    ],
  },
  bridges: [
    {
      name: 'crm',
      adapter: restAdapter({
        name: 'crm',
        baseUrl: crmUrl,
        auth: { clientId: 'skerry', clientSecret: 'skerry-sandbox-secret' },
        // The CRM's commits are stamped in their own order, so that nothing shows up behind the newest row.
        list: { overlapMs: 0 },
        webhook: {},
      }),
      // Webhooks tell at once; the poll finds what they lose.
      pollIntervalMs: 5_000,
      mappings: [
        {
          collection: 'sites',
          type: 'accounts',
          fields: {
            name: 'name',
            city: 'city',
            state: 'state',
            latitude: 'latitude',
            longitude: 'longitude',
          },
        },
        {
          collection: 'work_orders',
          type: 'cases',
          // Cases that the office opens have no state, and so no technician: they stay in the CRM.
          filter: { in: () => false },
          collectMs: 1_000,
          fields: {
            title: 'title',
            status: 'status',
            // How urgent something is, the office decides.
            priority: { field: 'priority', rule: 'that-side' },
            site: 'site',
            notes: 'notes',
            hours: 'hours',
            parts: 'parts',
          },
        },
      ],
    },
  ],
})
