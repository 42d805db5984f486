/** Bayeux over long polling, as `/cometd/NN.0` speaks it: the messages, and the very words of its refusals. */

import { randomBytes } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { cutSocket, goneSignal } from '../../calls/answering.ts'
import { bearerOf } from '../../calls/tokens.ts'
import type { SalesforceWorld } from '../world.ts'
import { type BusClient, InvalidReplayId } from './event-bus.ts'

type HttpContext = Context<{ Bindings: HttpBindings }>

type Message = {
  channel?: string
  id?: string
  clientId?: string
  subscription?: string | string[]
  ext?: { replay?: Record<string, number> }
}
type Reply = Record<string, unknown>

/** A client has a session at one machine of many; the cookie leads back to it. */
const cookieName = 'BAYEUX_BROWSER'

const retry = { reconnect: 'retry', interval: 0, timeout: 110_000 }

export async function serveBayeux(world: SalesforceWorld, context: HttpContext): Promise<Response> {
  const { method, url } = context.req.raw
  const target = { method, path: new URL(url).pathname, subjects: [] }
  const fault = world.faults.take(['drop-before-commit', 'commit-then-lose-answer'], target)
  if (fault?.fault === 'drop-before-commit') return cutSocket(context)
  const given: unknown = await context.req.json().catch(() => undefined)
  if (given === undefined) return context.json([{ error: '400::Message is no JSON', successful: false }], 400)
  const token = bearerOf(context.req.header('authorization') ?? null, 'Bearer|OAuth')
  const isKnown = token !== undefined && world.sessions.userOf(token) !== undefined
  const gone = AbortSignal.any([goneSignal(context), world.closing.signal])
  const brought = getCookie(context, cookieName)
  const browser = brought ?? randomBytes(14).toString('hex')
  const caller = { isKnown, isNamed: token !== undefined, browser }
  const replies: Reply[] = []
  for (const message of [given].flat() as Message[])
    replies.push(...(await replyTo(world, message, caller, gone)))
  if (brought === undefined) setCookie(context, cookieName, browser, { httpOnly: true })
  return fault ? cutSocket(context) : context.json(replies)
}

type Caller = { isKnown: boolean; isNamed: boolean; browser: string }

async function replyTo(
  world: SalesforceWorld,
  message: Message,
  caller: Caller,
  gone: AbortSignal,
): Promise<Reply[]> {
  const { channel, id } = message
  const about: Reply = { channel, ...(id !== undefined && { id }) }
  const failure = caller.isNamed ? '401::Authentication invalid' : '401::Request requires authentication'
  if (channel === '/meta/handshake')
    return [caller.isKnown ? greeted(world, about, caller) : denied(about, failure)]
  const client = world.bus.known(message.clientId ?? '')
  if (!client)
    return [
      {
        ...about,
        successful: false,
        error: '403::Unknown client',
        advice: { reconnect: 'handshake', interval: 0 },
      },
    ]
  const named = { ...about, clientId: client.id }
  if (!caller.isKnown)
    return [{ ...named, successful: false, error: failure, advice: { reconnect: 'none', interval: 0 } }]
  if (client.browser !== caller.browser) {
    const error = `400::Client ${client.id} has established a session, but no ${cookieName} cookie present`
    return [{ ...named, successful: false, error }]
  }
  switch (channel) {
    case '/meta/connect':
      return connected(world, client, named, gone)
    case '/meta/subscribe':
      return [message.subscription ?? []]
        .flat()
        .map((name) => subscribed(world, client, named, name, message))
    case '/meta/unsubscribe':
      for (const name of [message.subscription ?? []].flat()) client.subscriptions.delete(name)
      return [{ ...named, successful: true, subscription: message.subscription }]
    case '/meta/disconnect':
      world.bus.dismiss(client.id)
      return [{ ...named, successful: true }]
    default:
      return [{ ...named, successful: false, error: `400::The channel ${channel} cannot be published to` }]
  }
}

function greeted(world: SalesforceWorld, about: Reply, { browser }: Caller): Reply {
  const client = world.bus.greet(browser)
  if (!client)
    return {
      ...about,
      successful: false,
      error: '403::Organization concurrent user limit exceeded',
      advice: { reconnect: 'none' },
    }
  return {
    ...about,
    clientId: client.id,
    successful: true,
    version: '1.0',
    minimumVersion: '1.0',
    supportedConnectionTypes: ['long-polling'],
    ext: { replay: true, 'payload.format': true },
    advice: retry,
  }
}

function denied(about: Reply, failureReason: string): Reply {
  return {
    ...about,
    successful: false,
    error: '403::Handshake denied',
    ext: { sfdc: { failureReason }, replay: true },
    advice: { reconnect: 'none' },
  }
}

/** Answered as soon as there is an event, or when the poll has lasted long enough. */
async function connected(
  world: SalesforceWorld,
  client: BusClient,
  named: Reply,
  gone: AbortSignal,
): Promise<Reply[]> {
  let events = world.bus.take(client)
  if (events.length === 0 && client.greeted) {
    await world.bus.wait(client, world.settings.longPollMs, gone)
    // What nobody is there to hear stays to be told.
    events = gone.aborted ? [] : world.bus.take(client)
  }
  client.greeted = true
  const told = events.map(({ channel, event }) => ({
    channel,
    data: {
      schema: `schema-of-${event.type}`,
      payload: { ChangeEventHeader: event.header, ...event.fields },
      event: { replayId: event.replayId },
    },
  }))
  return [...told, { ...named, successful: true, advice: retry }]
}

function subscribed(
  world: SalesforceWorld,
  client: BusClient,
  named: Reply,
  subscription: string,
  { ext }: Message,
): Reply {
  const about = { ...named, subscription }
  const types = typesOf(world, subscription)
  if (types === false)
    return {
      ...about,
      successful: false,
      error: `400::The channel you requested to subscribe to does not exist {${subscription}}`,
    }
  const replayId = ext?.replay?.[subscription] ?? -1
  try {
    world.bus.subscribe(client, subscription, types, replayId)
    client.wake?.()
    return { ...about, successful: true }
  } catch (error) {
    if (!(error instanceof InvalidReplayId)) throw error
    return {
      ...about,
      successful: false,
      error: `400::The replayId {${replayId}} you provided was invalid. Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`,
    }
  }
}

/** The types that a channel tells of: undefined for all, false for no channel at all. */
function typesOf(world: SalesforceWorld, channel: string): ReadonlySet<string> | undefined | false {
  if (channel === '/data/ChangeEvents') return undefined
  const [, name = ''] = /^\/data\/(\w+)ChangeEvent$/.exec(channel) ?? []
  const type = [...world.types.keys()].find((one) => one.replace(/__c$/, '__') === name)
  return type === undefined ? false : new Set([type])
}
