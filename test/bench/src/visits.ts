/**
 * The records that are measured: a visit of a technician, small and of scalars only, so that a new one is exactly one change. What texts, counters and keyed lists
 * add is a change for each container (change/SPEC.md); `visits_with_text` has two of those.
 */
import { collection, keyed, text } from '@skerry/core'
import * as z from 'zod'

export const SPACE = 'bench'

const fields = {
  title: z.string(),
  customer: z.string(),
  region: z.string(),
  status: z.enum(['open', 'done']),
  hours: z.number(),
  notes: z.string(),
}

const visits = collection('visits', z.object(fields), {
  channels: (visit) => [`region:${visit.region}`],
  indexes: ['status', 'customer'],
})

const visitsWithText = collection(
  'visits_with_text',
  z.object({ ...fields, notes: text(), parts: keyed('id', z.object({ id: z.string(), used: z.number() })) }),
  { channels: (visit) => [`region:${visit.region}`], indexes: ['status', 'customer'] },
)

export const collections = { visits, visits_with_text: visitsWithText }

/** Everything measured is in this region; who reads another one is idle. */
export const REGION = 'north'

export interface Visit {
  title: string
  customer: string
  region: string
  status: 'open' | 'done'
  hours: number
  notes: string
}

export function visitId(number: number): string {
  return `v-${String(number).padStart(6, '0')}`
}

export function newVisit(number: number): Visit {
  return {
    title: `Visit ${number}: heat pump`,
    customer: `customer ${number % 500}`,
    region: REGION,
    status: number % 3 === 0 ? 'done' : 'open',
    hours: number % 9,
    notes: 'Pump checked, seal replaced, pressure at 1.8 bar',
  }
}

/** Edit number `edit` of a visit. */
export function editVisit(draft: Visit, edit: number): void {
  draft.notes = `Pump checked, pressure at ${edit} millibar`
}
