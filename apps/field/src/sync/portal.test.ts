/** Who answers in the hub's place, and how often that is asked. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { ASK_MS_MAX, ASK_MS_MIN, AWAY_MS_MAX, isPortal, PortalLook } from './portal.ts'

const HUB = 'http://hub.example'
const page = () => new Response('<h1>Welcome to the hotel</h1>', { headers: { 'content-type': 'text/html' } })
const ofHub = () => Response.json({ space: 'demo', publicKey: 'ab'.repeat(32) })

test.each<[string, () => Response, boolean]>([
  ['a page', page, true],
  ['a way elsewhere', () => Response.redirect('http://hotel.example/', 302), true],
  ['a way elsewhere, as browsers tell of it', () => Response.error(), true],
  ['a network that says so', () => new Response('', { status: 511 }), true],
  ['the hub', ofHub, false],
  ['a proxy whose hub is down', () => new Response('<h1>Bad Gateway</h1>', { status: 502 }), false],
  ['an older hub', () => new Response('', { status: 404 }), false],
])('%s: %#', async (_, answer, wanted) => {
  expect(await isPortal({ hub: HUB, fetch: async () => answer() })).toBe(wanted)
})

test('nobody is no portal', async () => {
  expect(await isPortal({ hub: HUB, fetch: () => Promise.reject(new TypeError('fetch failed')) })).toBe(false)
})

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

/** `askedAt` in milliseconds from now. */
function looked(answer: () => Response) {
  const askedAt: number[] = []
  const began = performance.now()
  const fetch = async () => {
    askedAt.push(performance.now() - began)
    return answer()
  }
  return { look: new PortalLook({ hub: HUB, fetch }), askedAt }
}

test('asked at once, then less and less often, and not when nobody listens', async () => {
  const { look, askedAt } = looked(ofHub)
  await vi.advanceTimersByTimeAsync(ASK_MS_MIN)
  expect(askedAt).toEqual([])
  const stops = [look.subscribe(() => undefined)]
  await vi.advanceTimersByTimeAsync(40 * ASK_MS_MIN)
  stops.push(look.subscribe(() => undefined))
  await vi.advanceTimersByTimeAsync(2 * ASK_MS_MAX)
  expect(askedAt.map((at) => at / ASK_MS_MIN)).toEqual([1, 3, 7, 15, 31, 47, 63])
  expect(16 * ASK_MS_MIN).toBe(ASK_MS_MAX)
  for (const stop of stops) stop()
  await vi.advanceTimersByTimeAsync(2 * ASK_MS_MAX)
  expect(askedAt).toHaveLength(7)
})

test('who looks again and again asks no more often than every half minute', async () => {
  const { look, askedAt } = looked(ofHub)
  for (let second = 0; second < 65; second++) {
    const stop = look.subscribe(() => undefined)
    await vi.advanceTimersByTimeAsync(1_000)
    stop()
  }
  expect(askedAt).toEqual([0, ASK_MS_MIN, 2 * ASK_MS_MIN])
})

test('two who listen ask once; both are told when the answer is another one, and soon again then', async () => {
  let answer = page
  const { look, askedAt } = looked(() => answer())
  const told: boolean[] = []
  look.subscribe(() => told.push(look.isPortal))
  look.subscribe(() => told.push(look.isPortal))
  await vi.advanceTimersByTimeAsync(0)
  expect(told).toEqual([true, true])
  answer = ofHub
  await vi.advanceTimersByTimeAsync(ASK_MS_MIN)
  expect(told).toEqual([true, true, false, false])
  await vi.advanceTimersByTimeAsync(ASK_MS_MIN)
  expect(askedAt).toEqual([0, ASK_MS_MIN, 2 * ASK_MS_MIN])
})

test('what was answered in an outage before is not told in the next one', async () => {
  let answer = page
  const { look } = looked(() => answer())
  const stop = look.subscribe(() => undefined)
  await vi.advanceTimersByTimeAsync(0)
  stop()
  answer = ofHub
  await vi.advanceTimersByTimeAsync(AWAY_MS_MAX)
  expect(look.isPortal).toBe(false)
  look.subscribe(() => undefined)
  expect(look.isPortal).toBe(false)
  await vi.advanceTimersByTimeAsync(0)
  expect(look.isPortal).toBe(false)
})

test('who looks away within an outage is told the same at once', async () => {
  const { look } = looked(page)
  const stop = look.subscribe(() => undefined)
  await vi.advanceTimersByTimeAsync(10 * ASK_MS_MIN)
  stop()
  await vi.advanceTimersByTimeAsync(AWAY_MS_MAX - 1)
  expect(look.isPortal).toBe(true)
  look.subscribe(() => undefined)
  expect(look.isPortal).toBe(true)
})
