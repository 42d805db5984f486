/** Tasks of the page's thread that took 50 ms or more: what a person feels. The browser tells of no shorter ones. */
import type { LongTasks } from '../page-times.ts'

/** Milliseconds after which the browser has told of a task that just ended. */
const TOLD_MS = 100

let durations: number[] = []

const observer = new PerformanceObserver((list) => take(list.getEntries()))
observer.observe({ type: 'longtask', buffered: true })

function take(entries: PerformanceEntryList): void {
  durations.push(...entries.map(({ duration }) => duration))
}

/** What there was since it was last asked. */
export async function longTasks(): Promise<LongTasks> {
  await new Promise((resolve) => setTimeout(resolve, TOLD_MS))
  take(observer.takeRecords())
  const told = durations
  durations = []
  return { count: told.length, longestMs: Math.max(0, ...told) }
}
