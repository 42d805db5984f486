/** Which orders somebody edited on this device, and which of their fields: what he is asked about. The newest first; only a memory of the page's, since the replica has all edits themselves. */
import { ownSubject } from '../replica/own-subject.ts'
import { ownKey } from '../start/replicas.ts'

/** Orders remembered: far more than those who share a device work on in a week, and no more than a query looks up (LOOKUPS_MAX of core). */
const TOUCHED_MAX = 60

export const TOUCHED_KEY = 'field.touched'

export interface Touched {
  id: string
  fields: readonly string[]
}

/** Rows of earlier builds have no subject: nobody knows whose they are, and nobody is asked about them. */
interface TouchedBy extends Touched {
  subject?: string | undefined
}

const listeners = new Set<() => void>()
let known: readonly TouchedBy[] | undefined

/** By all. The same as long as nothing is edited. */
export function touchedOrders(): readonly TouchedBy[] {
  known ??= read()
  return known
}

export function touchedBy(subject: string | undefined, all: readonly TouchedBy[]): readonly Touched[] {
  return subject === undefined ? [] : all.filter((one) => one.subject === subject)
}

export function onTouched(changed: () => void): () => void {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

/** By who is signed in. */
export function noteTouched(id: string, fields: readonly string[]): void {
  const subject = ownSubject()
  const before = touchedOrders()
  const old = before.find((one) => one.id === id && one.subject === subject)
  if (old && before[0] === old && fields.every((field) => old.fields.includes(field))) return
  const now = { id, fields: [...new Set([...(old?.fields ?? []), ...fields])], subject }
  known = [now, ...before.filter((one) => one !== old)].slice(0, TOUCHED_MAX)
  localStorage.setItem(ownKey(TOUCHED_KEY), JSON.stringify(known))
  for (const listener of listeners) listener()
}

function read(): readonly TouchedBy[] {
  const text = localStorage.getItem(ownKey(TOUCHED_KEY))
  return text === null ? [] : (JSON.parse(text) as TouchedBy[])
}

// Another window of this browser has written: its edits are made here as well.
if (typeof window !== 'undefined')
  window.addEventListener('storage', ({ key }) => {
    if (key !== ownKey(TOUCHED_KEY)) return
    known = undefined
    for (const listener of listeners) listener()
  })
