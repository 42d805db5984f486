/** How the story's words and those of Tryton's CRM module correspond: a work order is an opportunity, a site a party. Both the adapter node's mapping and the office read it here. */
import type { WorkOrder } from '@skerry/field-service'

/** Dollars that an hour of work is worth to the office, which knows of work only what it brings in. */
const HOUR = 90

const statuses: Readonly<Record<WorkOrder['status'], string>> = {
  open: 'lead',
  en_route: 'opportunity',
  done: 'converted',
}
/** How sure it is that it must be done. */
const probabilities: Readonly<Record<WorkOrder['priority'], number>> = { low: 0.25, normal: 0.5, high: 0.75 }

/** Fields of an opportunity, by those of a work order. */
export const names = {
  title: 'description',
  status: 'state',
  priority: 'conversion_probability',
  site: 'party.name',
  notes: 'comment',
  hours: 'amount',
  parts: 'lines',
} as const

export function stateOf(status: unknown): string {
  return statuses[status as WorkOrder['status']]
}

/** What is won, lost or cancelled is done with. */
export function statusOf(state: unknown): string {
  return Object.entries(statuses).find(([, one]) => one === state)?.[0] ?? 'done'
}

export function probabilityOf(priority: unknown): number {
  return probabilities[priority as WorkOrder['priority']]
}

/** The nearest: the office may write any share. */
export function priorityOf(probability: unknown): string {
  const far = ([, one]: readonly [string, number]) => Math.abs(one - Number(probability))
  return Object.entries(probabilities).sort((a, b) => far(a) - far(b))[0]![0]
}

/** A decimal, as money is. */
export function amountOf(hours: unknown): string {
  return (Number(hours ?? 0) * HOUR).toFixed(2)
}

export function hoursOf(amount: unknown): number {
  return Number(amount ?? 0) / HOUR
}
