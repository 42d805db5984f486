/** What page and worker of the small app share. */
import { collection, counter, text } from '@skerry/core'
import * as z from 'zod'

export const NAME = 'field'
export const VERSION = 1
export const ENGINE_LOCK = 'engine-held-up'
export const EVENTS_CHANNEL = 'worker-events'
export const orders = collection('orders', z.object({ title: z.string(), notes: text(), hours: counter() }))
