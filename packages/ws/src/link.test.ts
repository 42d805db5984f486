import { describe, expect, it } from 'vitest'
import { FakeDial, FakeSession } from '../test/fake-dial.ts'
import { ManualHost } from '../test/hosts.ts'
import { REFUSED_RETRY_MS, RETRY_MS_BASE, RETRY_MS_MAX, STABLE_MS } from './limits.ts'
import { startLink } from './link.ts'
import { LinkError } from './link-error.ts'

const refused = new LinkError('connection-refused', 'nobody there')

function linked(seed = 1) {
  const host = new ManualHost(seed)
  const dialler = new FakeDial()
  const sessions: FakeSession[] = []
  const link = startLink({
    url: 'ws://hub/sync',
    host,
    dial: dialler.dial,
    startSession: () => {
      const session = new FakeSession()
      sessions.push(session)
      return session
    },
  })
  const phases: string[] = [link.state.phase]
  link.subscribe((state) => phases.push(state.phase))
  const newest = (): FakeSession => {
    const session = sessions.at(-1)
    if (!session) throw new Error('no session yet')
    return session
  }
  /** Milliseconds until the next attempt; runs up to it. */
  const wait = (): number => {
    const from = host.now()
    const { attempts } = dialler
    while (dialler.attempts === attempts) host.advance(1)
    return host.now() - from
  }
  return { host, dialler, sessions, link, phases, newest, wait }
}

describe('link', () => {
  it('L1 goes through its phases, and tells why it is not open', async () => {
    const { link, dialler, newest, phases, host } = linked()
    expect(link.state).toEqual({
      phase: 'connecting',
      lastError: undefined,
      retryAt: undefined,
      lastContactAt: undefined,
    })
    dialler.fail(refused)
    const waiting = link.state
    expect(waiting).toMatchObject({ phase: 'waiting', lastError: refused })
    host.advance((waiting.retryAt ?? 0) - host.now())
    dialler.succeed()
    newest().open()
    expect(link.state).toEqual({ phase: 'open', lastError: undefined, retryAt: undefined, lastContactAt: 5 })
    await newest().end(1006, true)
    expect(link.state).toMatchObject({
      phase: 'waiting',
      lastError: { code: 'session-ended' },
      lastContactAt: 5,
    })
    expect(phases).toEqual(['connecting', 'waiting', 'connecting', 'handshake', 'open', 'waiting'])
  })

  it('R1 waits grow up to the ceiling and differ from device to device', () => {
    const { dialler, wait } = linked(4)
    const other = linked(5)
    const waits: number[] = []
    const waitsOther: number[] = []
    for (let attempt = 0; attempt < 12; attempt++) {
      dialler.fail(refused)
      waits.push(wait())
      other.dialler.fail(refused)
      waitsOther.push(other.wait())
    }
    waits.forEach((ms, attempt) => {
      expect(ms).toBeLessThanOrEqual(Math.max(1, Math.min(RETRY_MS_MAX, RETRY_MS_BASE * 2 ** attempt)))
    })
    expect(Math.max(...waits)).toBeGreaterThan(RETRY_MS_MAX / 3)
    expect(waits).not.toEqual(waitsOther)
  })

  it('R2 a session open for STABLE_MS makes waits small again, a shorter one does not', async () => {
    const { dialler, wait, newest, host, link } = linked()
    const openFor = async (ms: number): Promise<number> => {
      dialler.succeed()
      newest().open()
      host.advance(ms)
      await newest().end(1006, true)
      return (link.state.retryAt ?? 0) - host.now()
    }
    expect(await openFor(STABLE_MS)).toBeLessThanOrEqual(RETRY_MS_BASE)
    const waits: number[] = []
    for (let round = 0; round < 12; round++) {
      wait()
      waits.push(await openFor(STABLE_MS - 1))
    }
    expect(Math.max(...waits)).toBeGreaterThan(RETRY_MS_MAX / 3)
    wait()
    expect(await openFor(STABLE_MS)).toBeLessThanOrEqual(RETRY_MS_BASE)
  })

  it('R2 the first open session forgets how long it took to get there', async () => {
    const { dialler, wait, newest, host, link } = linked()
    for (let attempt = 0; attempt < 10; attempt++) {
      dialler.fail(refused)
      wait()
    }
    dialler.succeed()
    newest().open()
    await newest().end(1006, true)
    expect((link.state.retryAt ?? 0) - host.now()).toBeLessThanOrEqual(RETRY_MS_BASE)
  })

  it('L2 wake tries at once, but no faster than the base', () => {
    const { dialler, host, link } = linked()
    for (let attempt = 0; attempt < 9; attempt++) {
      dialler.fail(refused)
      host.advance((link.state.retryAt ?? 0) - host.now())
    }
    host.advance(RETRY_MS_BASE)
    dialler.fail(refused)
    const { attempts } = dialler
    link.wake()
    host.advance(0)
    expect(dialler.attempts).toBe(attempts + 1)
    dialler.fail(refused)
    for (let knock = 0; knock < 50; knock++) link.wake()
    host.advance(RETRY_MS_BASE - 1)
    expect(dialler.attempts).toBe(attempts + 1)
    host.advance(1)
    expect(dialler.attempts).toBe(attempts + 2)
  })

  it('L2 wake does not shorten a Retry-After', () => {
    const { dialler, host, link } = linked()
    dialler.fail(new LinkError('http-unavailable', 'full', { retryAfterMs: 9_000 }))
    link.wake()
    host.advance(8_999)
    expect(dialler.attempts).toBe(1)
    host.advance(1)
    expect(dialler.attempts).toBe(2)
  })

  it('L2 wake probes an open line and does nothing while connecting', () => {
    const { dialler, newest, link } = linked()
    link.wake()
    const transport = dialler.succeed()
    newest().open()
    link.wake()
    expect([dialler.attempts, transport.probes]).toEqual([1, 1])
  })

  it.each([
    [4401, 'credential-refused'],
    [4403, 'credential-revoked'],
  ])('R5 L5 %i stands still until renew', async (code, error) => {
    const { dialler, newest, host, link } = linked()
    dialler.succeed()
    await newest().end(code, false)
    expect(link.state).toMatchObject({ phase: 'blocked', lastError: { code: error }, retryAt: undefined })
    expect(host.pending).toBe(0)
    link.wake()
    host.advance(10 * REFUSED_RETRY_MS)
    expect(dialler.attempts).toBe(1)
    link.renew('token')
    expect(dialler.attempts).toBe(2)
  })

  it.each([4401, 4403])('R5 %i is tried again when the newer credential was on its way', async (code) => {
    const { dialler, newest, host, link } = linked()
    dialler.succeed()
    newest().open()
    link.renew('newer')
    await newest().end(code, false)
    expect(link.state.phase).toBe('waiting')
    host.advance(RETRY_MS_BASE)
    expect(dialler.attempts).toBe(2)
    dialler.succeed()
    await newest().end(code, false)
    expect(link.state.phase).toBe('blocked')
  })

  it('R5 another refusal is tried again after minutes', async () => {
    const { dialler, newest, host, link, wait } = linked()
    dialler.succeed()
    await newest().end(4400, false)
    expect(link.state).toMatchObject({
      phase: 'blocked',
      lastError: { code: 'session-refused', closeCode: 4400 },
    })
    expect(link.state.retryAt).toBeGreaterThanOrEqual(host.now() + REFUSED_RETRY_MS / 2)
    expect(wait()).toBeLessThanOrEqual(REFUSED_RETRY_MS)
  })

  it('L5 renew goes to the open session', () => {
    const { dialler, newest, link } = linked()
    dialler.succeed()
    newest().open()
    link.renew('newer')
    expect(newest().renewed).toEqual(['newer'])
    expect(dialler.attempts).toBe(1)
  })

  it('L3 opened resolves at the first open, before and after', async () => {
    const { dialler, newest, link } = linked()
    const before = link.opened()
    dialler.succeed()
    newest().open()
    await before
    await newest().end(1006, true)
    await link.opened()
  })

  it('L3 opened rejects when blocked or closed, and silently when nobody looks', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    const { dialler, newest, link } = linked()
    const asked = link.opened()
    void link.opened()
    dialler.succeed()
    await newest().end(4401, false)
    await expect(asked).rejects.toMatchObject({ code: 'credential-refused' })
    link.renew('token')
    const again = link.opened()
    await link.close()
    await expect(again).rejects.toMatchObject({ code: 'link-closed' })
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
  })

  it.each(['connecting', 'waiting', 'handshake', 'open', 'blocked'])(
    'L4 close while %s leaves nothing',
    async (when) => {
      const { dialler, newest, host, link } = linked()
      if (when === 'waiting') dialler.fail(refused)
      if (when === 'handshake' || when === 'open' || when === 'blocked') dialler.succeed()
      if (when === 'open') newest().open()
      if (when === 'blocked') await newest().end(4401, false)
      expect(link.state.phase).toBe(when)
      await link.close()
      await link.close()
      expect(link.state).toMatchObject({
        phase: 'closed',
        retryAt: undefined,
        lastError: { code: 'link-closed' },
      })
      expect(host.pending).toBe(0)
      expect(dialler.attempts).toBe(1)
      link.wake()
      link.renew('token')
      host.advance(REFUSED_RETRY_MS)
      expect(dialler.attempts).toBe(1)
    },
  )

  it('L4 may be closed from inside a listener', async () => {
    const { dialler, host, link } = linked()
    link.subscribe((state) => state.phase === 'waiting' && void link.close())
    dialler.fail(refused)
    await link.close()
    expect(link.state.phase).toBe('closed')
    expect(host.pending).toBe(0)
  })

  it('L4 closed from inside a listener that hears of an attempt, makes none', () => {
    const { dialler, host, link } = linked()
    dialler.fail(refused)
    link.subscribe((state) => state.phase === 'connecting' && void link.close())
    host.advance(RETRY_MS_BASE)
    expect(dialler.attempts).toBe(1)
    expect(host.pending).toBe(0)
  })

  it('L6 a listener that throws is an uncaught exception of its own', async () => {
    const uncaught: unknown[] = []
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => uncaught.push(error))
    const { dialler, link, phases } = linked()
    const broken = new Error('listener broke')
    link.subscribe(() => {
      throw broken
    })
    dialler.fail(refused)
    await new Promise((resolve) => setImmediate(resolve))
    process.removeAllListeners('uncaughtException')
    for (const other of others) process.on('uncaughtException', other)
    expect(uncaught).toEqual([broken])
    expect(phases.at(-1)).toBe('waiting')
    expect(link.state.phase).toBe('waiting')
  })

  it('a session that cannot start is a failure like others', () => {
    const host = new ManualHost()
    const dialler = new FakeDial()
    const link = startLink({
      url: 'ws://hub/sync',
      host,
      dial: dialler.dial,
      startSession: () => {
        throw new Error('no credential store')
      },
    })
    const transport = dialler.succeed()
    expect(transport.closed?.code).toBe(4500)
    expect(link.state.phase).toBe('waiting')
    expect(link.state.lastError?.message).toContain('no credential store')
  })
})
