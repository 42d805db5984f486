/**
 * A hub, started: core, sessions and HTTP on one port; and ended again without losing anything that was acknowledged.
 *
 *   requests ─▶ http server ─▶ app (hono) ─▶ store (rows), authority
 *   upgrades ─▶ acceptUpgrades ─▶ sessions ─▶ replica ─▶ watched store ─▶ sqlite
 */
import type { Server } from 'node:http'
import type { Host, Replica, Store } from '@skerry/core'
import { type CredentialRequest, issueCredential } from '@skerry/credentials'
import { nodeHost, startEngine, type WorkerTrial } from '@skerry/node'
import { type Acceptor, acceptUpgrades } from '@skerry/ws'
import { addressOf } from './address.ts'
import type { Api } from './api.ts'
import { hubApp } from './app.ts'
import { appFolder } from './app-files.ts'
import { type HubBlobs, hubBlobs } from './blobs.ts'
import { configMistakes } from './config-mistakes.ts'
import { Door } from './door.ts'
import { checkAddress, closeServer, httpServer, listen } from './http-server.ts'
import { type HubCore, openCore } from './hub-core.ts'
import { HubError } from './hub-error.ts'
import { createLog, type Logger } from './log.ts'
import { HubSessions } from './sessions.ts'
import { type CompleteSettings, completeSettings, type HubConfig, type HubSettings } from './settings.ts'

export interface HubOptions extends HubSettings {
  log?: Logger
  /** In place of the file beside the store. */
  adminToken?: string | undefined
  /** In place of Node's, for tests that set the clock. */
  machine?: Host
  /** In place of SQLite, for tests that fail on purpose. */
  openStore?: (path: string) => Store
  /** In place of trials in worker threads with their own ceilings. */
  trial?: WorkerTrial
}

export interface Hub {
  /** `http://127.0.0.1:7070`; sessions are at `/sync` of the same port. */
  readonly url: string
  /** `ws://127.0.0.1:7070/sync`: what a device connects to. */
  readonly syncUrl: string
  readonly replica: Replica
  /** Public key of the space's authority, 32 bytes. */
  readonly authority: Uint8Array
  /** A credential for a device's key, as `POST /api/v1/credentials` gives it. Rejects with TypeError for a malformed request. */
  issue(request: DeviceRequest): Promise<string>
  /** Drains and ends; resolves when the store is closed. Calling it again waits for the same end. */
  close(): Promise<void>
}

export type DeviceRequest = Pick<
  CredentialRequest,
  'subject' | 'publicKey' | 'read' | 'write' | 'expiresAt'
> &
  Partial<Pick<CredentialRequest, 'systems'>>

/**
 * Resolves when the hub listens and can take writes. `options` win over `config.hub`.
 * @throws HubError, StoreError
 */
export async function startHub(config: HubConfig, options: HubOptions = {}): Promise<Hub> {
  const { log: givenLog, adminToken, machine, openStore, trial, ...overrides } = options
  const settings = checkedSettings(config, overrides)
  const log = givenLog ?? createLog({ level: settings.logLevel ?? 'info' })
  if (settings.app !== undefined) settings.app = appFolder(settings.app)
  await checkAddress(settings.port, settings.host)
  await startEngine()
  const host = machine ?? nodeHost()
  const core = await openCore(config, settings, { host, log, adminToken, openStore, trial })
  try {
    return await serve(core, settings, hubBlobs(settings, core))
  } catch (error) {
    await core.close()
    throw error
  }
}

/** @throws HubError `config` */
function checkedSettings(config: HubConfig, overrides: HubSettings): CompleteSettings {
  const settings = completeSettings(config?.hub, overrides)
  const mistakes = [config, { ...config, hub: settings }].map(configMistakes).find(({ length }) => length > 0)
  if (mistakes) throw new HubError('config', mistakes.join('\n'))
  return settings
}

async function serve(core: HubCore, settings: CompleteSettings, blobs: HubBlobs): Promise<Hub> {
  const { replica, authority, log } = core
  const sessions = new HubSessions({ ...core, replica: replica.session, budget: settings.budget })
  addGauges(core, sessions)
  let closing: Promise<void> | undefined
  const server = httpServer(hubApp(apiOf(core, settings, { blobs, draining: () => closing !== undefined })))
  const acceptor = acceptSessions(server, core, settings, sessions)
  const url = await listen(server, settings.port, settings.host)
  log.info({ url, space: replica.space, node: replica.node, head: replica.head }, 'hub ready')
  return {
    url,
    replica,
    authority: authority.publicKey,
    syncUrl: `${url.replace(/^http/, 'ws')}/sync`,
    issue: (request) =>
      issueCredential(authority, {
        role: 'device',
        systems: [],
        space: replica.space,
        issuedAt: core.host.now(),
        ...request,
      }),
    close() {
      closing ??= end({ core, blobs, sessions, server, acceptor, drainMs: settings.drainMs })
      return closing
    },
  }
}

function acceptSessions(
  server: Server,
  { host, metrics }: HubCore,
  settings: CompleteSettings,
  sessions: HubSessions,
): Acceptor {
  const { origins, sessionsMax, trustedProxies, admissions } = settings
  const fraction = () => host.random(1)[0]! / 256
  const door = new Door({ now: () => host.now(), fraction, rate: admissions })
  return acceptUpgrades(server, {
    host,
    connectionsMax: sessionsMax,
    turnAway: (address) => {
      const seconds = door.turnAway(sessions.beginning(address))
      if (seconds !== undefined) metrics.turnedAway.inc()
      return seconds
    },
    addressOf: (request) => addressOf(request, trustedProxies),
    onTransport: (transport, request) => sessions.accept(transport, addressOf(request, trustedProxies)),
    ...(origins && { originAllowed: (origin) => origin === undefined || origins.includes(origin) }),
  })
}

function apiOf(core: HubCore, settings: CompleteSettings, running: Pick<Api, 'blobs' | 'draining'>): Api {
  return {
    ...core,
    ...running,
    space: core.replica.space,
    collections: core.replica.collections,
    now: () => core.host.now(),
    sha256: (bytes) => core.host.sha256(bytes),
    trustedProxies: settings.trustedProxies,
    ...(settings.publicUrl !== undefined && { publicUrl: settings.publicUrl }),
    ...(settings.app !== undefined && { app: settings.app }),
  }
}

function addGauges({ metrics, replica, store }: HubCore, sessions: HubSessions): void {
  metrics.beforeScrape(() => sessions.countAll())
  metrics.gauge('sessions_open', 'Sessions that are open or in their handshake.', () => sessions.size)
  metrics.gauge('log_head', 'Highest sequence of the log.', () => replica.head)
  metrics.gauge('records_quarantined', 'Records that are not loaded because that did harm.', () => {
    return replica.quarantined.length
  })
  metrics.gauge('records', 'Records held.', async () => (await store.size()).records)
  metrics.gauge('store_bytes', 'Size of the store.', async () => (await store.size()).bytes)
}

interface Running {
  core: HubCore
  blobs: HubBlobs
  sessions: HubSessions
  server: Server
  acceptor: Acceptor
  drainMs: number
}

/** Sessions are told first, so that devices look elsewhere at once; the store is closed last, when nothing can write any more. */
async function end({ core, blobs, sessions, server, acceptor, drainMs }: Running): Promise<void> {
  const { log } = core
  log.info({ sessions: sessions.size, drainMs }, 'draining')
  await Promise.all([sessions.drain(), acceptor.close(drainMs)])
  await closeServer(server, drainMs)
  await blobs.close()
  await core.close()
  log.info('hub closed')
}
