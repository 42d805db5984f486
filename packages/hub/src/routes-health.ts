/** For whoever runs the process: is it alive, can it make writes durable, and what does it count. No token: put them behind the proxy's rules. */
import { Hono } from 'hono'
import type { Api, Env } from './api.ts'
import { ProblemError } from './problem.ts'

export function healthRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  // Answering shows that the event loop turns; the size can be read only while the store is open.
  routes.get('/livez', async (c) => {
    await api.store.size()
    return c.json({ status: 'alive' })
  })
  routes.get('/readyz', async (c) => {
    const problem = await unreadiness(api)
    if (problem) throw problem
    return c.json({ status: 'ready' })
  })
  routes.get('/metrics', async (c) =>
    c.body(await api.metrics.text(), 200, { 'Content-Type': api.metrics.contentType }),
  )
  return routes
}

/** Why the hub cannot take writes now; undefined when it can. */
export async function unreadiness(api: Api): Promise<ProblemError | undefined> {
  if (api.draining())
    return new ProblemError(
      'draining',
      'this hub is stopping; another one, or this one in a moment, will serve you',
    )
  const trouble = await api.store.trouble()
  return trouble && new ProblemError(trouble.code, trouble.detail)
}
