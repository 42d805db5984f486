/** Work orders for people who play with the app: enough to search and sort, with days around today. */
import type { WorkOrder } from '@skerry/field-service'
import { newWorkOrder } from '@skerry/field-service/new-work-order'

const steps = {
  anemometer: [
    'Lower the mast',
    'Replace the cups',
    'Turn it by hand: does it run freely?',
    'Raise the mast',
  ],
  rain: ['Empty the gauge', 'Clean the funnel', 'Pour in 100 ml: 50 tips'],
  radio: ['Check the antenna', 'Measure the battery under load'],
}

interface Job {
  title: string
  site: string
  state: string
  /** Days from today. */
  inDays: number
  priority?: WorkOrder['priority']
  steps?: readonly string[]
  notes?: string
  parts?: WorkOrder['parts']
}

const jobs: readonly Job[] = [
  {
    title: 'Replace the anemometer',
    site: 'Portland Intl',
    state: 'OR',
    inDays: 0,
    priority: 'high',
    steps: steps.anemometer,
    notes: 'The old one squeaks above 12 m/s. Key at the gate.',
    parts: [{ sku: 'anemometer-cups', qty: 1 }],
  },
  { title: 'Rain gauge counts too little', site: 'Mahlon Sweet', state: 'OR', inDays: 1, steps: steps.rain },
  {
    title: 'Radio link drops at night',
    site: 'Redmond Municipal',
    state: 'OR',
    inDays: -2,
    priority: 'high',
    steps: steps.radio,
    notes: 'Since the frost.',
  },
  { title: 'Yearly inspection', site: 'Rogue Valley', state: 'OR', inDays: 6 },
  {
    title: 'Battery bank, second string',
    site: 'Klamath Falls International',
    state: 'OR',
    inDays: 3,
    parts: [
      { sku: 'battery-12v', qty: 2 },
      { sku: 'cable-tie', qty: 8 },
    ],
  },
  {
    title: 'Thermometer reads 2 degrees high',
    site: 'Seattle-Tacoma Intl',
    state: 'WA',
    inDays: 0,
    priority: 'high',
  },
  { title: 'Clear the bird nest on the mast', site: 'Spokane Intl', state: 'WA', inDays: 2, priority: 'low' },
  {
    title: 'Renew the sign at the fence',
    site: 'Boeing Field/King County Intl',
    state: 'WA',
    inDays: 9,
    priority: 'low',
  },
  {
    title: 'Barometer calibration',
    site: 'San Francisco International',
    state: 'CA',
    inDays: 1,
    steps: ['Note the reading', 'Connect the reference', 'Write the offset into the notes'],
  },
  { title: 'Visibility sensor is dirty', site: 'Oakland', state: 'CA', inDays: -1 },
]

const DAY_MS = 86_400_000

/** Of a moment, milliseconds since 1970, as orders write days. */
function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

export function jobOrders(states: readonly string[], now: number): WorkOrder[] {
  return jobs
    .filter(({ state }) => states.includes(state))
    .map(({ inDays, steps = [], ...job }) =>
      newWorkOrder({
        ...job,
        due: dayOf(now + inDays * DAY_MS),
        ...(steps.length > 0 && {
          checklist: steps.map((text, index) => ({ id: `step-${index + 1}`, text, done: false })),
        }),
      }),
    )
}
