/**
 * The whole browser is killed in the middle of commits, again and again on one profile: what was acknowledged is there, and what was not is there whole or not at all.
 * `SKERRY_KILL_ROUNDS=100` for more rounds, `SKERRY_SEED` for the moments of others.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  built,
  chromium,
  newProfile,
  removeProfile,
  served,
  whereThereIsChromium,
} from '@skerry/browser-test'
import { seededRandom } from '@skerry/contract'
import { expect, test } from 'vitest'

const ROUNDS = Number(process.env.SKERRY_KILL_ROUNDS ?? 5)
const SEED = Number(process.env.SKERRY_SEED ?? 1)
/** Milliseconds: a browser's start, and a journal that grows. */
const ROUND_MS_MAX = 40_000
/** Commits that a round waits for, at most, before the kill. */
const COMMITS_MAX = 60

await whereThereIsChromium(() => {
  test(
    `fault P1: C-1 ATOMIC DURABLE M-3: ${ROUNDS} kills of the browser lose nothing acknowledged (SKERRY_SEED=${SEED} npx vitest run packages/store-idb)`,
    async () => {
      await using files = await built({
        entries: { journal: join(import.meta.dirname, 'page/journal-page.ts') },
      })
      await using site = await served(files.folder)
      const random = seededRandom(SEED)
      const profile = await newProfile()
      let acknowledged = 0
      try {
        for (let round = 1; round <= ROUNDS; round += 1) {
          await using browser = await chromium({ profile })
          const page = await browser.page(site.page('journal'))
          const found = await page.call<{ commits: number; isWhole: boolean }>('inspect')
          expect(found.isWhole, `round ${round}: ${found.commits} commits`).toBe(true)
          // Whether it is the browser that lost it: it deletes a database whose files it finds damaged, and leaves a note of that there.
          const files = await readdir(join(profile, 'Default/IndexedDB'), { recursive: true })
          expect(found.commits, `round ${round}; ${files.join(' ')}`).toBeGreaterThanOrEqual(acknowledged)
          const target = found.commits + 1 + random.below(COMMITS_MAX)
          const reached = Promise.withResolvers<void>()
          await page.playwright.exposeFunction('acknowledged', (n: number) => {
            acknowledged = Math.max(acknowledged, n)
            if (n >= target) reached.resolve()
          })
          await page.call('start')
          await reached.promise
          await browser.kill()
        }
      } finally {
        await removeProfile(profile)
      }
    },
    ROUNDS * ROUND_MS_MAX,
  )
})
