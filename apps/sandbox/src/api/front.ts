/** The CRM's side of a call's life: bearer tokens, a rate limit for each client, refusals as problem+json. */
import { type Call, problemAnswer } from '../calls/call.ts'
import type { Front } from '../calls/front.ts'
import { bearerOf } from '../calls/tokens.ts'
import { requestBytesMax } from '../limits.ts'
import { Problem } from '../problem.ts'
import type { World } from '../world.ts'
import { targetOf } from './fault-target.ts'

export function crmFront(world: World): Front {
  return {
    targetOf: (call) => targetOf(world, call),
    typeIn: (path) => {
      const name = /^\/v1\/([a-z0-9_]+)/.exec(path)?.[1]
      return name !== undefined && world.types.has(name) ? name : null
    },
    admit: (call, fault, open) => {
      if (call.tooLarge)
        throw new Problem('body-too-large', `more than ${requestBytesMax} bytes; send batches`)
      if (fault?.fault === 'expire-tokens') world.tokens.expireAll()
      if (open) return null
      const client = clientOf(world, call)
      world.limiter.take(client, fault?.fault === 'limits' ? fault : world.settings.rateLimit)
      return client
    },
    refusal: (error, call) => problemAnswer(problemOf(world, error), call.path),
    failed: (status) => ({
      headers: { 'content-type': 'application/problem+json' },
      body: JSON.stringify({ title: 'injected fault', status, code: 'injected-fault' }),
    }),
    recorded: (entry) => world.feed.publish('call', entry),
  }
}

/** @throws Problem invalid-token */
function clientOf(world: World, call: Call): string {
  const token = bearerOf(call.headers.get('authorization'))
  const client = token && world.tokens.clientOf(token)
  if (client) return client
  throw new Problem(
    'invalid-token',
    token ? 'the token has expired or was never given' : 'a bearer token is required',
    { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
  )
}

function problemOf(world: World, error: unknown): Problem {
  if (error instanceof Problem) return error
  world.log(error)
  return new Problem('internal', 'the sandbox failed; its log has the reason')
}
