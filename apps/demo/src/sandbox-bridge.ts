/** The adapter node between hub and the sandbox: sites are accounts, work orders are cases. */
import { restAdapter } from '@skerry/adapter-rest'
import type { BridgeConfig } from '@skerry/bridge'

/** @param env where the CRM is. Only `skerry bridge` calls it; the hub reads its config too, and has no need to know */
export function sandboxBridge(env: NodeJS.ProcessEnv): BridgeConfig {
  return {
    name: 'crm',
    adapter: restAdapter({
      name: 'crm',
      baseUrl: env.SKERRY_CRM_URL ?? 'http://localhost:7800',
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
          minutes: 'minutes',
          parts: 'parts',
          // The office plans the days; a technician who wrote another one is asked again.
          due: { field: 'due', rule: 'that-side' },
        },
      },
    ],
  }
}
