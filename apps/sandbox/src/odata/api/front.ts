/** The service's side of a call's life: who is let in, the window of requests, sessions against forgery, refusals as OData tells them. */
import type { Answer, Call } from '../../calls/call.ts'
import type { Front } from '../../calls/front.ts'
import { bearerOf } from '../../calls/tokens.ts'
import type { RateLimit } from '../../settings.ts'
import { impatienceMs, impatienceMsMax } from '../limits.ts'
import { Refusal } from '../refusal.ts'
import type { ODataWorld } from '../world.ts'
import { isExact, type Reply } from './endpoint.ts'
import { setIn, targetOf } from './fault-target.ts'
import { refusedReply } from './router.ts'

export function odataFront(world: ODataWorld): Front {
  return {
    targetOf: (call) => targetOf(world, call),
    typeIn: (path) => setIn(world, path),
    admit: (call, fault, open) => {
      if (call.tooLarge) throw new Refusal('bad-request', 'The request is too large.')
      if (fault?.fault === 'expire-tokens') endSessions(world)
      if (open) return null
      const client = clientOf(world, call)
      throttle(world, client, fault?.fault === 'limits' ? fault : undefined)
      const isChange = call.method !== 'GET' && call.method !== 'HEAD'
      if (world.profile.csrf && isChange && !world.sessions.holds(client, call.headers))
        throw new Refusal('csrf-missing', 'CSRF token validation failed', {
          headers: { 'x-csrf-token': 'Required' },
        })
      return client
    },
    refusal: (error, call) => answerOf(world, call, refusedReply(world, error), null),
    failed: (status) => ({
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ error: { code: String(status), message: 'Injected fault' } }),
    }),
  }
}

/** @returns how many tokens and sessions there were */
export function endSessions(world: ODataWorld): number {
  return world.tokens.expireAll() + world.sessions.endAll()
}

/** @throws Refusal token-missing */
function clientOf(world: ODataWorld, { headers }: Call): string {
  const { settings, tokens, profile } = world
  const authorization = headers.get('authorization')
  const token = bearerOf(authorization)
  const client = token === undefined ? undefined : tokens.clientOf(token)
  if (client !== undefined && !settings.lockedOut) return client
  const [user, password] = basicOf(authorization)
  if (profile.basic && !settings.lockedOut && tokens.isSecretOf(user, password)) return user
  const schemes = profile.basic ? 'Basic realm="service"' : 'Bearer error="invalid_token"'
  throw new Refusal('token-missing', 'Authentication is required, or has ended.', {
    headers: { 'www-authenticate': schemes },
  })
}

function basicOf(authorization: string | null): [user: string, password: string] {
  const [, pair = ''] = /^Basic +([\w+/=]+)$/i.exec(authorization ?? '') ?? []
  const text = Buffer.from(pair, 'base64').toString()
  const at = text.indexOf(':')
  return [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
}

/** @param injected another limit, for one call @throws Refusal throttled, with a wait that grows with every call that does not wait */
function throttle(world: ODataWorld, client: string, injected: RateLimit | undefined): void {
  const limit = injected ?? world.settings.rateLimit
  const waitMs = world.limiter.take(client, limit)
  if (waitMs === undefined) {
    world.impatience.delete(client)
    return
  }
  const refused = world.impatience.get(client) ?? 0
  if (!injected) world.impatience.set(client, refused + 1)
  const longer = Math.min(impatienceMsMax, refused * impatienceMs)
  const seconds = Math.ceil(limit.windowMs / 1_000)
  throw new Refusal(
    'throttled',
    `Number of requests exceeded the limit of ${limit.calls} over time window of ${seconds} seconds.`,
    { headers: { 'retry-after': String(Math.max(1, Math.ceil((waitMs + longer) / 1_000))) } },
  )
}

/** As it goes out, with what every answer says. */
export function answerOf(world: ODataWorld, call: Call, reply: Reply, client: string | null): Answer {
  const { status, headers, body, text, operations = [] } = reply
  const exact = isExact(call.headers.get('accept')) ? ';IEEE754Compatible=true' : ''
  return {
    status,
    headers: {
      'content-type': `application/json;odata.metadata=minimal${exact}`,
      'odata-version': '4.0',
      date: new Date(world.clock.now()).toUTCString(),
      ...(client !== null && limitsLeft(world, client)),
      ...(client !== null && wantsSession(world, call) && world.sessions.begin(client)),
      ...headers,
    },
    body: text ?? (body === undefined ? '' : JSON.stringify(body)),
    operations: [...operations],
  }
}

function wantsSession({ profile }: ODataWorld, { headers }: Call): boolean {
  return profile.csrf && /^fetch$/i.test(headers.get('x-csrf-token') ?? '')
}

/** For looking at, the documentation says, and not for steering by. */
function limitsLeft({ profile, limiter, settings }: ODataWorld, client: string): Record<string, string> {
  if (profile.name !== 'dataverse') return {}
  const { calls, windowMs } = settings.rateLimit
  return {
    'x-ms-ratelimit-burst-remaining-xrm-requests': String(
      Math.max(0, calls - limiter.used(client, windowMs)),
    ),
    'x-ms-ratelimit-time-remaining-xrm-requests': '1,200.00',
  }
}
