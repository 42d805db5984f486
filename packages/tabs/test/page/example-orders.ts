/** What page and worker both know of the app. */
import { collection, counter, text } from '@skerry/core'
import * as z from 'zod'

/** Grows with every build that is shipped. */
export const VERSION = 1
export const NAME = 'field'
export const orders = collection('orders', z.object({ title: z.string(), notes: text(), hours: counter() }))
