/** Two ports of one stand-in: what the world sees, and the admin side behind it; and their common end. */
import type { HttpBindings } from '@hono/node-server'
import type { Hono } from 'hono'
import { listen } from './listen.ts'
import type { Stage } from './stage.ts'

export type Sandbox = {
  /** Of the API and the office page, without a trailing slash. By the name `localhost` where that leads there: an adapter needs leave to call an address. */
  url: string
  adminUrl: string
  /** Calling it again waits for the same end. */
  close: () => Promise<void>
}

export type Ports = {
  /** 0, the default, takes any free port. */
  port?: number
  adminPort?: number
  /** A loopback address. Neither the office page nor the admin side has a login. */
  host?: string
}

type Apps = { api: Hono<{ Bindings: HttpBindings }>; admin: Hono }

/** @param end lets go of what keeps calls open */
export async function startStandIn(
  stage: Stage,
  { api, admin }: Apps,
  { port = 0, adminPort = 0, host = '127.0.0.1' }: Ports,
  end: () => void | Promise<void>,
): Promise<Sandbox> {
  const front = await listen(api, host, port)
  const behind = await listen(admin, host, adminPort).catch(async (error) => {
    await front.close()
    throw error
  })
  const finish = async () => {
    stage.closing.abort()
    stage.held.release('lose')
    await Promise.all([end(), front.close(), behind.close()])
    stage.database.close()
  }
  let ending: Promise<void> | undefined
  const close = () => {
    ending ??= finish()
    return ending
  }
  return { url: named(front.url), adminUrl: behind.url, close }
}

function named(url: string): string {
  return url.replace('//127.0.0.1:', '//localhost:')
}
