/** What browsers do to stores, in a real Chromium: damage, versions, lost connections, a full disk, owners that die. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type BrowserPage,
  built,
  chromium,
  newProfile,
  removeProfile,
  served,
  testsInPage,
  whereThereIsChromium,
} from '@skerry/browser-test'
import { afterAll, describe, expect, test } from 'vitest'

const MEGABYTE = 1024 * 1024
/** Of 200,000 bytes each: twice as many as have room in these tests. */
const COMMITS_MAX = 60

type Health = { health: string; usedBytes: number; quotaBytes: number; reason?: string }
type Held = { damaged: number[]; acknowledged: number; seqs: number[]; roomMade: number; isCached: boolean }

await whereThereIsChromium(async () => {
  const page = (name: string) => join(import.meta.dirname, 'page', `${name}.ts`)
  const files = await built({ entries: { faults: page('faults'), room: page('room') } })
  const site = await served(files.folder)
  const browser = await chromium()
  afterAll(async () => {
    await browser.close()
    await site.close()
    await files.remove()
  })
  const suite = await browser.page(site.page('faults'))
  const shown = (title: string, ...groups: string[]) =>
    describe(title, () => testsInPage(suite, ([group = '']) => groups.includes(group)))
  shown('fault S3: bits flip, and values are gone', 'D-1 DAMAGED')
  shown('fault S4: what says what is where is damaged', 'O-4')
  shown('fault S6: two owners', 'O-1')
  await testsInPage(suite, ([group = '']) => !['D-1 DAMAGED', 'O-4', 'O-1'].includes(group))

  /** Bytes that the site may have. Chromium looks once in a while, so this has to come before the store's first commit; when it refuses one, it looks again. */
  async function allow(room: BrowserPage, quotaSize?: number): Promise<void> {
    const devtools = await room.devtools()
    await devtools.send('Storage.overrideQuotaForOrigin', {
      origin: site.url,
      ...(quotaSize !== undefined && { quotaSize }),
    })
  }

  /** Commits until one is refused. */
  async function fill(room: BrowserPage): Promise<string> {
    for (let commits = 1; commits <= COMMITS_MAX; commits += 1) {
      const outcome = await room.call<string>('commit')
      if (outcome !== 'committed') return outcome
    }
    return `${COMMITS_MAX} commits found room`
  }

  test('fault S1: C-3 HONEST: without room a commit is refused as full, the store reads on, and goes on when there is room', async () => {
    await using browser = await chromium()
    const room = await browser.page(site.page('room'))
    await allow(room, 2 * MEGABYTE)
    await room.call('open')
    expect(await fill(room)).toBe('full')
    expect(await room.call('commit')).toBe('full')
    const { seqs, acknowledged } = await room.call<Held>('held')
    expect(acknowledged).toBeGreaterThan(1)
    expect(seqs).toEqual(Array.from({ length: acknowledged }, (_, at) => at + 1))
    expect(await room.call<Health>('health')).toMatchObject({
      health: 'failed',
      reason: expect.stringMatching(/no more room/),
    })
    await allow(room)
    expect(await room.call('commit')).toBe('committed')
    expect((await room.call<Held>('held')).seqs).toHaveLength(acknowledged + 1)
    expect(await room.call<Health>('health')).toMatchObject({ health: 'evictable' })
  })

  test('fault S1: C-3: what can be fetched again is dropped first', async () => {
    await using browser = await chromium()
    const room = await browser.page(site.page('room'))
    await allow(room, 5 * MEGABYTE)
    await room.call('cachePhoto', 3 * MEGABYTE)
    await room.call('open')
    expect(await fill(room)).toBe('full')
    const { roomMade, isCached, acknowledged } = await room.call<Held>('held')
    expect({ roomMade, isCached }).toEqual({ roomMade: 2, isCached: false })
    expect(acknowledged).toBeGreaterThan(15)
  })

  test('fault S3: D-1: a file that the browser keeps a large value in is lost: that entry is damaged, and no other', async () => {
    const profile = await newProfile()
    try {
      {
        await using browser = await chromium({ profile })
        const room = await browser.page(site.page('room'))
        await room.call('open')
        for (const bytes of [100, 200_000, 300]) expect(await room.call('commit', bytes)).toBe('committed')
      }
      const files = await readdir(profile, { recursive: true })
      const large = files.filter((name) => /\.indexeddb\.blob\/\d+\/\w+\/\w+$/.test(name))
      expect(large).toHaveLength(1)
      await rm(join(profile, large[0]!))
      await using browser = await chromium({ profile })
      const room = await browser.page(site.page('room'))
      await room.call('open')
      expect(await room.call<Held>('held')).toMatchObject({ seqs: [1, 2, 3], damaged: [2] })
    } finally {
      await removeProfile(profile)
    }
  })

  test('O-1 OWNED: the store of a tab that died is free', async () => {
    const first = await browser.page(site.page('room'))
    const second = await browser.page(site.page('room'))
    await first.call('open')
    await expect(second.call('open')).rejects.toMatchObject({
      code: 'locked',
      message: expect.stringContaining('room.html'),
    })
    const devtools = await first.devtools()
    // It does not answer any more.
    devtools.send('Page.crash').catch(() => undefined)
    await first.playwright.waitForEvent('crash')
    await second.call('open')
    await second.close()
  })

  test('a page that may keep its data says so', async () => {
    const room = await browser.page(site.page('room'))
    const devtools = await room.devtools()
    await devtools.send('Browser.grantPermissions', { origin: site.url, permissions: ['durableStorage'] })
    expect(await room.call<Health>('persist')).toMatchObject({ health: 'kept' })
    await room.close()
  })
})
