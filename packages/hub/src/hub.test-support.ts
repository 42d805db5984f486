/** A hub with its sockets, and edges that meet it over real WebSockets on loopback. */
import { randomUUID } from 'node:crypto'
import {
  type Ending,
  emptyBatch,
  type Host,
  MemoryDisk,
  memoryStore,
  type Replica,
  type ReplicaBase,
  type Session,
  type SessionEvent,
  type Store,
  toHex,
} from '@skerry/core'
import { pinnedAuthority } from '@skerry/credentials'
import { nodeHost, openReplica } from '@skerry/node'
import { connect, type Link } from '@skerry/ws'
import { onTestFinished } from 'vitest'
import { jobs, notes } from './app.test-support.ts'
import { createLog } from './log.ts'
import { readSecret } from './secret-file.ts'
import { adminTokenPath } from './secrets.ts'
import type { HubConfig } from './settings.ts'
import { type Hub, type HubOptions, startHub } from './start-hub.ts'
import { temporaryFolder } from './temporary-folder.test-support.ts'

export const collections = { jobs, notes }

export interface RunningHub extends Hub {
  store: string
  logged: string[]
  asAdmin(method: string, path: string, body?: unknown): Promise<Response>
}

export async function runHub(
  options: HubOptions = {},
  rules: NonNullable<HubConfig['rules']> = [],
  streams: NonNullable<HubConfig['streams']> = {},
): Promise<RunningHub> {
  const store = options.store ?? `${temporaryFolder()}/hub.db`
  const logged: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line) => void logged.push(line) } })
  const hub = await startHub(
    { space: 'acme', collections, rules, streams },
    { port: 0, drainMs: 5_000, log, ...options, store },
  )
  onTestFinished(() => hub.close())
  const token = (await readSecret(adminTokenPath(store)))?.trim()
  const asAdmin = (method: string, path: string, body?: unknown) =>
    fetch(hub.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return { ...hub, store, logged, asAdmin }
}

export interface Grant {
  read?: string[]
  write?: string[]
  expiresAt?: number
}

export interface Edge {
  store: Store
  replica: Replica<typeof collections>
  token: string
  hash: string
}

/** A replica on memory, enrolled at the hub over its API. */
export async function openEdge(hub: RunningHub, subject: string, grant: Grant = {}): Promise<Edge> {
  const edge = await openUnenrolled(hub)
  const token = await issue(hub, edge.replica, subject, grant)
  await edge.replica.setCredential(token)
  return { ...edge, token, hash: edge.replica.credential!.hash }
}

export async function openUnenrolled(
  hub: RunningHub,
  space = 'acme',
  authority = hub.authority,
): Promise<Pick<Edge, 'replica' | 'store'>> {
  const store = memoryStore()
  const replica = await openReplica({ store, authority, collections, space })
  onTestFinished(() => replica.close())
  return { replica, store }
}

export const HOUR_MS = 3_600_000

export async function issue(
  hub: RunningHub,
  replica: Edge['replica'],
  subject: string,
  grant: Grant,
): Promise<string> {
  const { read = ['*'], write = ['*'], expiresAt = Date.now() + HOUR_MS } = grant
  const publicKey = toHex(replica.publicKey)
  const body = { subject, publicKey, read, write, expiresAt: new Date(expiresAt).toISOString() }
  const response = await hub.asAdmin('POST', '/api/v1/credentials', body)
  const { token } = (await response.json()) as { token: string }
  if (toHex(pinnedAuthority(token)) !== toHex(hub.authority))
    throw new Error('a token names the authority that signed it')
  return token
}

/** The same device once more: its key and credential, a log of its own. What a restored backup or a cloned disk would do. */
export async function openTwin(hub: RunningHub, edge: Edge): Promise<Edge['replica']> {
  const store = memoryStore({ disk: await diskWithKey(edge) })
  const replica = await openReplica({ store, authority: hub.authority, collections, space: 'acme' })
  onTestFinished(() => replica.close())
  await replica.setCredential(edge.token)
  return replica
}

async function diskWithKey({ store }: Edge): Promise<MemoryDisk> {
  const value = await store.get('identity', 'key')
  const disk = new MemoryDisk()
  const copy = memoryStore({ disk })
  await copy.open(randomUUID().replaceAll('-', ''))
  await copy.commit({ ...emptyBatch, tables: [{ table: 'identity', key: 'key', value }] })
  await copy.close()
  return disk
}

/** A machine whose time stands still until the test moves it; timers run when it passes them. */
export function steppedMachine() {
  const timers = new Set<{ at: number; run: () => void }>()
  let now = Date.now()
  const machine: Host = {
    ...nodeHost(),
    now: () => now,
    timer(delayMs, run) {
      const timer = { at: now + delayMs, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
  const advance = (ms: number) => {
    now += ms
    for (const timer of [...timers].filter(({ at }) => at <= now)) {
      timers.delete(timer)
      timer.run()
    }
  }
  return { machine, advance }
}

export interface Joined {
  link: Link<Session>
  /** How the first session of this link that ends, or has ended, ended. */
  firstEnd: Promise<Ending>
}

/** A link that keeps a session alive, as an app has one. */
export function join(hub: Hub, replica: Edge['replica']): Joined {
  let ended: (ending: Ending) => void = () => undefined
  const firstEnd = new Promise<Ending>((resolve) => {
    ended = resolve
  })
  const log = (event: SessionEvent) => {
    if (event.kind === 'ended') ended(event.ending)
  }
  const link = connect(replica, `${hub.url.replace('http', 'ws')}/sync`, { session: { log } })
  onTestFinished(() => link.close())
  return { link, firstEnd }
}

/** Resolves when the condition holds after a commit here; the test's time limit ends it otherwise. */
export function until(replica: ReplicaBase, holds: () => Promise<boolean>): Promise<void> {
  return new Promise((resolve, reject) => {
    let stop: () => void = () => undefined
    const look = () => {
      holds().then((yes) => {
        if (!yes) return
        stop()
        resolve()
      }, reject)
    }
    stop = replica.onCommit(look)
    look()
  })
}
