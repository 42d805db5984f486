/** The public port: the token endpoint, the API below `/services/data`, identities, and the event bus at `/cometd`. */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Call } from '../../calls/call.ts'
import { serveCall } from '../../calls/serve-call.ts'
import { serveBayeux } from '../events/bayeux.ts'
import { parseJson } from '../json.ts'
import { bulkDataBytesMax, requestBytesMax } from '../limits.ts'
import { notFound } from '../refusal.ts'
import type { SalesforceWorld } from '../world.ts'
import { versions } from './account.ts'
import type { Reply } from './endpoint.ts'
import { answerOf, salesforceFront } from './front.ts'
import { authorOf, dispatch } from './router.ts'
import { giveToken } from './token-endpoint.ts'

type Env = { Bindings: HttpBindings }

export function apiApp(world: SalesforceWorld): Hono<Env> {
  const app = new Hono<Env>()
  const front = salesforceFront(world)
  const serve =
    (
      open: boolean,
      work: (call: Call, client: string, origin: string) => Reply,
      bytesMax = requestBytesMax,
    ) =>
    (context: Context<Env>) => {
      const { origin } = new URL(context.req.url)
      return serveCall(world, front, context, {
        open,
        bytesMax,
        work: (call, client) => answerOf(world, work(call, client ?? '', origin), client !== null),
      })
    }
  const api = (call: Call, client: string) => dispatch(world, askedOf(call, client))

  app.post(
    '/services/oauth2/token',
    serve(true, (call, _, origin) => giveToken(world, call, origin)),
  )
  app.get('/services/data', serve(true, versions))
  app.get('/services/data/', serve(true, versions))
  app.get(
    '/id/:organization/:user',
    serve(false, (call, client, origin) => identity(call, client, origin)),
  )
  app.put('/services/data/:version/jobs/ingest/:job/batches', serve(false, api, bulkDataBytesMax))
  app.all('/services/data/*', serve(false, api))
  app.post('/cometd/:version', (context) => serveBayeux(world, context))
  app.all(
    '*',
    serve(true, () => {
      throw notFound()
    }),
  )
  return app
}

function askedOf(call: Call, client: string) {
  const text = () => new TextDecoder().decode(call.bytes)
  return {
    method: call.method,
    url: call.path,
    headers: call.headers,
    json: () => parseJson(text()),
    text,
    author: authorOf(client, call.headers, call.path),
  }
}

function identity({ path }: Call, client: string, origin: string): Reply {
  const [, , organizationId, userId] = path.split('?')[0]?.split('/') ?? []
  const body = {
    id: `${origin}/id/${organizationId}/${userId}`,
    user_id: userId,
    organization_id: organizationId,
    username: `${client}@example.com`,
    display_name: client,
  }
  return { status: 200, body }
}
