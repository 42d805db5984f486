/** Cards that somebody has looked at and decided about, where the decision is no edit: what is shown stays. Who has the device after him is asked himself. */
import { ownSubject } from '../replica/own-subject.ts'
import { ownKey } from '../start/replicas.ts'

/** Newest kept: a card that old has long gone by itself. */
const DISMISSED_MAX = 300

export const DISMISSED_KEY = 'field.dismissed'

const listeners = new Set<() => void>()
let known: ReadonlySet<string> | undefined

/** By all. The same as long as nobody decides. Those of earlier builds are nobody's. */
export function dismissedCards(): ReadonlySet<string> {
  known ??= new Set(JSON.parse(localStorage.getItem(ownKey(DISMISSED_KEY)) ?? '[]') as string[])
  return known
}

export function isDismissedBy(subject: string | undefined, card: string, all: ReadonlySet<string>): boolean {
  return all.has(decisionOf(subject, card))
}

export function onDismissed(changed: () => void): () => void {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

/** By who is signed in. @param card its key */
export function dismiss(card: string): void {
  known = new Set([...dismissedCards(), decisionOf(ownSubject(), card)].slice(-DISMISSED_MAX))
  localStorage.setItem(ownKey(DISMISSED_KEY), JSON.stringify([...known]))
  for (const listener of listeners) listener()
}

function decisionOf(subject: string | undefined, card: string): string {
  return `${subject ?? ''} ${card}`
}
