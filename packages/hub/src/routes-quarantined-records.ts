/** Records that the hub does not load any more, because that did harm: listed, and let out by the operator when the cause is gone. */
import { keyOf, RecordNotFound } from '@skerry/core'
import { Hono } from 'hono'
import type { Api, Env } from './api.ts'
import { adminOnly } from './identify.ts'
import { ProblemError } from './problem.ts'

export function quarantineRoutes(api: Api): Hono<Env> {
  const routes = new Hono<Env>()
  routes.use(adminOnly(api))
  routes.get('/', (c) => {
    const records = api.replica.quarantined.map((one) => ({ ...one, at: new Date(one.at).toISOString() }))
    return c.json({ records })
  })
  routes.delete('/:collection/:id', async (c) => {
    const record = keyOf(c.req.param('collection'), c.req.param('id'))
    const again = await release(api, record)
    if (again)
      throw new ProblemError(
        'still-harmful',
        `${record} was tried and is in quarantine again: ${again.reason}`,
      )
    return c.body(null, 204)
  })
  return routes
}

async function release(api: Api, record: string) {
  try {
    return await api.replica.release(record)
  } catch (error) {
    if (error instanceof RecordNotFound) throw new ProblemError('not-found', error.message)
    throw error
  }
}
