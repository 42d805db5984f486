/** Real replicas and sessions over real sockets. */
import type { Session } from '@skerry/core'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { FaultProxy } from '../test/fault-proxy.ts'
import { phase } from '../test/peers.ts'
import { CREDENTIAL_LIFE_MS, Replicas, type TestReplica, untilNotes } from '../test/replicas.ts'
import { seeded } from '../test/seeded.ts'
import { connect } from './connect.ts'
import { connect as connectFromBrowser } from './connect-browser.ts'
import { AUDIT_MS } from './limits.ts'
import type { Link } from './link.ts'
import { listen } from './listen.ts'

/** Notes of each side, far above what 12 cuts take: the test fails here instead of writing for ever. */
const WRITTEN_MAX = 2_000
const cleanup: Array<() => Promise<unknown>> = []

afterEach(async () => {
  for (const step of cleanup.splice(0).reverse()) await step()
})

async function peers(seed = 1) {
  const replicas = await Replicas.start(seed)
  const hub = await replicas.enrolled('hub')
  cleanup.push(() => hub.close())
  const listener = await listen(hub, { port: 0 })
  cleanup.push(() => listener.close(0))
  const proxy = await FaultProxy.start(listener.port)
  cleanup.push(() => proxy.close())
  return { replicas, clock: replicas.world.clock, hub, listener, proxy }
}

async function joined(replicas: Replicas, url: string, dial: typeof connect = connect) {
  const edge = await replicas.enrolled('edge')
  cleanup.push(() => edge.close())
  const link = dial(edge, url)
  cleanup.push(() => link.close())
  return { edge, link }
}

function inStep(link: Link<Session>): Promise<void> {
  return new Promise((resolve) => {
    const { session } = link
    if (!session) throw new Error('no session')
    const look = (): void => {
      if (!session.current) return
      stop()
      resolve()
    }
    const stop = session.onChange(look)
    look()
  })
}

async function renewed(replicas: Replicas, edge: TestReplica, link: Link<Session>) {
  const token = await replicas.token(edge.publicKey, 'edge')
  const credential = await edge.setCredential(token)
  link.renew(token)
  return credential
}

async function titles(replica: TestReplica): Promise<string[]> {
  return (await replica.notes.all()).map(({ title }) => title).sort()
}

describe.each([
  ['Node', connect],
  ['a browser', connectFromBrowser as typeof connect],
])('a link from %s', (_name, dial) => {
  it('carries edits both ways', async () => {
    const { replicas, hub, proxy } = await peers()
    const { edge, link } = await joined(replicas, proxy.url(), dial)
    await link.opened()
    await hub.notes.create({ title: 'from the hub' })
    await edge.notes.create({ title: 'from the edge' })
    await Promise.all([untilNotes(hub, 2), untilNotes(edge, 2)])
    await inStep(link)
    expect(await titles(edge)).toEqual(['from the edge', 'from the hub'])
    expect(await titles(hub)).toEqual(await titles(edge))
    expect(link.session?.peer?.credential.subject).toBe('hub')
  })

  it('carries an entry of half a MiB, far above what a stranger may send', async () => {
    const { replicas, hub, proxy } = await peers()
    const { edge, link } = await joined(replicas, proxy.url(), dial)
    await link.opened()
    const random = seeded(9)
    const body = Array.from({ length: 512 * 1024 }, () =>
      String.fromCharCode(97 + Math.floor(random() * 26)),
    ).join('')
    const { id } = await edge.notes.create({ title: 'long', body })
    await untilNotes(hub, 1)
    expect((await hub.notes.get(id))?.body).toBe(body)
  })
})

it('a session that lasts audits by itself', async () => {
  const { replicas, proxy } = await peers()
  const edge = await replicas.enrolled('edge')
  cleanup.push(() => edge.close())
  const timer = vi.spyOn(edge.session.host, 'timer')
  const link = connect(edge, proxy.url())
  cleanup.push(() => link.close())
  await phase(link, 'open')
  await inStep(link)
  const [, audit] = timer.mock.calls.find(([delayMs]) => delayMs === AUDIT_MS)!
  audit()
  await expect.poll(() => link.session!.counters.audits).toBe(1)
  expect(link.session!.counters.diverged).toBe(0)
})

describe('bad lines', () => {
  it.each([1, 2, 3, 4])(
    'fault N3: seed %i: nothing is lost, whatever byte the line is cut at',
    async (seed) => {
      const random = seeded(seed)
      const { replicas, clock, hub, proxy } = await peers(seed)
      // A handshake is some 2 KiB, so that some cuts fall into it and some into what follows.
      const cut = (): void => {
        const direction = random() < 0.5 ? 'up' : 'down'
        proxy.faults = { resetAfterBytes: { direction, bytes: Math.floor(random() * 8_000) } }
      }
      cut()
      const { edge, link } = await joined(replicas, proxy.url())
      let ends = 0
      link.subscribe(({ phase: now, retryAt }) => {
        if (now !== 'waiting' || retryAt === undefined) return
        ends += 1
        cut()
        setImmediate(() => clock.advance(retryAt - clock.nowMs))
      })
      let written = 0
      for (; ends < 12; written++) {
        expect(written).toBeLessThan(WRITTEN_MAX)
        await edge.notes.create({ title: `edge ${written}` })
        await hub.notes.create({ title: `hub ${written}` })
        // Stores in memory are done in microtasks: without a turn of the event loop no socket is ever read.
        await new Promise((resolve) => setImmediate(resolve))
      }
      proxy.faults = {}
      proxy.resetAll()
      await Promise.all([untilNotes(hub, 2 * written), untilNotes(edge, 2 * written)])
      expect(await titles(hub)).toEqual(await titles(edge))
    },
  )

  it('fault N4: a vanished hub: edits wait, and arrive when it is back', async () => {
    const { replicas, clock, hub, proxy } = await peers()
    const { edge, link } = await joined(replicas, proxy.url())
    await link.opened()
    proxy.swallow('up')
    proxy.swallow('down')
    await edge.notes.create({ title: 'offline' })
    clock.advance(60_000)
    const { retryAt } = await phase(link, 'waiting')
    proxy.heal()
    clock.advance((retryAt ?? 0) - clock.nowMs)
    await untilNotes(hub, 1)
  })
})

describe('ends', () => {
  it('R5 L5 without a credential the link is blocked, until there is one', async () => {
    const { replicas, proxy } = await peers()
    const edge = await replicas.open('edge')
    cleanup.push(() => edge.close())
    const link = connect(edge, proxy.url())
    cleanup.push(() => link.close())
    await expect(link.opened()).rejects.toMatchObject({ code: 'credential-refused' })
    expect(link.state).toMatchObject({ phase: 'blocked', lastError: { closeCode: 4401 } })
    await renewed(replicas, edge, link)
    await link.opened()
  })

  it('L5 a newer credential is shown in the open session', async () => {
    const { replicas, listener, proxy } = await peers()
    const { edge, link } = await joined(replicas, proxy.url())
    await link.opened()
    const { hash } = await renewed(replicas, edge, link)
    const [accepted] = listener.sessions
    await new Promise<void>((resolve) =>
      accepted?.onChange(() => accepted.peer?.credential.hash === hash && resolve()),
    )
    expect(link.state.phase).toBe('open')
  })

  it('R5 L5 a credential that ran out blocks the link, until it is renewed', async () => {
    const { replicas, clock, proxy } = await peers()
    const { edge, link } = await joined(replicas, proxy.url())
    await link.opened()
    clock.advance(CREDENTIAL_LIFE_MS)
    link.subscribe(({ phase: now, retryAt }) => {
      if (now === 'waiting') setImmediate(() => clock.advance((retryAt ?? 0) - clock.nowMs))
    })
    const { retryAt } = await phase(link, 'waiting')
    clock.advance((retryAt ?? 0) - clock.nowMs)
    expect((await phase(link, 'blocked')).lastError?.code).toBe('credential-refused')
    await renewed(replicas, edge, link)
    await phase(link, 'open')
  })

  it('A4 a listener that closes says so, and the link comes back', async () => {
    const { replicas, hub, listener, clock } = await peers()
    const { link } = await joined(replicas, listener.url)
    await link.opened()
    const waiting = phase(link, 'waiting')
    await listener.close()
    const { lastError, retryAt } = await waiting
    expect(lastError).toMatchObject({ code: 'session-ended', closeCode: 4503 })
    expect(listener.sessions.size).toBe(0)
    const again = await listen(hub, { port: listener.port })
    cleanup.push(() => again.close(0))
    clock.advance((retryAt ?? 0) - clock.nowMs)
    await phase(link, 'open')
  })

  it('L4 closing the link ends the session on both sides', async () => {
    const { replicas, listener, clock } = await peers()
    const { link } = await joined(replicas, listener.url)
    await link.opened()
    const [accepted] = listener.sessions
    await link.close()
    expect(await accepted?.closed).toMatchObject({ code: 1000 })
    await listener.close(0)
    expect(clock.timers).toBe(0)
  })
})
