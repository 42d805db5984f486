/** Starts a whole service inside this process. */
import type { Client } from '../calls/tokens.ts'
import { checked } from '../problem.ts'
import { type Ports, type Sandbox, startStandIn } from '../stand-in.ts'
import { odataAdmin } from './admin/admin.ts'
import { apiApp } from './api/app.ts'
import { businessCentral } from './profiles/business-central.ts'
import { dataverse } from './profiles/dataverse.ts'
import { plain } from './profiles/plain.ts'
import type { Profile, ProfileName } from './profiles/profile.ts'
import { sap } from './profiles/sap.ts'
import { defaultODataSettings, type ODataSettings, odataSettingsSchema } from './settings.ts'
import type { EntityType } from './types/entity-type.ts'
import { makeODataWorld } from './world.ts'

export type ODataOptions = Ports & {
  profile: ProfileName
  /** A path, or `:memory:` (the default). */
  file?: string
  /** Each is a user of its own; with Basic, id and secret are user and password. */
  clients?: readonly Client[]
  /** Types beside the profile's own; one of the same set replaces it. */
  entityTypes?: readonly EntityType[]
  settings?: Partial<ODataSettings>
  /** Milliseconds since 1970. */
  now?: () => number
  /** Told of failures of the stand-in itself. */
  log?: (error: unknown) => void
}

/** Where the service stands, without a trailing slash, beside what every stand-in has. */
export type ODataSandbox = Sandbox & { serviceUrl: string; tokenUrl: string }

export const defaultODataClient: Client = { clientId: 'skerry', clientSecret: 'skerry-odata-secret' }

const profiles: Readonly<Record<ProfileName, Profile>> = {
  sap,
  dataverse,
  'business-central': businessCentral,
  plain,
}

export async function startOData(options: ODataOptions): Promise<ODataSandbox> {
  const given = { ...defaultODataSettings, ...options.settings }
  const profile = profiles[options.profile]
  const world = makeODataWorld({
    profile,
    file: options.file ?? ':memory:',
    clients: options.clients ?? [defaultODataClient],
    entityTypes: options.entityTypes ?? [],
    settings: checked(odataSettingsSchema, given, 'invalid-request', '/settings'),
    now: options.now ?? Date.now,
    log: options.log ?? console.error,
  })
  const started = await startStandIn(
    world,
    { api: apiApp(world), admin: odataAdmin(world) },
    options,
    () => undefined,
  )
  const { url } = started
  return { ...started, serviceUrl: url + profile.root, tokenUrl: `${url}/oauth2/token` }
}
