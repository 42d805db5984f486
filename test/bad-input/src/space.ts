/** A hub on a real port with a real file, and devices that meet it over WebSockets. Everything is taken down when its test ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Collection,
  type Ending,
  memoryStore,
  type Replica,
  type ReplicaBase,
  type Session,
  type Store,
} from '@skerry/core'
import { type Authority, issueCredential } from '@skerry/credentials'
import { authorityPath, createLog, type Hub, type HubOptions, loadAuthority, startHub } from '@skerry/hub'
import { openReplica } from '@skerry/node'
import { connect, type Link } from '@skerry/ws'
import { onTestFinished } from 'vitest'
import { collections, SPACE } from './jobs.ts'

export const HOUR_MS = 3_600_000

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-bad-input-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface Space {
  hub: Hub
  store: string
  authority: Authority
  /** What the hub logged, one object per line. */
  logged: Record<string, unknown>[]
}

export async function startSpace(options: HubOptions = {}): Promise<Space> {
  const store = options.store ?? join(temporaryFolder(), 'hub.db')
  const logged: Record<string, unknown>[] = []
  const destination = {
    write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>),
  }
  const log = createLog({ level: 'debug', destination })
  const hub = await startHub(
    { space: SPACE, collections },
    { port: 0, drainMs: 2_000, log, ...options, store },
  )
  onTestFinished(() => hub.close())
  const { authority } = await loadAuthority(authorityPath(store))
  return { hub, store, authority, logged }
}

export interface Grant {
  subject: string
  read?: string[]
  write?: string[]
  expiresAt?: number
  issuedAt?: number
  space?: string
}

export function issue(
  { authority }: Pick<Space, 'authority'>,
  publicKey: Uint8Array,
  grant: Grant,
): Promise<string> {
  const now = Date.now()
  const {
    subject,
    read = ['*'],
    write = ['*'],
    expiresAt = now + HOUR_MS,
    issuedAt = now,
    space = SPACE,
  } = grant
  return issueCredential(authority, {
    space,
    subject,
    publicKey,
    role: 'device',
    read,
    write,
    systems: [],
    issuedAt,
    expiresAt,
  })
}

export interface Device<C extends Record<string, Collection> = typeof collections> {
  replica: Replica<C>
  store: Store
}

export async function openDevice<C extends Record<string, Collection> = typeof collections>(
  space: Space,
  options: { store?: Store; collections?: C } = {},
): Promise<Device<C>> {
  const { store = memoryStore(), collections: own = collections as unknown as C } = options
  const replica = await openReplica({ store, authority: space.hub.authority, collections: own, space: SPACE })
  onTestFinished(() => replica.close())
  return { replica, store }
}

/** A device with a credential. */
export async function enrolled<C extends Record<string, Collection> = typeof collections>(
  space: Space,
  grant: Grant,
  options: { store?: Store; collections?: C } = {},
): Promise<Device<C>> {
  const device = await openDevice(space, options)
  await device.replica.setCredential(await issue(space, device.replica.publicKey, grant))
  return device
}

export function addressOf(hub: Hub): string {
  return `${hub.url.replace('http', 'ws')}/sync`
}

export interface Joined {
  link: Link<Session>
  /** How the first session of the link ended. */
  firstEnd: Promise<Ending>
}

export function joinHub(hub: Hub, { replica }: { replica: ReplicaBase }): Joined {
  let ended: (ending: Ending) => void = () => undefined
  const firstEnd = new Promise<Ending>((resolve) => {
    ended = resolve
  })
  const link = connect(replica, addressOf(hub), {
    session: { log: (event) => event.kind === 'ended' && ended(event.ending) },
  })
  onTestFinished(() => link.close())
  return { link, firstEnd }
}

/** Resolves when the hub has the job. */
export function atHub({ hub }: Space, id: string): Promise<void> {
  return untilHeld(hub.replica, id)
}

/** Resolves when the device has the job. */
export function seen({ replica }: Device, id: string): Promise<void> {
  return untilHeld(replica, id)
}

function untilHeld(replica: ReplicaBase, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const jobs = replica.collection('jobs')
    const look = () => {
      jobs.get(id).then((job) => {
        if (!job) return
        stop()
        resolve()
      }, reject)
    }
    const stop = replica.onCommit(look)
    look()
  })
}
