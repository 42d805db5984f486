/** The files of one build in the browser's cache. Caches and network come in as arguments, so that every way they fail can be tried. */

export interface Listed {
  /** Relative to the root: `assets/main-4f2a.js`. */
  url: string
  /** As in HTML: `sha256-…`. The bundler names icons and manifest a second time, without it: those lines are none of the build's. */
  integrity?: string
}

type Hashed = Listed & { integrity: string }

export interface ShellOptions {
  listed: readonly Listed[]
  origin: string
  caches: Pick<CacheStorage, 'open' | 'keys' | 'delete' | 'match'>
  fetch(request: Request): Promise<Response>
}

export interface Shell {
  /** Rejects when a file could not be had as it was built; then nothing is left behind. */
  install(): Promise<void>
  activate(): Promise<void>
  /** Undefined: no matter of the app's files, the network answers. Rejects for a file that is not to be had as it was built. */
  answer(request: Request): Promise<Response> | undefined
}

const PREFIX = 'shell-'
/** Builds kept: this one, and the one whose windows may still be open. */
const BUILDS_KEPT = 2
const PAGE = 'index.html'

/** Addresses of the hub, which answers for itself. */
const HUB_PATHS = /^\/(?:api|sync|livez|readyz|metrics)(?:\/|$)/

export function shellOf({ listed: named, origin, caches, fetch }: ShellOptions): Shell {
  const listed = named.filter((one): one is Hashed => one.integrity !== undefined)
  const name = PREFIX + nameOf(listed)
  const addressOf = (url: string) => new URL(url, `${origin}/`).href
  const known = new Set(listed.map(({ url }) => addressOf(url)))

  async function put(cache: Cache, { url, integrity }: Hashed): Promise<void> {
    const address = addressOf(url)
    // A file of the build before that is the same needs no network: its hash is its key.
    const kept = await caches.match(keyOf(address, integrity))
    const response = kept ?? (await fetch(new Request(address, { integrity, cache: 'no-cache' })))
    if (!response.ok)
      throw new Error(`${address} was answered with status ${response.status}; the build before stays`)
    await cache.put(keyOf(address, integrity), response)
  }

  const integrities = new Map(listed.map(({ url, integrity }) => [addressOf(url), integrity]))

  /** The browser may have dropped the cache and kept the worker: then the network is all there is, and what it gives is the file of this build or nothing. */
  async function stored(address: string): Promise<Response> {
    const cache = await caches.open(name)
    const integrity = integrities.get(address) ?? ''
    const found = await cache.match(keyOf(address, integrity))
    if (found) return found
    const response = await fetch(new Request(address, { integrity, cache: 'no-cache' }))
    if (!response.ok) throw new TypeError(`${address} was answered with status ${response.status}`)
    return response
  }

  /** A page of another build, or one that wants a sign-in first, is shown as what it is, as if there were no worker: it asks for files of its own, and this build's are not given to it under their names. */
  async function page(request: Request): Promise<Response> {
    return stored(addressOf(PAGE)).catch(() => fetch(request))
  }

  return {
    async install() {
      const cache = await caches.open(name)
      try {
        await Promise.all(listed.map((one) => put(cache, one)))
      } catch (error) {
        await caches.delete(name)
        throw error
      }
    },
    async activate() {
      const ours = (await caches.keys()).filter((key) => key.startsWith(PREFIX) && key !== name)
      const dropped = ours.slice(0, Math.max(0, ours.length - (BUILDS_KEPT - 1)))
      await Promise.all(dropped.map((key) => caches.delete(key)))
    },
    answer(request) {
      const url = new URL(request.url)
      if (request.method !== 'GET' || url.origin !== origin || HUB_PATHS.test(url.pathname)) return undefined
      const address = url.origin + url.pathname
      const isPage = address === addressOf(PAGE) || !/\.[^/]*$/.test(url.pathname)
      if (isPage && request.mode === 'navigate') return page(request)
      return known.has(address) ? stored(address) : undefined
    },
  }
}

/** Files of one address and different builds stand beside each other. */
function keyOf(address: string, integrity: string): string {
  return `${address}?${encodeURIComponent(integrity)}`
}

/** Names a build by all of its files: FNV-1a, 32 bits; it tells two builds of one browser apart and guards nothing. */
function nameOf(listed: readonly Hashed[]): string {
  let hash = 0x811c9dc5
  for (const { url, integrity } of listed)
    for (const character of `${url} ${integrity}\n`) {
      hash ^= character.codePointAt(0)!
      hash = Math.imul(hash, 0x01000193)
    }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
