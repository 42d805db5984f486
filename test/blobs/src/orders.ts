/** Orders with a signature and photos: what hub and devices of these tests have in common. */
import { blobRef } from '@skerry/blobs'
import { collection, keyed } from '@skerry/core'
import * as z from 'zod'

export const orders = collection(
  'orders',
  z.object({
    site: z.string(),
    signature: blobRef().optional(),
    photos: keyed('id', z.object({ id: z.string(), photo: blobRef() })),
  }),
  { channels: (order) => [`site:${order.site}`] },
)
