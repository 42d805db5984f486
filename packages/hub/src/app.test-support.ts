/** The hub's app over a store in memory, with a clock that the test sets, and devices that can prove themselves. */
import { createPrivateKey, sign } from 'node:crypto'
import { collection, MemoryDisk, memoryStore, StoreError, toHex } from '@skerry/core'
import { createAuthority, issueCredential, provePossession } from '@skerry/credentials'
import { nodeHost, startEngine } from '@skerry/node'
import * as z from 'zod'
import type { Api } from './api.ts'
import { hubApp } from './app.ts'
import { hubBlobs } from './blobs.ts'
import { openCore } from './hub-core.ts'
import { createLog } from './log.ts'
import { completeSettings } from './settings.ts'
import { temporaryFolder } from './temporary-folder.test-support.ts'

const ADMIN_TOKEN = 'admin-token-of-this-test'
export const START = Date.UTC(2026, 0, 1)
export const DAY_MS = 86_400_000

export const jobs = collection(
  'jobs',
  z.object({ title: z.string(), region: z.string(), open: z.boolean(), rank: z.number() }),
  { channels: (job) => [`region:${job.region}`], indexes: ['region', 'open', 'rank'] },
)
export const notes = collection('notes', z.object({ text: z.string() }))

export type AppFixture = Awaited<ReturnType<typeof openApp>>

export async function openApp(space = 'acme', { app: folder }: { app?: string } = {}) {
  await startEngine()
  const clock = { now: START }
  const disk = { inner: new MemoryDisk(), full: false, slowMs: 0 }
  const logged: string[] = []
  const state = { draining: false }
  const beforeCommit = () => {
    if (disk.full) throw new StoreError('full', 'commit: the disk is full; make room')
    clock.now += disk.slowMs
  }
  const core = await openCore(
    { space, collections: { jobs, notes } },
    completeSettings({ store: `${temporaryFolder()}/hub.db` }),
    {
      host: { ...nodeHost(), now: () => clock.now },
      log: createLog({ destination: { write: (line) => void logged.push(line) } }),
      adminToken: ADMIN_TOKEN,
      trial: undefined,
      openStore: () => memoryStore({ disk: disk.inner, beforeCommit }),
    },
  )
  const blobs = hubBlobs({ store: `${temporaryFolder()}/hub.db` }, core)
  const api: Api = {
    ...core,
    blobs,
    space,
    collections: core.replica.collections,
    now: () => clock.now,
    sha256: (bytes) => core.host.sha256(bytes),
    draining: () => state.draining,
    trustedProxies: 0,
    ...(folder !== undefined && { app: folder }),
  }
  const app = hubApp(api)
  const admin = { authorization: `Bearer ${ADMIN_TOKEN}` }
  return {
    ...core,
    app,
    api,
    clock,
    disk,
    logged,
    state,
    admin,
    /** A request as the administrator. */
    asAdmin: (path: string, init: RequestInit = {}) =>
      app.request(`http://hub.example${path}`, { ...init, headers: { ...admin, ...init.headers } }),
    async device(
      read: string[],
      over: { expiresAt?: number; space?: string; subject?: string; systems?: string[] } = {},
    ) {
      const key = await createAuthority() // an Ed25519 pair like any other
      const token = await issueCredential(core.authority, {
        space: over.space ?? space,
        subject: over.subject ?? 'tech:ana',
        publicKey: key.publicKey,
        role: 'device',
        read,
        write: [],
        systems: over.systems ?? [],
        issuedAt: START,
        expiresAt: over.expiresAt ?? START + DAY_MS,
      })
      const pem = createPrivateKey({ format: 'jwk', key: { ...key.privateJwk } })
      const prover = {
        publicKey: key.publicKey,
        sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, pem)),
      }
      const headersFor = async (path: string, method = 'GET') => ({
        authorization: `DPoP ${token}`,
        dpop: await provePossession(
          token,
          { method, url: `http://hub.example${path}`, at: clock.now },
          prover,
          api.sha256,
        ),
      })
      return {
        token,
        key: toHex(key.publicKey),
        hash: toHex(api.sha256(new TextEncoder().encode(token))),
        headersFor,
        get: async (path: string) =>
          app.request(`http://hub.example${path}`, { headers: await headersFor(path) }),
      }
    },
  }
}

export interface ProblemBody {
  type: string
  code: string
  status: number
  detail: string
  retryable: boolean
  retryAfterMs?: number
  errors?: { path: string; message: string; code: string }[]
}

export async function problemIn(response: Response): Promise<ProblemBody> {
  const type = response.headers.get('content-type')
  if (type !== 'application/problem+json') throw new Error(`want a problem, got ${response.status} ${type}`)
  return (await response.json()) as ProblemBody
}
