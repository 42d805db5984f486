/** Where the app is, as state. */
import { useMemo, useSyncExternalStore } from 'react'
import { hashOf, parseRoute, type Route } from './route.ts'

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return useMemo(() => parseRoute(hash), [hash])
}

export function goTo(route: Route): void {
  location.hash = hashOf(route)
}

/** Without a step in the browser's history: a filter is no page of its own. */
export function replaceRoute(route: Route): void {
  history.replaceState(null, '', hashOf(route))
  window.dispatchEvent(new HashChangeEvent('hashchange'))
}
