/** Which orders were edited on this device, and which of their fields: what its user is asked about. The newest first; only a memory of the page's, since the replica has all edits themselves. */
import { ownKey } from '../start/replicas.ts'

/** Orders remembered: far more than a technician works on in a week. */
const TOUCHED_MAX = 40

export const TOUCHED_KEY = 'field.touched'

export interface Touched {
  id: string
  fields: readonly string[]
}

const listeners = new Set<() => void>()
let known: readonly Touched[] | undefined

export function touchedOrders(): readonly Touched[] {
  known ??= read()
  return known
}

export function onTouched(changed: () => void): () => void {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

export function noteTouched(id: string, fields: readonly string[]): void {
  const before = touchedOrders()
  const old = before.find((one) => one.id === id)
  if (old && before[0] === old && fields.every((field) => old.fields.includes(field))) return
  const now = { id, fields: [...new Set([...(old?.fields ?? []), ...fields])] }
  known = [now, ...before.filter((one) => one.id !== id)].slice(0, TOUCHED_MAX)
  localStorage.setItem(ownKey(TOUCHED_KEY), JSON.stringify(known))
  for (const listener of listeners) listener()
}

function read(): readonly Touched[] {
  const text = localStorage.getItem(ownKey(TOUCHED_KEY))
  return text === null ? [] : (JSON.parse(text) as Touched[])
}

// Another window of this browser has written: its edits are those of the same person.
if (typeof window !== 'undefined')
  window.addEventListener('storage', ({ key }) => {
    if (key !== ownKey(TOUCHED_KEY)) return
    known = undefined
    for (const listener of listeners) listener()
  })
