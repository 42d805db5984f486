/** What the test hears of the worker, and how it holds the engine up: `localStorage` is not to be had in workers, so a lock says it. */
import type { ReplicaEvent } from '@skerry/core'
import { ENGINE_LOCK, EVENTS_CHANNEL } from './app.ts'

const channel = new BroadcastChannel(EVENTS_CHANNEL)

export function tellEvent({ code, message }: ReplicaEvent): void {
  channel.postMessage(`${code}: ${message}`)
}

/** The engine, fetched and compiled not before no page holds its lock. */
export async function engineHeldUp(start: () => Promise<void>): Promise<void> {
  await navigator.locks.request(ENGINE_LOCK, { mode: 'shared' }, () => undefined)
  await start()
  tellEvent({ level: 'info', code: 'engine', message: 'runs' })
}
