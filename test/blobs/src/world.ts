/** A hub on loopback, and devices with orders that have photos. Time is the machine's, but retries wait a hundredth of what they would. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Blobs, type BlobsOptions, memoryBlobs } from '@skerry/blobs'
import { memoryStore, type Replica } from '@skerry/core'
import { createLog, type Hub, type HubOptions, startHub } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { connect, type Link } from '@skerry/ws'
import { expect, onTestFinished } from 'vitest'
import { CuttingProxy } from './cutting-proxy.ts'
import { orders } from './orders.ts'

export const collections = { orders }
const DAY_MS = 86_400_000
const QUICKER = 100

export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'skerry-blobs-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

const quickHost = () => {
  const host = nodeHost()
  return { ...host, timer: (ms: number, run: () => void) => host.timer(ms / QUICKER, run) }
}

export async function openWorld(options: HubOptions = {}) {
  const store = `${temporaryFolder()}/hub.db`
  const logged: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line) => void logged.push(line) } })
  const start = (port: number) =>
    startHub({ space: 'acme', collections }, { port, store, drainMs: 500, log, ...options })
  let hub = await start(0)
  const line = await CuttingProxy.start(() => Number(new URL(hub.url).port))
  onTestFinished(() => hub.close())
  onTestFinished(() => line.close())
  /** The hub ends, and another one begins at the same address. */
  const restart = async (between: () => Promise<void> = async () => undefined) => {
    await hub.close()
    await between()
    hub = await start(Number(new URL(hub.url).port))
  }
  return {
    get hub() {
      return hub
    },
    line,
    logged,
    folder: `${store}.blobs`,
    restart,
  }
}

export type World = Awaited<ReturnType<typeof openWorld>>

export interface Device {
  replica: Replica<typeof collections>
  blobs: Blobs
  store: ReturnType<typeof memoryBlobs>
  take(photo: Uint8Array, id: string): Promise<string>
  link: Link
  /** Meets the hub again. */
  connect(): Link
}

interface Grant {
  subject?: string
  read?: string[]
  write?: string[]
}

/** Its session goes to the hub itself; its blobs go over the line. */
export async function openDevice(
  { hub, line }: Pick<World, 'hub' | 'line'>,
  { subject = 'tech:ana', read = ['site:SEA'], write = ['site:SEA'] }: Grant = {},
  over: Partial<BlobsOptions> = {},
  rows = memoryStore(),
): Promise<Device> {
  const replica = await openReplica({
    store: rows,
    collections,
    space: 'acme',
    authority: hub.authority,
  })
  onTestFinished(() => replica.close())
  await replica.setCredential(await issue(hub, replica, { subject, read, write }))
  const join = () => {
    const joined = connect(replica, hub.syncUrl)
    onTestFinished(() => joined.close())
    return joined
  }
  const link = join()
  await link.opened()
  const store = memoryBlobs()
  const blobs = new Blobs({ replica, host: quickHost(), store, hub: line.url, ...over })
  onTestFinished(() => blobs.close())
  const take = async (photo: Uint8Array, id: string) => {
    const ref = await blobs.take(photo, { record: `orders/${id}` })
    await replica.orders.create({ site: 'SEA', signature: ref, photos: [] }, { id })
    return ref
  }
  return { replica, blobs, store, take, link, connect: join }
}

const issue = (hub: Hub, replica: { publicKey: Uint8Array }, grant: Required<Grant>) =>
  hub.issue({ ...grant, publicKey: replica.publicKey, expiresAt: Date.now() + DAY_MS })

/** Resolves when the blob's state is of this kind. */
export async function until(blobs: Blobs, ref: string, kind: string): Promise<void> {
  await expect.poll(async () => (await blobs.state(ref)).kind, { timeout: 40_000, interval: 20 }).toBe(kind)
}
