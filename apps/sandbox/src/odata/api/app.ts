/** The public port: the token endpoint, and the service at its root. */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Call } from '../../calls/call.ts'
import { serveCall } from '../../calls/serve-call.ts'
import { requestBytesMax } from '../limits.ts'
import { Refusal } from '../refusal.ts'
import type { ODataWorld } from '../world.ts'
import type { Reply } from './endpoint.ts'
import { answerOf, odataFront } from './front.ts'
import { dispatch } from './router.ts'
import { giveToken } from './token-endpoint.ts'

type Env = { Bindings: HttpBindings }

export function apiApp(world: ODataWorld): Hono<Env> {
  const app = new Hono<Env>()
  const front = odataFront(world)
  const { root } = world.profile
  const serve =
    (open: boolean, work: (call: Call, client: string, origin: string) => Reply) =>
    (context: Context<Env>) => {
      const { origin } = new URL(context.req.url)
      return serveCall(world, front, context, {
        open,
        bytesMax: requestBytesMax,
        work: (call, client) => answerOf(world, call, work(call, client ?? '', origin), client),
      })
    }
  const service = serve(false, (call, _, origin) =>
    dispatch(world, {
      method: call.method,
      path: call.path.slice(root.length),
      headers: call.headers,
      text: new TextDecoder().decode(call.bytes),
      origin,
    }),
  )
  app.post(
    '/oauth2/token',
    serve(true, (call) => giveToken(world, call)),
  )
  app.all(root, service)
  app.all(`${root}/*`, service)
  app.all(
    '*',
    serve(true, () => {
      throw new Refusal('no-such-set', 'There is no service at this address.')
    }),
  )
  return app
}
