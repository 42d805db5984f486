/** A hub on loopback, and devices with orders that have photos. Time is the machine's, but retries wait a hundredth of what they would. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Blobs, type BlobsOptions, blobRef, memoryBlobs } from '@skerry/blobs'
import { collection, keyed, memoryStore, type Replica } from '@skerry/core'
import { SeededRandom } from '@skerry/core/testing'
import { createLog, type Hub, type HubOptions, startHub } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { connect } from '@skerry/ws'
import { expect, onTestFinished } from 'vitest'
import * as z from 'zod'
import { CuttingProxy } from './cutting-proxy.ts'
import { hashOf } from './store-contract.ts'

export const orders = collection(
  'orders',
  z.object({
    site: z.string(),
    signature: blobRef().optional(),
    photos: keyed('id', z.object({ id: z.string(), photo: blobRef() })),
  }),
  { channels: (order) => [`site:${order.site}`] },
)

export const collections = { orders }
const DAY_MS = 86_400_000
const QUICKER = 100

export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'skerry-blobs-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A JPEG as far as its head tells. */
export function photoOf(seed: number, bytes: number): Uint8Array<ArrayBuffer> {
  const photo = new Uint8Array(new SeededRandom(seed).bytes(bytes))
  photo.set([0xff, 0xd8, 0xff, 0xe0])
  return photo
}

export const quickHost = () => {
  const host = nodeHost()
  return { ...host, timer: (ms: number, run: () => void) => host.timer(ms / QUICKER, run) }
}

export type World = Awaited<ReturnType<typeof openWorld>>

export async function openWorld(options: HubOptions = {}) {
  const store = `${temporaryFolder()}/hub.db`
  const logged: string[] = []
  const log = createLog({ level: 'debug', destination: { write: (line) => void logged.push(line) } })
  const hub = await startHub(
    { space: 'acme', collections },
    { port: 0, store, drainMs: 500, log, ...options },
  )
  onTestFinished(() => hub.close())
  const line = await CuttingProxy.start(() => Number(new URL(hub.url).port))
  onTestFinished(() => line.close())
  return { hub, line, logged, folder: `${store}.blobs` }
}

export interface Device {
  replica: Replica<typeof collections>
  blobs: Blobs
  store: ReturnType<typeof memoryBlobs>
  take(photo: Uint8Array, id: string): Promise<string>
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
): Promise<Device> {
  const replica = await openReplica({
    store: memoryStore(),
    collections,
    space: 'acme',
    authority: hub.authority,
  })
  onTestFinished(() => replica.close())
  await replica.setCredential(await issue(hub, replica, { subject, read, write }))
  const link = connect(replica, hub.syncUrl)
  onTestFinished(() => link.close())
  await link.opened()
  const store = memoryBlobs()
  const blobs = new Blobs({ replica, host: quickHost(), store, hub: line.url, ...over })
  onTestFinished(() => blobs.close())
  const take = async (photo: Uint8Array, id: string) => {
    const ref = await blobs.take(photo, { record: `orders/${id}` })
    await replica.orders.create({ site: 'SEA', signature: ref, photos: [] }, { id })
    return ref
  }
  return { replica, blobs, store, take }
}

export const issue = (hub: Hub, replica: { publicKey: Uint8Array }, grant: Required<Grant>) =>
  hub.issue({ ...grant, publicKey: replica.publicKey, expiresAt: Date.now() + DAY_MS })

/** Resolves when the blob's state is of this kind. */
export async function until(blobs: Blobs, ref: string, kind: string): Promise<void> {
  await expect.poll(async () => (await blobs.state(ref)).kind, { timeout: 20_000, interval: 20 }).toBe(kind)
}

export { hashOf }
