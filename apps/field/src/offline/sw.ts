/**
 * The service worker: keeps the app itself, so that it starts without network from the second time on. It has nothing to do with data, which is in IndexedDB.
 *
 *   install    everything on the list is fetched, each file held against its hash: a captive portal's page in place of one fails the install, and the build before stays
 *   waiting    until a person takes the new build over, or no window of the old one is left
 *   activate   caches of builds before the last are dropped; that of the last stays, for windows of it that are still open
 *   fetch      files of the list from the cache; pages are the one page; all else (the hub's API, other addresses) is none of ours
 */
import { type Listed, shellOf } from './shell.ts'

interface WaitableEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}

interface FetchEvent extends WaitableEvent {
  request: Request
  respondWith(answer: Promise<Response>): void
}

interface ServiceWorkerScope {
  readonly caches: CacheStorage
  readonly location: Location
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: WaitableEvent) => void): void
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
  readonly __WB_MANIFEST: readonly Listed[]
}

declare const self: ServiceWorkerScope

const shell = shellOf({
  listed: self.__WB_MANIFEST,
  origin: self.location.origin,
  caches: self.caches,
  fetch: (request) => fetch(request),
})

self.addEventListener('install', (event) => event.waitUntil(shell.install()))
self.addEventListener('activate', (event) => {
  event.waitUntil(shell.activate().then(() => self.clients.claim()))
})
self.addEventListener('message', ({ data }) => {
  if (data?.kind === 'take-over') void self.skipWaiting()
})
self.addEventListener('fetch', (event) => {
  const answer = shell.answer(event.request)
  if (answer) event.respondWith(answer)
})
