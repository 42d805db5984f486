/** A worker whose script takes longer to come than a page waits for a welcome: the first load over a slow line, in a browser without SharedWorker. */
import { expect, test } from 'vitest'
import type { WorkerLike } from './leader-source.ts'
import { leaderSource } from './leader-source.ts'
import { WELCOME_MS_MAX } from './limits.ts'
import { MemoryBrowser } from './memory-browser.test-support.ts'
import { PROTOCOL } from './messages.ts'
import { namesOf } from './names.ts'
import { TabReplica } from './tab-replica.ts'

test('T-5: a worker that is still on its way is waited for, and not made anew', async () => {
  const { world } = new MemoryBrowser().agent()
  const names = namesOf('slow')
  let [made, ended] = [0, 0]
  const start = (): WorkerLike => {
    made += 1
    return { postMessage: () => undefined, terminate: () => (ended += 1), onerror: null }
  }
  const live = new TabReplica({
    world,
    names,
    build: { protocol: PROTOCOL, version: 1 },
    page: {
      now: () => 0,
      random: (n) => new Uint8Array(n),
      persist: async () => undefined,
      onWake: () => () => undefined,
    },
    events: () => undefined,
    source: (told) => leaderSource(start, { world, names }, told),
  })
  live.identity.catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 3.5 * WELCOME_MS_MAX))
  expect([made, ended]).toEqual([1, 0])
  await live.close()
})
