/** Starts a whole organisation inside this process. */
import type { Client } from '../calls/tokens.ts'
import { checked } from '../problem.ts'
import { type Ports, type Sandbox, startStandIn } from '../stand-in.ts'
import { salesforceAdmin } from './admin/admin.ts'
import { apiApp } from './api/app.ts'
import { resumeJobs } from './bulk/run-job.ts'
import type { ObjectType } from './objects/object-type.ts'
import { standardTypes } from './objects/standard-types.ts'
import { defaultSalesforceSettings, type SalesforceSettings, salesforceSettingsSchema } from './settings.ts'
import { makeSalesforceWorld } from './world.ts'

export type SalesforceOptions = Ports & {
  /** A path, or `:memory:` (the default). */
  file?: string
  /** Each acts as a user of its own. */
  clients?: readonly Client[]
  /** Types beside the standard ones; one of the same name replaces it. */
  objectTypes?: readonly ObjectType[]
  settings?: Partial<SalesforceSettings>
  /** Milliseconds since 1970. */
  now?: () => number
  /** Told of failures of the stand-in itself. */
  log?: (error: unknown) => void
}

export const defaultSalesforceClient: Client = {
  clientId: 'skerry',
  clientSecret: 'skerry-salesforce-secret',
}

export async function startSalesforce(options: SalesforceOptions = {}): Promise<Sandbox> {
  const given = { ...defaultSalesforceSettings, ...options.settings }
  const world = makeSalesforceWorld({
    file: options.file ?? ':memory:',
    clients: options.clients ?? [defaultSalesforceClient],
    objectTypes: [...standardTypes, ...(options.objectTypes ?? [])],
    settings: checked(salesforceSettingsSchema, given, 'invalid-request', '/settings'),
    now: options.now ?? Date.now,
    log: options.log ?? console.error,
  })
  const apps = { api: apiApp(world), admin: salesforceAdmin(world) }
  const started = await startStandIn(world, apps, options, () => world.bus.wakeAll())
  resumeJobs(world)
  return started
}
