/** Starts a whole account inside this process. */
import type { Client } from '../calls/tokens.ts'
import { checked } from '../problem.ts'
import { type Ports, type Sandbox, startStandIn } from '../stand-in.ts'
import { hubspotAdmin } from './admin/admin.ts'
import { hubspotApp } from './api/app.ts'
import type { PrivateApp } from './apps.ts'
import type { ObjectType } from './objects/object-type.ts'
import { standardTypes } from './objects/standard-types.ts'
import { defaultHubSpotSettings, type HubSpotSettings, hubspotSettingsSchema } from './settings.ts'
import { makeHubSpotWorld } from './world.ts'

export type HubSpotOptions = Ports & {
  /** A path, or `:memory:` (the default). */
  file?: string
  /** Apps of OAuth; the secret of the first signs webhooks. */
  clients?: readonly Client[]
  privateApps?: readonly PrivateApp[]
  /** Types beside the standard ones; one of the same name replaces it. */
  objectTypes?: readonly ObjectType[]
  settings?: Partial<HubSpotSettings>
  /** Milliseconds since 1970. */
  now?: () => number
  /** Told of failures of the stand-in itself. */
  log?: (error: unknown) => void
}

export const defaultHubSpotClient: Client = { clientId: 'skerry', clientSecret: 'skerry-hubspot-secret' }
export const defaultPrivateApp: PrivateApp = { name: 'bridge', token: 'pat-skerry-hubspot-token' }

export async function startHubSpot(options: HubSpotOptions = {}): Promise<Sandbox> {
  const given = { ...defaultHubSpotSettings, ...options.settings }
  const world = makeHubSpotWorld({
    file: options.file ?? ':memory:',
    clients: options.clients ?? [defaultHubSpotClient],
    privateApps: options.privateApps ?? [defaultPrivateApp],
    objectTypes: [...standardTypes, ...(options.objectTypes ?? [])],
    settings: checked(hubspotSettingsSchema, given, 'invalid-request', '/settings'),
    now: options.now ?? Date.now,
    log: options.log ?? console.error,
  })
  const apps = { api: hubspotApp(world), admin: hubspotAdmin(world) }
  return startStandIn(world, apps, options, () => world.deliverer.stop())
}
