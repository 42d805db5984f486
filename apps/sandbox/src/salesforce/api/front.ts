/** The organisation's side of a call's life: sessions, the daily limit, refusals as arrays. */
import type { Answer, Call } from '../../calls/call.ts'
import type { Front } from '../../calls/front.ts'
import { bearerOf } from '../../calls/tokens.ts'
import { Refusal } from '../refusal.ts'
import type { SalesforceWorld } from '../world.ts'
import type { Reply } from './endpoint.ts'
import { targetOf, typeInPath } from './fault-target.ts'
import { refusedReply } from './router.ts'

export function salesforceFront(world: SalesforceWorld): Front {
  return {
    targetOf: (call) => targetOf(world, call),
    typeIn: (path) => typeInPath(world, path),
    admit: (call, fault, open) => {
      if (call.tooLarge) throw new Refusal('REQUEST_TOO_LARGE', 'The request body is too large')
      if (fault?.fault === 'expire-tokens') world.sessions.expireAll()
      if (open) return null
      const { clientId } = sessionOf(world, call)
      world.quota.take(fault?.fault === 'limits' ? fault.calls : undefined)
      return clientId
    },
    refusal: (error) => answerOf(world, refusedReply(world, error)),
    failed: (status) => ({
      headers: { 'content-type': 'application/json;charset=UTF-8', date: dateOf(world) },
      body: JSON.stringify([
        { message: 'Injected fault', errorCode: status === 503 ? 'SERVER_UNAVAILABLE' : 'UNKNOWN_EXCEPTION' },
      ]),
    }),
  }
}

/** @throws Refusal INVALID_SESSION_ID */
function sessionOf(world: SalesforceWorld, call: Call) {
  const token = bearerOf(call.headers.get('authorization'), 'Bearer|OAuth')
  const session = token === undefined ? undefined : world.sessions.userOf(token)
  if (session) return session
  throw new Refusal('INVALID_SESSION_ID', 'Session expired or invalid')
}

/** As it goes out, with what every answer of the API says: the time, and what is left of the daily limit. */
export function answerOf(world: SalesforceWorld, reply: Reply, isCounted = true): Answer {
  const { status, headers, body, text, operations = [] } = reply
  return {
    status,
    headers: {
      'content-type': text === undefined ? 'application/json;charset=UTF-8' : 'text/csv',
      date: dateOf(world),
      ...(isCounted && { 'sforce-limit-info': world.quota.limitInfo }),
      ...headers,
    },
    body: text ?? (body === undefined ? '' : JSON.stringify(body)),
    operations: [...operations],
  }
}

function dateOf(world: SalesforceWorld): string {
  return new Date(world.clock.now()).toUTCString()
}
