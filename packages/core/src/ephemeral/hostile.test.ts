/** What no honest peer would say: nothing of it is shown, grows without bound, or ends more than its own session. */
import { describe, expect, it } from 'vitest'
import { accepted } from '../session/by-hand.test-support.ts'
import {
  type ControlName,
  decodeMessage,
  encodeMessage,
  messageName,
  messageTypes,
} from '../session/messages.ts'
import { scene as replicas } from '../session/pair.test-support.ts'
import { ProtocolError } from '../session/port.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import * as limit from './limits.ts'
import type { PresenceMessage } from './port.ts'
import { Presence } from './presence.ts'
import { present, Scene, turn } from './presences.test-support.ts'

const FUZZED = 6_000

function decoded(bytes: Uint8Array): PresenceMessage | undefined {
  try {
    return decodeMessage(messageName(bytes) as ControlName, bytes, '') as PresenceMessage
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

describe('hostile peers', () => {
  it('mutated and random messages show nothing, fill nothing, and leave everything in order', async () => {
    const random = new SeededRandom(20260101)
    const scene = await Scene.open()
    const [ana, mallory] = [await scene.somebody('ana'), await scene.somebody('mallory')]
    scene.kept.set(ana.credential.hash, ana.credential)
    const { link, sent } = scene.join(mallory)
    const models: PresenceMessage[] = [
      { type: 'presence', ...(await scene.says(ana, { at: 'pump' })) },
      { type: 'presence', ...(await scene.says(ana, undefined)) },
      { type: 'who', credential: ana.credential.hash },
      // What the authority of a test has sealed stays sealed when it is mutated: real tokens do not.
      { type: 'author', token: `forged ${ana.credential.token}` },
    ]
    let taken = 0
    for (let n = 0; n < FUZZED; n++) {
      const bytes = encodeMessage(random.pick(models))
      for (let times = 1 + random.below(3); times > 0; times--)
        bytes[1 + random.below(bytes.length - 1)] = random.below(256)
      const message = decoded(bytes)
      if (message === undefined) continue
      taken += 1
      link.take(message)
      if (n % limit.CHECKS_MAX === 0) await turn()
    }
    await scene.pass(limit.PACE_MS)
    expect(taken).toBeGreaterThan(FUZZED / 4)
    expect(scene.failures).toEqual([])
    expect(scene.presences.checks).toBe(0)
    // What was changed in hops and age alone is still what she said.
    for (const [subject, value] of scene.others()) expect([subject, value]).toEqual(['ana', { at: 'pump' }])
    expect(scene.presences.size.slots).toBeLessThanOrEqual(1)
    expect(sent.every(({ type }) => type === 'who' || type === 'author')).toBe(true)
    await scene.join(ana).hear(await scene.says(ana, 'still heard'))
    expect(scene.others()).toEqual([['ana', 'still heard']])
  })

  it('PR-19: a flood is dropped, and ends nothing', async () => {
    const { hub, edge } = await replicas()
    const { presences, failures } = present(hub)
    const { hand, session, link } = await accepted(hub, edge)
    const said = {
      type: 'presence' as const,
      kind: 'here' as const,
      hops: limit.HOPS_MAX,
      ageMs: 0,
      channel: 'a',
      credential: edge.credential!.hash,
      instance: '01'.repeat(16),
      value: Uint8Array.of(0x31),
      signature: new Uint8Array(64),
    }
    const FLOOD = 3 * limit.ARRIVALS_MAX
    for (let counter = 1; counter <= FLOOD; counter++) hand.send(encodeMessage({ ...said, counter }))
    link.flush()
    await turn()
    expect(session.state).toBe('open')
    expect(session.counters).toMatchObject({
      presencesIn: FLOOD,
      presencesDropped: FLOOD - limit.ARRIVALS_MAX,
    })
    expect(Object.fromEntries(presences.dropped)).toEqual({ 'too-many': FLOOD - limit.ARRIVALS_MAX })
    expect(new Presence('a', presences).others()).toMatchObject([{ subject: 'edge', value: 1 }])
    expect(failures).toEqual([])
  })

  it('malformed bytes end their session, as anywhere', async () => {
    const { hub, edge } = await replicas()
    present(hub)
    const { sayBytes, session } = await accepted(hub, edge)
    await sayBytes(Uint8Array.of(messageTypes.presence, 9))
    expect(session.state).toBe('closed')
    expect((await session.closed).code).toBe(4400)
  })

  it('PR-22: a side that takes no part answers the first with HUSH, and says nothing else to any', async () => {
    const { hub, edge } = await replicas()
    const { hand, sayBytes, session } = await accepted(hub, edge)
    const before = hand.received.length
    for (const message of [
      Uint8Array.of(messageTypes.presence, 9),
      Uint8Array.of(messageTypes.presence, 9),
      encodeMessage({ type: 'who', credential: '0'.repeat(64) }),
      encodeMessage({ type: 'author', token: 'x' }),
      encodeMessage({ type: 'hush' }),
    ])
      await sayBytes(message)
    expect(hand.names().slice(before)).toEqual(['hush'])
    expect(session.state).toBe('open')
  })
})
