/** The business of story and app: sites and work orders, who gets them, and what the office insists on. All roles open their replicas with it. */
import { blobRef } from '@skerry/blobs'
import { collection, counter, keyed, type Rule, text } from '@skerry/core'
import type { ThresholdRule } from '@skerry/streams'
import * as z from 'zod'
import { minutesOf } from './work-time.ts'

export const SPACE = 'demo'

export function channelOf(state: string): string {
  return `state:${state}`
}

const sites = collection(
  'sites',
  z.object({
    name: z.string().min(1),
    city: z.string(),
    state: z.string(),
    /** Where the system of the office knows it. */
    latitude: z.number().optional(),
    longitude: z.number().optional(),
  }),
  { channels: (site) => [channelOf(site.state)], indexes: ['state'] },
)

/** Code units of a drawn signature: a long one has some 400 points. */
const DRAWING_LENGTH_MAX = 8_000

/** A photo is called by what it is, the hash of its bytes, so that one taken twice is one row. */
const photo = z.object({ sha256: z.string(), ref: blobRef(), takenAt: z.number() })

/** Of whoever received the work. Times are milliseconds since 1970. */
const signature = z.object({
  name: z.string().min(1),
  at: z.number(),
  /** Path data of an SVG, 320 wide and 120 high; none where a typed name stands for it. */
  drawing: z.string().max(DRAWING_LENGTH_MAX).optional(),
})

/** Where the technician stood. */
const stamp = z.object({
  latitude: z.number(),
  longitude: z.number(),
  /** Metres within which the place is right, with a chance of 95 %. */
  accuracy: z.number(),
  at: z.number(),
})

const workOrder = z.object({
  title: z.string().min(1),
  status: z.enum(['open', 'en_route', 'done']),
  priority: z.enum(['low', 'normal', 'high']),
  /** Name of a site. */
  site: z.string(),
  state: z.string(),
  notes: text(),
  hours: counter(),
  parts: keyed('sku', z.object({ sku: z.string(), qty: counter() })),
  /** Beside whole hours. Both add up, so a quarter of an hour may be carried over by two people at once and the sum stays right. */
  minutes: counter().optional(),
  /** The day, `2027-05-04`. */
  due: z.iso.date().optional(),
  checklist: keyed('id', z.object({ id: z.string(), text: z.string(), done: z.boolean() })).optional(),
  photos: keyed('sha256', photo).optional(),
  signature: signature.optional(),
  stamp: stamp.optional(),
})
export type WorkOrder = z.infer<typeof workOrder>

const workOrders = collection('work_orders', workOrder, {
  channels: (order) => [channelOf(order.state)],
  indexes: ['status', 'state', 'priority'],
})

export const collections = { sites, work_orders: workOrders }

export const doneNeedsHours: Rule<WorkOrder> = {
  name: 'done-needs-hours',
  collection: 'work_orders',
  check: ({ after }) => {
    if (after.status !== 'done' || minutesOf(after) > 0) return undefined
    return {
      reason: 'a finished work order needs its hours; write them down, then finish it',
      mend: (draft) => {
        draft.status = 'open'
      },
    }
  },
}

/** The gateway on the roof of Seattle-Tacoma. */
export const GATEWAY = 'seatac-roof'
export const gatewayChannel = `stream:${GATEWAY}`
export const gatewaySite = { site: 'Seattle-Tacoma Intl', state: 'WA' }

/** Metres a second. Thirty-year means never come near a storm; this is the windiest stretch of the mean year. */
export const strongWind = {
  name: 'strong-wind',
  streams: '*/wind',
  above: 4.5,
  clear: 3,
  forReadings: 3,
} satisfies ThresholdRule
