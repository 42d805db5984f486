/** The part of a hub that stands without a network: secrets, store, replica with the space's authority, revocations, metrics. */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  type CredentialVerifier,
  type Host,
  openReplica,
  type Replica,
  type ReplicaEvent,
  type Store,
  StoreError,
} from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { type Authority, credentialVerifier } from '@skerry/credentials'
import { type WorkerTrial, workerTrial } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { channelsOfGateway, type StreamChannels, segmentKind } from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import { CODES_IN_STORE } from './enrolment-tables.ts'
import { holdCredential } from './hub-credential.ts'
import { HubError } from './hub-error.ts'
import type { Logger } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { startRecordThresholds } from './record-thresholds.ts'
import { readSecret } from './secret-file.ts'
import { type AdminToken, adminTokenPath, authorityPath, loadAdminToken, loadAuthority } from './secrets.ts'
import type { CompleteSettings, HubConfig } from './settings.ts'
import { type WatchedStore, watchedStore } from './watched-store.ts'

export interface HubCore {
  host: Host
  log: Logger
  authority: Authority
  adminToken: AdminToken
  verifier: CredentialVerifier
  metrics: Metrics
  store: WatchedStore
  replica: Replica
  streamChannels: StreamChannels
  /** Waits for what is being written, then closes the store. */
  close(): Promise<void>
}

export interface CoreOptions {
  host: Host
  log: Logger
  adminToken: string | undefined
  /** In place of SQLite. */
  openStore: ((path: string) => Store) | undefined
  /** In place of one in worker threads. */
  trial: WorkerTrial | undefined
}

/** @throws HubError, StoreError */
export async function openCore(
  config: HubConfig,
  settings: CompleteSettings,
  options: CoreOptions,
): Promise<HubCore> {
  const { host, log } = options
  const { authority, adminToken } = await loadSecrets(settings.store, options)
  const metrics = createMetrics()
  const store = watchedStore(storeOf(settings, options), metrics, () => host.now())
  const verifier = credentialVerifier({
    space: config.space,
    authority: authority.publicKey,
    sha256: (bytes) => host.sha256(bytes),
  })
  const streamChannels = config.streams?.channels ?? channelsOfGateway
  const trial = options.trial ?? workerTrial()
  const replica = await openReplica({
    host,
    store,
    trial,
    verifier,
    collections: config.collections,
    rules: config.rules ?? [],
    role: hubRole,
    space: config.space,
    kinds: { segment: segmentKind({ compressor: nodeCompressor, channels: streamChannels }) },
    upkeep: {
      done({ compacted, bytesBefore, bytesAfter }) {
        metrics.compactions.inc(compacted)
        metrics.compactedBytes.inc(bytesBefore - bytesAfter)
      },
    },
    events: (event) => hear(event, metrics, log),
  })
  try {
    const stopRenewal = await holdCredential({ replica, authority, host, log })
    const thresholds = startRecordThresholds(replica, config.streams?.thresholds ?? [], log)
    const close = async () => {
      stopRenewal()
      await thresholds.close()
      // What is still tried would keep the hub from ending; it is told again.
      await trial.close()
      await replica.close()
    }
    return {
      host,
      log,
      authority,
      adminToken,
      verifier: replica.session.verifier,
      metrics,
      store,
      replica,
      streamChannels,
      close,
    }
  } catch (error) {
    await trial.close()
    await replica.close()
    throw error
  }
}

async function loadSecrets(store: string, { log, adminToken, openStore }: CoreOptions) {
  const path = authorityPath(store)
  // The secrets lie beside the store and are made first; the missing folder is the store's matter all the same.
  if (!openStore && !existsSync(dirname(store)))
    throw new StoreError('io', `open ${store}: the directory ${dirname(store)} does not exist; create it`)
  const isStoreThere = openStore !== undefined || existsSync(store)
  // A new authority for an old log would lock out every device of the space, and nobody would know why.
  if (isStoreThere && !openStore && (await readSecret(path)) === undefined) {
    throw new HubError(
      'secret-unusable',
      `${store} is there but its authority ${path} is not: restore it from a backup, or move the store away to begin a new space`,
    )
  }
  const loaded = {
    authority: await loadAuthority(path),
    token: await loadAdminToken(adminTokenPath(store), adminToken),
  }
  if (loaded.authority.made) log.warn({ file: path }, 'made the authority of a new space; back this file up')
  else if (!isStoreThere) log.warn({ file: store }, lostStore(store, path))
  if (loaded.token.made) log.warn({ file: loaded.token.from }, 'made an admin token; it is in this file')
  return { authority: loaded.authority.authority, adminToken: loaded.token }
}

/** It starts all the same: a hub that is away is worse for devices than one that is empty, and they bring back what they hold. */
function lostStore(store: string, authority: string): string {
  return (
    `${store} is not there, though this space has an authority already (${authority}): the store was lost, or is elsewhere. ` +
    'This hub starts with an empty one. If there is a backup, stop the hub and run `skerry restore <backup> ' +
    `${store} --replace\`. If there is none, let it run: each device brings back what it still holds, and what none of them holds is gone`
  )
}

function storeOf({ store: path, accept }: CompleteSettings, { openStore, log }: CoreOptions): Store {
  const warn = (message: string) => log.warn({ file: path }, message)
  return openStore
    ? openStore(path)
    : sqliteStore({ path, warn, notRestored: CODES_IN_STORE, ...(accept && { accept }) })
}

function hear({ level, code, message, fields }: ReplicaEvent, metrics: Metrics, log: Logger): void {
  if (code === 'mended') metrics.mends.inc({ rule: String(fields?.rule) })
  if (code === 'equivocation') metrics.equivocations.inc()
  if (code === 'trial-failed') metrics.trialsFailed.inc({ verdict: String(fields?.verdict) })
  if (code === 'record-quarantined') metrics.quarantines.inc({ reason: String(fields?.reason) })
  if (code === 'entry-lost') metrics.entriesLost.inc()
  if (code === 'record-healed' || code === 'entry-healed') metrics.healed.inc()
  if (code === 'entry-refused') metrics.refusals.inc({ code: String(fields?.reason) })
  log[level]({ code, ...fields }, message)
}
