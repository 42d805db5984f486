/** Who is here, over a hub with real sockets (core's ephemeral/SPEC.md). */
import type { Presence } from '@skerry/core'
import { expect, test } from 'vitest'
import { join, openEdge, runHub } from './hub.test-support.ts'

const NORTH = 'region:north'
const north = { read: [NORTH], write: [] }

const shown = (presence: Presence) => presence.others().map(({ subject, value }) => `${subject} ${value}`)

/** Resolves when exactly these are shown; the test's time limit ends it otherwise. */
function untilShown(presence: Presence, ...expected: string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (shown(presence).sort().join() !== expected.join()) return
      stop()
      resolve()
    }
    const stop = presence.subscribe(look)
    look()
  })
}

test('PR-1, PR-3, PR-10: two edges see each other over the hub until they leave; who may not read the channel does not', async () => {
  const hub = await runHub()
  const [ana, ben, south] = [
    await openEdge(hub, 'tech:ana', north),
    await openEdge(hub, 'tech:ben', north),
    await openEdge(hub, 'tech:south', { read: ['region:south'] }),
  ]
  for (const { replica } of [ana, ben, south]) join(hub, replica)
  const [anas, bens] = [ana.replica.presence(NORTH), ben.replica.presence(NORTH)]
  anas.say('looks')
  bens.say('types')
  await untilShown(anas, 'tech:ben types')
  await untilShown(bens, 'tech:ana looks')
  await untilShown(hub.replica.presence(NORTH), 'tech:ana looks', 'tech:ben types')
  anas.say('types too')
  await untilShown(bens, 'tech:ana types too')
  anas.leave()
  await untilShown(bens)
  expect(shown(south.replica.presence(NORTH))).toEqual([])
  expect((await hub.replica.stats()).entries).toBe(0)
  const metrics = await (await fetch(`${hub.url}/metrics`)).text()
  expect(metrics).toMatch(/skerry_presences_in_total [4-9]/)
  expect(metrics).toMatch(/skerry_presences_out_total [4-9]/)
  expect(metrics).toContain('skerry_presences_dropped_total 0')
})

test('PR-16: who comes later is told who is here', async () => {
  const hub = await runHub()
  const [ana, ben] = [await openEdge(hub, 'tech:ana', north), await openEdge(hub, 'tech:ben', north)]
  join(hub, ana.replica)
  ana.replica.presence(NORTH).say('looks')
  await untilShown(hub.replica.presence(NORTH), 'tech:ana looks')
  join(hub, ben.replica)
  await untilShown(ben.replica.presence(NORTH), 'tech:ana looks')
})

test('PR-13: a device that is revoked is gone for everybody at once', async () => {
  const hub = await runHub()
  const [ana, ben] = [await openEdge(hub, 'tech:ana', north), await openEdge(hub, 'tech:ben', north)]
  join(hub, ana.replica)
  join(hub, ben.replica)
  ana.replica.presence(NORTH).say('looks')
  await untilShown(ben.replica.presence(NORTH), 'tech:ana looks')
  const { status } = await hub.asAdmin('DELETE', `/api/v1/credentials/${ana.hash}`)
  expect(status).toBe(204)
  await untilShown(ben.replica.presence(NORTH))
})
