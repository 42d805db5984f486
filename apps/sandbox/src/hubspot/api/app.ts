/** The public port: the token endpoint, and the API below `/crm`. */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Call } from '../../calls/call.ts'
import { serveCall } from '../../calls/serve-call.ts'
import { requestBytesMax } from '../limits.ts'
import type { HubSpotWorld } from '../world.ts'
import type { Reply } from './endpoint.ts'
import { answerOf, hubspotFront } from './front.ts'
import { dispatch } from './router.ts'
import { giveToken, tokenInfo } from './token-endpoint.ts'

type Env = { Bindings: HttpBindings }

export function hubspotApp(world: HubSpotWorld): Hono<Env> {
  const app = new Hono<Env>()
  const front = hubspotFront(world)
  const serve = (open: boolean, work: (call: Call, client: string) => Reply) => (context: Context<Env>) =>
    serveCall(world, front, context, {
      open,
      bytesMax: requestBytesMax,
      work: (call, client) => {
        const reply = work(call, client ?? '')
        return client === null ? answerOf(world, reply) : answerOf(world, reply, { client, call })
      },
    })
  const api = (call: Call, client: string) =>
    dispatch(world, {
      method: call.method,
      path: call.path,
      text: () => new TextDecoder().decode(call.bytes),
      author: { name: client, source: 'INTEGRATION' },
    })

  app.post(
    '/oauth/v1/token',
    serve(true, (call) => giveToken(world, call)),
  )
  app.get(
    '/oauth/v1/access-tokens/:token',
    serve(true, (call) => tokenInfo(world, call)),
  )
  app.all('*', serve(false, api))
  return app
}
