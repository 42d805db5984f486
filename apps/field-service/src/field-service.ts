/** The business of story and app: sites and work orders, who gets them, and what the office insists on. All roles open their replicas with it. */
import { blobRef } from '@skerry/blobs'
import { collection, counter, keyed, type Rule, text } from '@skerry/core'
import type { ThresholdRule } from '@skerry/streams'
import * as z from 'zod'
import { DRAWING_LENGTH_MAX, ONE_VALUE_LENGTH_MAX, signatureIn, stampIn } from './one-value.ts'
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

/** A photo is called by what it is, the hash of its bytes, so that one taken twice is one row. */
const photo = z.object({ sha256: z.string(), ref: blobRef(), takenAt: z.number() })

const signed = z
  .string()
  .max(ONE_VALUE_LENGTH_MAX)
  .refine((text) => signatureIn(text) !== undefined, 'a signature has a name and a time')

const stamped = z
  .string()
  .max(ONE_VALUE_LENGTH_MAX)
  .refine((text) => stampIn(text) !== undefined, 'a place has latitude, longitude, accuracy and a time')

/** As earlier builds wrote it. */
const signature = z.object({
  name: z.string().min(1),
  at: z.number(),
  drawing: z.string().max(DRAWING_LENGTH_MAX).optional(),
})

/** Likewise. */
const stamp = z.object({
  latitude: z.number(),
  longitude: z.number(),
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
  /** Who received the work, and where the technician stood: one value each, though they have parts (`one-value.ts`). */
  signed: signed.optional(),
  stamped: stamped.optional(),
  /** Read where the two above are not there; written no more, since parts of two people would stand together. */
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
