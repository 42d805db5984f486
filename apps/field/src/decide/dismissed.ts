/** Cards that somebody has looked at and decided about, where the decision is no edit: what is shown stays. */
import { ownKey } from '../start/replicas.ts'

/** Newest kept: a card that old has long gone by itself. */
const DISMISSED_MAX = 300

export const DISMISSED_KEY = 'field.dismissed'

const listeners = new Set<() => void>()
let known: ReadonlySet<string> | undefined

export function dismissedCards(): ReadonlySet<string> {
  known ??= new Set(JSON.parse(localStorage.getItem(ownKey(DISMISSED_KEY)) ?? '[]') as string[])
  return known
}

export function onDismissed(changed: () => void): () => void {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

export function dismiss(key: string): void {
  known = new Set([...dismissedCards(), key].slice(-DISMISSED_MAX))
  localStorage.setItem(ownKey(DISMISSED_KEY), JSON.stringify([...known]))
  for (const listener of listeners) listener()
}
