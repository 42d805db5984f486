/** A page of the small app, driven by its test: `?mode=leader` makes workers of its own. */
import { exposed } from '@skerry/browser-test/page'
import type { LiveRecord } from '@skerry/live'
import { connectTabs } from '@skerry/tabs'
import { NAME, VERSION } from './app.ts'

const isLeaderMode = new URL(location.href).searchParams.get('mode') === 'leader'
const events: string[] = []
const live = connectTabs({
  name: NAME,
  version: VERSION,
  ...(isLeaderMode
    ? {}
    : {
        shared: () =>
          new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: NAME }),
      }),
  dedicated: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
  events: ({ code, message }) => events.push(`${code}: ${message}`),
})

const records: LiveRecord[] = []
/** When the result was first whole, and when each change of it was told; milliseconds since 1970. */
let changedAt = 0
let longestTaskMs = 0
const looking = new Set<() => void>()
live.watch(
  { collection: 'orders', where: {}, orderBy: [{ field: 'title', direction: 'ascending' }] },
  ({ at, removed, inserted, more }) => {
    records.splice(at, removed, ...inserted)
    if (more) return
    changedAt = Date.now()
    for (const look of [...looking]) look()
  },
  ({ message }) => events.push(`watch failed: ${message}`),
)
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration)
}).observe({ type: 'longtask', buffered: true })

function until(count: number): Promise<number> {
  return new Promise((resolve) => {
    const look = () => {
      if (records.length < count) return
      looking.delete(look)
      resolve(changedAt)
    }
    looking.add(look)
    look()
  })
}

exposed({
  create: (title: string) => live.create('orders', { title, notes: '', hours: 0 }),
  async createdAt(title: string) {
    await live.create('orders', { title, notes: '', hours: 0 })
    return Date.now()
  },
  titles: () => records.map(({ title }) => title),
  until,
  update: (id: string, title: string) => {
    const base = records.find((record) => record.id === id)!
    return live.update('orders', id, { base, wanted: { ...base, title } })
  },
  events: () => events,
  identity: () => live.identity,
  longestTaskMs: () => longestTaskMs,
})
