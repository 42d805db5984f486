import { expect, test } from 'vitest'
import type { WorkflowConfig } from './config.ts'
import { wayTo } from './workflow.ts'

const sale: WorkflowConfig = {
  field: 'state',
  buttons: {
    quote: { from: ['draft'], to: 'quotation' },
    confirm: { from: ['quotation'], to: 'confirmed' },
    draft: { from: ['quotation', 'cancelled'], to: 'draft' },
    cancel: { from: ['draft', 'quotation'], to: 'cancelled' },
  },
}

test.each<[string, string, string[] | undefined]>([
  ['draft', 'draft', []],
  ['draft', 'quotation', ['quote']],
  ['draft', 'confirmed', ['quote', 'confirm']],
  ['cancelled', 'confirmed', ['draft', 'quote', 'confirm']],
  ['quotation', 'cancelled', ['cancel']],
  ['confirmed', 'draft', undefined],
  ['draft', 'done', undefined],
  ['processing', 'processing', []],
])('TR-45: from %s to %s: %j', (from, to, buttons) => {
  expect(wayTo(sale, from, to)?.map(({ button }) => button)).toEqual(buttons)
})
