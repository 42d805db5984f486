/**
 * Letters that were typed in the notes while a deletion of their order came in: the replica takes no edit of an order that is not there. They are shown in its place, and written when it is there again,
 * whoever brings it back. In memory: they are of this window, as what stands in a field is, and of whoever typed them.
 */
import { ownSubject } from '../replica/own-subject.ts'
import type { Sending } from './text-merge.ts'

/** By who typed them and the order's id. */
const unkept = new Map<string, Sending>()
const listeners = new Set<() => void>()

export function keepTyped(id: string, typed: Sending): void {
  unkept.set(keyOf(id), typed)
  tell()
}

export function typedIn(id: string): Sending | undefined {
  return unkept.get(keyOf(id))
}

/** It is not here any more. */
export function takeTyped(id: string): Sending | undefined {
  const typed = unkept.get(keyOf(id))
  if (unkept.delete(keyOf(id))) tell()
  return typed
}

export function onTyped(changed: () => void): () => void {
  listeners.add(changed)
  return () => listeners.delete(changed)
}

function tell(): void {
  for (const listener of listeners) listener()
}

function keyOf(id: string): string {
  return `${ownSubject() ?? ''}/${id}`
}
