/** A page of the app; with React it hands `replica` to `SkerryProvider`. */
import { connectTabs } from '@skerry/tabs'
import { NAME, VERSION } from './example-orders.ts'

export const replica = connectTabs({
  name: NAME,
  version: VERSION,
  shared: () => new SharedWorker(new URL('./example-worker.ts', import.meta.url), { type: 'module' }),
  dedicated: () => new Worker(new URL('./example-worker.ts', import.meta.url), { type: 'module' }),
})
