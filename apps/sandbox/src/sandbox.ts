/** Starts a whole sandbox inside this process. */

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { adminRoutes } from './admin/admin.ts'
import { apiRoutes } from './api/api.ts'
import type { Client } from './calls/tokens.ts'
import { officeRoutes } from './office/office.ts'
import { checked } from './problem.ts'
import { problemHandler } from './problem-handler.ts'
import { crmTypes, type ObjectType } from './rows/object-type.ts'
import { defaultSettings, type Settings, settingsSchema } from './settings.ts'
import { type Ports, type Sandbox, startStandIn } from './stand-in.ts'
import { makeWorld, type World } from './world.ts'

export type SandboxOptions = Ports & {
  /** A path, or `:memory:` (the default). */
  file?: string
  clients?: readonly Client[]
  /** Types beside `accounts` and `cases`; one of the same name replaces it. */
  objectTypes?: readonly ObjectType[]
  settings?: Partial<Settings>
  /** Milliseconds since 1970. */
  now?: () => number
  /** Told of failures of the sandbox itself. */
  log?: (error: unknown) => void
}

export const defaultClient: Client = { clientId: 'skerry', clientSecret: 'skerry-sandbox-secret' }

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const world = makeWorld({
    file: options.file ?? ':memory:',
    clients: options.clients ?? [defaultClient],
    objectTypes: [...crmTypes, ...(options.objectTypes ?? [])],
    settings: checked(
      settingsSchema,
      { ...defaultSettings, ...options.settings },
      'invalid-request',
      '/settings',
    ),
    now: options.now ?? Date.now,
    log: options.log ?? console.error,
  })
  const apps = { api: publicApp(world), admin: adminRoutes(world) }
  const started = await startStandIn(world, apps, options, () => {
    world.feed.close()
    return world.deliverer.stop()
  })
  world.deliverer.wake()
  return started
}

function publicApp(world: World): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.onError(problemHandler(world.log))
  app.route('/', officeRoutes(world))
  app.route('/', apiRoutes(world))
  return app
}
