/**
 * Letters that were typed in the notes while a deletion of their order came in: the replica takes no edit of an order that is not there. They are shown in its place, and written when it is there again,
 * whoever brings it back. In memory: they are of this window, as what stands in a field is.
 */
import type { Sending } from './text-merge.ts'

/** By id of the order. */
const unkept = new Map<string, Sending>()
const listeners = new Set<() => void>()

export function keepTyped(id: string, typed: Sending): void {
  unkept.set(id, typed)
  tell()
}

export function typedIn(id: string): Sending | undefined {
  return unkept.get(id)
}

/** It is not here any more. */
export function takeTyped(id: string): Sending | undefined {
  const typed = unkept.get(id)
  if (unkept.delete(id)) tell()
  return typed
}

export function onTyped(changed: () => void): () => void {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

function tell(): void {
  for (const listener of listeners) listener()
}
