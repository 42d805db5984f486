/** A page of the small app, driven by its test: `?mode=leader` makes workers of its own. */
import { exposed } from '@skerry/browser-test/page'
import type { LiveRecord } from '@skerry/live'
import { connectTabs } from '@skerry/tabs'
import { EVENTS_CHANNEL, NAME, VERSION } from './app.ts'

const workerEvents: string[] = []
new BroadcastChannel(EVENTS_CHANNEL).addEventListener('message', ({ data }) => workerEvents.push(data))

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

/** One edit after another until the page ends; each is told when it was acknowledged. */
async function write(from: number): Promise<void> {
  const { acknowledged } = globalThis as unknown as { acknowledged(n: number): Promise<void> }
  for (let n = from; ; n += 1) {
    await live.create('orders', { title: String(n).padStart(8, '0'), notes: '', hours: n })
    await acknowledged(n)
  }
}

exposed({
  workerEvents: () => workerEvents,
  history: async (id: string) => (await live.history('orders', id)).length,
  whole: () =>
    new Promise<number>((resolve) =>
      changedAt ? resolve(records.length) : looking.add(() => resolve(records.length)),
    ),
  write: (from: number) => void write(from),
  fill: async (count: number) => {
    for (let i = 0; i < count; i += 500)
      await Promise.all(
        Array.from({ length: Math.min(500, count - i) }, (_, n) =>
          live.create('orders', { title: `order ${i + n}`, notes: 'a note of some words', hours: n }),
        ),
      )
  },
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
