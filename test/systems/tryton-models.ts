/** The models that the adapter's own tests bridge: parties, opportunities and sales with their lines, and some for the sake of one rule. */
import type { TrytonAdapterOptions } from '@skerry/adapter-tryton'

export const models: TrytonAdapterOptions['models'] = {
  'party.party': {
    key: 'code',
    unique: true,
    fields: ['name', 'addresses.city', 'addresses.country.code', 'addresses.subdivision.code'],
  },
  'sale.opportunity': {
    key: 'reference',
    fields: ['description', 'comment', 'party.code', 'amount', 'start_date'],
    lines: { lines: { key: 'product.code', fields: ['quantity'], onCreate: { unit: 1 } } },
    workflow: {
      buttons: {
        opportunity: { from: ['lead'], to: 'opportunity' },
        lead: { from: ['opportunity'], to: 'lead' },
        convert: { from: ['opportunity'], to: 'converted' },
      },
    },
  },
  'sale.sale': {
    key: 'reference',
    fields: ['description', 'party.code'],
    lines: { lines: { key: 'product.code', fields: ['quantity', 'unit_price'] } },
    workflow: {
      buttons: {
        quote: { from: ['draft'], to: 'quotation' },
        confirm: { from: ['quotation'], to: 'confirmed' },
      },
    },
  },
  'stock.inventory': {
    fields: ['date'],
    workflow: { buttons: { confirm: { from: ['draft'], to: 'done' } } },
  },
  'project.work': {
    fields: ['name', 'effort_duration', 'progress', 'company', 'type', 'timesheet_available'],
  },
  'ir.attachment': { fields: ['name', 'type', 'data', 'resource', 'link'] },
  'product.category': { fields: ['name', 'parent.name'] },
}
