/** The adapter node between hub and Tryton: sites are parties with their address, work orders are opportunities with their products. */
import { trytonAdapter } from '@skerry/adapter-tryton'
import type { BridgeConfig } from '@skerry/bridge'
import { amountOf, hoursOf, names, priorityOf, probabilityOf, stateOf, statusOf } from './tryton-words.ts'

type Parts = { sku: string; qty: number }[]
type Lines = { 'product.code': string; quantity: number }[]

/** @param env where Tryton is, and who the adapter node is there */
export function trytonBridge(env: NodeJS.ProcessEnv): BridgeConfig {
  return {
    name: 'crm',
    adapter: trytonAdapter({
      name: 'crm',
      url: env.SKERRY_TRYTON_URL ?? 'http://localhost:8000',
      database: env.SKERRY_TRYTON_DATABASE ?? 'demo',
      user: { env: 'SKERRY_TRYTON_USER' },
      password: { env: 'SKERRY_TRYTON_PASSWORD' },
      models: {
        'party.party': {
          key: 'code',
          unique: true,
          fields: ['name', 'addresses.city', 'addresses.subdivision.name'],
        },
        'sale.opportunity': {
          key: 'reference',
          fields: ['description', 'comment', 'party.name', 'amount', 'conversion_probability'],
          lines: { lines: { key: 'product.code', fields: ['quantity'], onCreate: { unit: 1 } } },
          workflow: {
            buttons: {
              opportunity: { from: ['lead'], to: 'opportunity' },
              lead: { from: ['opportunity', 'lost', 'cancelled'], to: 'lead' },
              convert: { from: ['opportunity'], to: 'converted' },
            },
          },
        },
      },
      // Nobody here keeps a transaction open for longer.
      overlapMs: 2_000,
    }),
    // Tryton tells nobody of changes.
    pollIntervalMs: 1_000,
    mappings: [
      {
        collection: 'sites',
        type: 'party.party',
        // A company has other parties, too: itself, its people.
        filter: { in: ({ value }) => value['addresses.subdivision.name'] !== null },
        fields: {
          name: 'name',
          // A dot that belongs to the field's own name.
          city: 'addresses\\.city',
          // A subdivision wants its country; the office knows it.
          state: { field: 'addresses\\.subdivision\\.name', direction: 'in' },
        },
      },
      {
        collection: 'work_orders',
        type: 'sale.opportunity',
        // What the office opens has no state, and so no technician: it stays in Tryton.
        filter: { in: () => false },
        collectMs: 1_000,
        fields: {
          title: names.title,
          status: { field: names.status, to: stateOf, from: statusOf },
          // How urgent something is, the office decides.
          priority: { field: names.priority, rule: 'that-side', to: probabilityOf, from: priorityOf },
          site: 'party\\.name',
          notes: { field: names.notes, from: (comment) => comment ?? '' },
          hours: { field: names.hours, to: amountOf, from: hoursOf },
          parts: {
            field: names.parts,
            to: (parts) =>
              ((parts ?? []) as Parts).map(({ sku, qty }) => ({ 'product.code': sku, quantity: qty })),
            from: (lines) =>
              ((lines ?? []) as Lines).map(({ 'product.code': sku, quantity }) => ({ sku, qty: quantity })),
          },
        },
      },
    ],
  }
}
