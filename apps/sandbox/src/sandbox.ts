/** Starts a whole sandbox inside this process. */

import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { adminRoutes } from './admin/admin.ts'
import { apiRoutes } from './api/api.ts'
import type { Client } from './api/tokens.ts'
import { listen } from './listen.ts'
import { officeRoutes } from './office/office.ts'
import { checked } from './problem.ts'
import { problemHandler } from './problem-handler.ts'
import { crmTypes, type ObjectType } from './rows/object-type.ts'
import { defaultSettings, type Settings, settingsSchema } from './settings.ts'
import { makeWorld, type World } from './world.ts'

export type SandboxOptions = {
  /** 0, the default, takes any free port. */
  port?: number
  adminPort?: number
  /** A loopback address. Neither the office page nor the admin side has a login. */
  host?: string
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

export type Sandbox = {
  /** Of the API and the office page, without a trailing slash. */
  url: string
  adminUrl: string
  /** Calling it again waits for the same end. */
  close: () => Promise<void>
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
  const host = options.host ?? '127.0.0.1'
  const api = await listen(publicApp(world), host, options.port ?? 0)
  const admin = await listen(adminRoutes(world), host, options.adminPort ?? 0).catch(async (error) => {
    await api.close()
    throw error
  })
  world.deliverer.wake()

  const end = async () => {
    world.closing.abort()
    world.feed.close()
    world.held.release('lose')
    await Promise.all([api.close(), admin.close(), world.deliverer.stop()])
    world.database.close()
  }
  let ending: Promise<void> | undefined
  const close = () => {
    ending ??= end()
    return ending
  }
  return { url: api.url, adminUrl: admin.url, close }
}

function publicApp(world: World): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  app.onError(problemHandler(world.log))
  app.route('/', officeRoutes(world))
  app.route('/', apiRoutes(world))
  return app
}
