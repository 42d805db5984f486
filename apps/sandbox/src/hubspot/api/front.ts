/** The account's side of a call's life: tokens, limits, refusals with a correlation id. */
import { randomUUID } from 'node:crypto'
import type { Answer, Call } from '../../calls/call.ts'
import type { Front } from '../../calls/front.ts'
import { bearerOf } from '../../calls/tokens.ts'
import { Refusal } from '../refusal.ts'
import type { HubSpotWorld } from '../world.ts'
import type { Reply } from './endpoint.ts'
import { targetOf, typeInPath } from './fault-target.ts'
import { ToldRefusal } from './told-refusal.ts'

export function hubspotFront(world: HubSpotWorld): Front {
  return {
    targetOf: (call) => targetOf(world, call),
    typeIn: (path) => typeInPath(world, path),
    admit: (call, fault, open) => {
      if (call.tooLarge) throw new Refusal('VALIDATION_ERROR', 'The request body is too large')
      if (fault?.fault === 'expire-tokens') world.tokens.expireAll()
      if (open) return null
      const app = world.apps.appOf(bearerOf(call.headers.get('authorization')))
      const burst = fault?.fault === 'limits' ? { calls: fault.calls, windowMs: fault.windowMs } : undefined
      world.limiter.take(app, isSearch(call), burst)
      return app.name
    },
    refusal: (error) => answerOf(world, refusedReply(world, error)),
    failed: () => ({ headers: headersOf(world), body: JSON.stringify(injected().body(randomUUID())) }),
  }
}

/** As it goes out, with what is left of the limits. */
export function answerOf(
  world: HubSpotWorld,
  reply: Reply,
  counted?: { client: string; call: Call },
): Answer {
  const { status, body, operations = [] } = reply
  const told = counted && world.limiter.headers(world.apps.named(counted.client), isSearch(counted.call))
  return {
    status,
    headers: { ...headersOf(world), ...told },
    body: body === undefined ? '' : JSON.stringify(body),
    operations: [...operations],
  }
}

function refusedReply(world: HubSpotWorld, error: unknown): Reply {
  if (error instanceof ToldRefusal)
    return { ...refusedReply(world, error.refusal), operations: error.operations }
  if (error instanceof Refusal) return { status: error.status, body: error.body(randomUUID()) }
  world.log(error)
  return refusedReply(world, new Refusal('INTERNAL_ERROR', 'internal error'))
}

function injected(): Refusal {
  return new Refusal('INTERNAL_ERROR', 'Injected fault')
}

function isSearch({ path }: Call): boolean {
  return /\/search(\?|$)/.test(path)
}

function headersOf(world: HubSpotWorld): Record<string, string> {
  return {
    'content-type': 'application/json;charset=utf-8',
    date: new Date(world.clock.now()).toUTCString(),
    'x-hubspot-correlation-id': randomUUID(),
  }
}
