/** A device renews its credential by itself, over years of a clock that is not ours. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { createAuthority, issueCredential, renewInTime } from './index.ts'

const DAY_MS = 86_400_000
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

/** A device and its hub: what was asked, and a clock that jumps from timer to timer. */
async function setUp(
  answer: (token: string) => Response,
  keep: () => Promise<void> = () => Promise.resolve(),
  aheadMs = 0,
) {
  const authority = await createAuthority()
  const keys = generateKeyPairSync('ed25519')
  const publicKey = new Uint8Array(keys.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  let now = Date.parse('2026-05-04')
  const issue = async () =>
    issueCredential(authority, {
      space: 'main',
      subject: 'tech:ana',
      publicKey,
      role: 'device',
      read: [],
      write: [],
      systems: [],
      issuedAt: now,
      expiresAt: now + 100 * DAY_MS,
    })
  const timers: { at: number; run: () => void }[] = []
  const replica = {
    publicKey,
    credential: { token: await issue(), hash: 'first' } as never,
    session: { sign: async (message: Uint8Array) => new Uint8Array(sign(null, message, keys.privateKey)) },
  }
  const seen = { asked: 0, kept: [] as string[], renewed: [] as string[], failures: [] as unknown[], timers }
  const stop = renewInTime({
    hub: 'https://hub.example',
    replica,
    host: {
      sha256,
      now: () => now + aheadMs,
      timer: (delayMs, run) => {
        const timer = { at: now + delayMs, run }
        timers.push(timer)
        return () => timers.splice(timers.indexOf(timer), 1)
      },
    },
    fetch: async () => {
      seen.asked += 1
      return answer(await issue())
    },
    renewed: async (token, renews) => {
      await keep()
      seen.kept.push(token)
      seen.renewed.push(renews)
      replica.credential = { token, hash: `of ${seen.kept.length}` } as never
    },
    failed: (error) => seen.failures.push(error),
  })
  /** The clock goes on by so much, and whatever is due is run and has done what it does. */
  const pass = async (ms: number) => {
    now += ms
    for (const timer of timers.splice(0)) timer.run()
    await expect.poll(() => timers.length).toBe(1)
  }
  await expect.poll(() => timers.length).toBe(1)
  return { seen, stop, pass }
}

const granted = (token: string) => Response.json({ token }, { status: 201 })

test('EN-7: nothing is asked before half of its life is over, and then once', async () => {
  const { seen, pass } = await setUp(granted)
  await pass(49 * DAY_MS)
  expect(seen.asked).toBe(0)
  await pass(2 * DAY_MS)
  expect(seen.kept).toHaveLength(1)
  await pass(10 * DAY_MS)
  expect(seen.asked).toBe(1)
  await pass(45 * DAY_MS)
  expect(seen.asked).toBe(2)
  // What each takes the place of: the device may have changed hands while it was asked for.
  expect(seen.renewed).toEqual(['first', 'of 1'])
})

test('EN-7: where nobody answers, it is asked again at the next look', async () => {
  const answers = [new Response('<html>', { status: 200 }), undefined]
  const { seen, pass } = await setUp((token) => {
    const answer = answers.shift()
    return answer ?? granted(token)
  })
  await pass(51 * DAY_MS)
  expect(seen).toMatchObject({ asked: 1, kept: [], failures: [] })
  await pass(600_000)
  expect(seen).toMatchObject({ asked: 2, kept: [expect.any(String)] })
})

test('EN-7: a new one that could not be kept is told, and asked for again', async () => {
  const full = new RangeError('the disk is full')
  const troubles = [full]
  const { seen, pass } = await setUp(granted, async () => {
    const trouble = troubles.pop()
    if (trouble) throw trouble
  })
  await pass(51 * DAY_MS)
  expect(seen).toMatchObject({ asked: 1, kept: [], failures: [full] })
  await pass(600_000)
  expect(seen).toMatchObject({ asked: 2, kept: [expect.any(String)] })
})

test('stopped, it looks no more', async () => {
  const { seen, stop } = await setUp(granted)
  stop()
  expect(seen.timers).toEqual([])
})

test('EN-9: by a clock that is a year ahead each new one is due at once: it is asked for once in half of its life', async () => {
  const { seen, pass } = await setUp(granted, undefined, 365 * DAY_MS)
  expect(seen.asked).toBe(1)
  for (let day = 1; day <= 49; day++) await pass(DAY_MS)
  expect(seen.asked).toBe(1)
  await pass(2 * DAY_MS)
  expect(seen.asked).toBe(2)
})

test.each([3 * 365, 75, 1])(
  'EN-10: by a clock that is %i days behind it is asked for at once, and then in the middle of each life',
  async (days) => {
    const { seen, pass } = await setUp(granted, undefined, -days * DAY_MS)
    expect(seen.kept).toHaveLength(1)
    for (let day = 1; day <= 49; day++) await pass(DAY_MS)
    expect(seen.asked).toBe(1)
    await pass(DAY_MS)
    expect(seen.asked).toBe(2)
    await pass(50 * DAY_MS)
    expect(seen.asked).toBe(3)
  },
)

test('EN-10: by a clock that is behind, where nobody answers, it is asked again at the next look', async () => {
  const answers = [new Response('<html>', { status: 200 })]
  const { seen, pass } = await setUp((token) => answers.shift() ?? granted(token), undefined, -365 * DAY_MS)
  expect(seen).toMatchObject({ asked: 1, kept: [] })
  await pass(600_000)
  expect(seen).toMatchObject({ asked: 2, kept: [expect.any(String)] })
})

test('EN-10: a clock that is set back begins to count anew', async () => {
  const { seen, pass } = await setUp(granted)
  await pass(51 * DAY_MS)
  expect(seen.asked).toBe(1)
  await pass(-30 * DAY_MS)
  expect(seen.asked).toBe(2)
})
