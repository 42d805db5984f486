/** The routes of the CRM's API. Every call, known or not, goes through `serveCall`. */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { serveCall } from '../calls/serve-call.ts'
import { requestBytesMax } from '../limits.ts'
import { Problem } from '../problem.ts'
import type { World } from '../world.ts'
import { issueToken, listWebhooks, registerWebhook, removeWebhook } from './account-endpoints.ts'
import type { Endpoint } from './endpoint.ts'
import { crmFront } from './front.ts'
import { listRows, readByExternalId, readById } from './read-endpoints.ts'
import { createRow, deleteRow, patchRow, runBatch, upsertRow } from './write-endpoints.ts'

type Env = { Bindings: HttpBindings }

const noSuchRoute: Endpoint = ({ call }) => {
  throw new Problem('not-found', `${call.method} ${call.path} is no address of this API`)
}

export function apiRoutes(world: World): Hono<Env> {
  const app = new Hono<Env>()
  const front = crmFront(world)
  const serve =
    (endpoint: Endpoint, open = false) =>
    (context: Context<Env>) => {
      const param = (name: string) => context.req.param(name) ?? ''
      return serveCall(world, front, context, {
        open,
        bytesMax: requestBytesMax,
        work: (call, client) => endpoint({ world, call, client: client ?? '', param }),
      })
    }

  app.post('/oauth/token', serve(issueToken, true))
  app.get('/v1/webhooks', serve(listWebhooks))
  app.post('/v1/webhooks', serve(registerWebhook))
  app.delete('/v1/webhooks/:id', serve(removeWebhook))
  app.post('/v1/batch', serve(runBatch))
  app.get('/v1/:type', serve(listRows))
  app.post('/v1/:type', serve(createRow))
  app.get('/v1/:type/by-external-id/:externalId', serve(readByExternalId))
  app.put('/v1/:type/by-external-id/:externalId', serve(upsertRow))
  app.get('/v1/:type/:id', serve(readById))
  app.patch('/v1/:type/:id', serve(patchRow))
  app.delete('/v1/:type/:id', serve(deleteRow))
  app.all('*', serve(noSuchRoute, true))
  return app
}
