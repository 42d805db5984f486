/**
 * The replicas in this browser. Each belongs to one authority, since what one hub gave is nothing to another; a hub of another authority at the same address (a demo that was started again, a server that was
 * set up anew) gets a replica of its own, and the one before stays beside it with all that was never delivered, until its user deletes it. One is open at a time.
 *
 * In localStorage, since a page must know the name before it can ask a worker anything.
 */
import { FIRST_REPLICA, replicaNameFor } from './replica-name.ts'

const KEY = 'field.replicas'

/** What no hub has of what was made here. */
export interface Undelivered {
  edits: number
  photos: boolean
}

export interface OpenReplica {
  name: string
  /** Public key of the authority that it belongs to, 64 hex digits; absent until somebody signed in. */
  authority?: string
}

/** One that is not open, as it was left. */
export interface ReplicaBeside extends OpenReplica {
  subject?: string
  undelivered: Undelivered
  /** Milliseconds since 1970. */
  leftAt: number
}

export interface Replicas {
  open: OpenReplica
  beside: readonly ReplicaBeside[]
}

export type Left = Pick<ReplicaBeside, 'subject' | 'undelivered' | 'leftAt'>

export function isAllDelivered({ edits, photos }: Undelivered): boolean {
  return edits === 0 && !photos
}

/** The one of this authority is open from now on: the one that was left, or a new one. */
export function turnedTo({ open, beside }: Replicas, authority: string, left: Left): Replicas {
  const before = beside.find((one) => one.authority === authority)
  return opened({ open, beside }, { name: before?.name ?? replicaNameFor(authority), authority }, left)
}

/** The one of this name, that lay beside, is open from now on. */
export function broughtBack(replicas: Replicas, name: string, left: Left): Replicas {
  const wanted = replicas.beside.find((one) => one.name === name)
  if (!wanted) return replicas
  const { authority } = wanted
  return opened(replicas, { name, ...(authority !== undefined && { authority }) }, left)
}

export function without({ open, beside }: Replicas, name: string): Replicas {
  return { open, beside: beside.filter((one) => one.name !== name) }
}

function opened({ open, beside }: Replicas, next: OpenReplica, left: Left): Replicas {
  return { open: next, beside: [{ ...open, ...left }, ...beside.filter(({ name }) => name !== next.name)] }
}

export function readReplicas(): Replicas {
  const text = localStorage.getItem(KEY)
  return text === null ? { open: { name: FIRST_REPLICA }, beside: [] } : (JSON.parse(text) as Replicas)
}

export function writeReplicas(replicas: Replicas): void {
  localStorage.setItem(KEY, JSON.stringify(replicas))
}

/** Somebody signed in. */
export function noteAuthority(authority: string): void {
  const { open, beside } = readReplicas()
  writeReplicas({ open: { ...open, authority }, beside })
}

let ownName: string | undefined

/** Of the replica that this page has, from its start to its end. */
export function ownReplica(): string {
  ownName ??= readReplicas().open.name
  return ownName
}

/** A key of localStorage for what is of the page's replica alone. */
export function ownKey(key: string): string {
  return keyOf(key, ownReplica())
}

export function keyOf(key: string, replica: string): string {
  return replica === FIRST_REPLICA ? key : `${key}:${replica}`
}

/**
 * Another replica was opened: this page begins anew with it, for what is done here would be left beside. Another window opened it, or this one did, and did not begin anew: whoever presses Back, or types
 * an address of the app, meanwhile, ends the reload (Chromium). The result ends it.
 */
export function followOpened(reload: () => void): () => void {
  const follow = () => {
    if (readReplicas().open.name !== ownReplica()) reload()
  }
  const heard = ({ key }: StorageEvent) => {
    if (key === KEY) follow()
  }
  addEventListener('storage', heard)
  addEventListener('hashchange', follow)
  return () => {
    removeEventListener('storage', heard)
    removeEventListener('hashchange', follow)
  }
}
