/** What a hub is told: the config that all roles share, and the settings that are the hub's alone. */

import type { BudgetRates, Collection, Rule } from '@skerry/core'
import type { Accept } from '@skerry/store-sqlite'
import type { UploadCeilings } from './counted-uploads.ts'
import type { AdmissionRate } from './door.ts'
import { ADMISSIONS, DRAIN_MS, SESSIONS_MAX } from './limits.ts'
import type { Level } from './log.ts'
import type { StreamSettings } from './stream-settings.ts'

export interface HubConfig {
  /** The tenant. At most 200 characters. */
  space: string
  /** By name. */
  collections: Record<string, Collection>
  rules?: readonly Rule<never>[]
  streams?: StreamSettings
  hub?: HubSettings
}

export interface HubSettings {
  /** Default 7070; 0 for any free one. */
  port?: number
  /** Address to listen on. Default 127.0.0.1: a proxy that ends TLS stands in front. */
  host?: string
  /** Database file. Default `hub.db`. Secrets are made beside it. */
  store?: string
  /** What to do with a database that is not where, or what, it was. Without it such a file is refused. */
  accept?: Accept
  /** Address that devices use, when it differs from what requests say (a proxy that rewrites Host). */
  publicUrl?: string
  /**
   * Photos and documents of records: where they lie (default: beside the store, `<store>.blobs`), the bytes of one at most (default 25 MB), and how many uploads may be unfinished, of how many bytes: of one device (default 16
   * and 256 MB), and of all (default 10,000 and 16 GB).
   */
  blobs?: { folder?: string; bytesMax?: number; unfinished?: Partial<UploadCeilings> }
  /** Folder of a built web app (with its index.html), served at `/`. */
  app?: string
  /** Origins of web apps that may open sessions. Default: all; a session proves itself by credential, not by cookies. */
  origins?: readonly string[]
  /** Proxies in front that add to X-Forwarded-For. Default 0. */
  trustedProxies?: number
  /** Sessions at once. */
  sessionsMax?: number
  /** Sessions that may begin: so many a second, so many at once after a rest. Others are told when to come back. */
  admissions?: AdmissionRate
  /** What one device may cost in messages, bytes and operations: `{ operations: { perSecond, burst } }`. Beyond it the device is served later. */
  budget?: Partial<BudgetRates>
  /** Milliseconds given to sessions and requests when told to stop. */
  drainMs?: number
  logLevel?: Level
}

export type CompleteSettings = HubSettings &
  Required<
    Pick<
      HubSettings,
      'port' | 'host' | 'store' | 'trustedProxies' | 'sessionsMax' | 'admissions' | 'budget' | 'drainMs'
    >
  >

const defaults = {
  port: 7070,
  host: '127.0.0.1',
  store: 'hub.db',
  trustedProxies: 0,
  sessionsMax: SESSIONS_MAX,
  admissions: ADMISSIONS,
  budget: {},
  drainMs: DRAIN_MS,
} as const

/** Later ones win, where they say anything. */
export function completeSettings(...settings: readonly (HubSettings | undefined)[]): CompleteSettings {
  const said = settings.map((some = {}) => Object.entries(some).filter(([, value]) => value !== undefined))
  return Object.assign({}, defaults, ...said.map(Object.fromEntries)) as CompleteSettings
}
