/** A laptop that sleeps: its process is stopped for longer than the other side waits, and goes on. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '@skerry/core'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { listen } from '@skerry/ws'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import type { SleeperErrand, SleeperLine } from './sleeper-errand.ts'
import { Subject } from './subject.ts'
import { collections, SPACE, visitMarking } from './visits.ts'
import { within } from './within.ts'

const TEST_MS_MAX = 240_000
const STEP_MS_MAX = 120_000
/** Short, so that a sleep of a second or two is as long as one of minutes is to others. */
const HEARTBEAT_MS = 500
/** Attempts to connect after it woke: one, and some more on a machine that is late for its heartbeats. */
const ATTEMPTS_MAX = 4

const folder = mkdtempSync(join(tmpdir(), 'skerry-sleep-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the sleeper told so far, and waiting for what it will tell. */
class Told {
  readonly lines: SleeperLine[] = []
  readonly #looking = new Set<() => void>()

  readonly hear = (line: SleeperLine): void => {
    this.lines.push(line)
    for (const look of [...this.#looking]) look()
  }

  until(what: string, matches: (line: SleeperLine) => boolean): Promise<void> {
    const come = new Promise<void>((resolve) => {
      const look = () => {
        if (!this.lines.some(matches)) return
        this.#looking.delete(look)
        resolve()
      }
      this.#looking.add(look)
      look()
    })
    return within(STEP_MS_MAX, what, come)
  }

  untilSeen(visit: string): Promise<void> {
    return this.until(`the visit ${visit}`, (line) => line.said === 'seen' && line.id === visit)
  }
}

/** A hub in this process, and the store of a laptop that may sync with it. */
async function world() {
  const authority = await createAuthority()
  const issue = (publicKey: Uint8Array, role: 'authority' | 'device') =>
    issueCredential(authority, {
      space: SPACE,
      subject: role,
      publicKey,
      role,
      read: ['*'],
      write: ['*'],
      systems: [],
      issuedAt: Date.now(),
      expiresAt: Date.now() + 86_400_000,
    })
  const hub = await openReplica({ store: memoryStore(), collections, space: SPACE, role: 'hub' })
  onTestFinished(() => hub.close())
  await hub.setCredential(await issue(hub.publicKey, 'authority'))
  const listener = await listen(hub, { port: 0, heartbeatMs: HEARTBEAT_MS })
  onTestFinished(() => listener.close(0))
  const path = join(folder, 'laptop.db')
  const laptop = await openReplica({ store: sqliteStore({ path }), collections, space: SPACE })
  await laptop.setCredential(await issue(laptop.publicKey, 'device'))
  await laptop.close()
  return { hub, listener, path }
}

test('fault P6: a process that was stopped and goes on finds that its session ended, connects again without a storm, and misses nothing', {
  timeout: TEST_MS_MAX,
}, async () => {
  const { hub, listener, path } = await world()
  const told = new Told()
  const script = new URL('./sleeper-process.ts', import.meta.url)
  const subject = new Subject<SleeperLine>(script, join(folder, 'compiled'))
  const errand: SleeperErrand = { path, url: listener.url, heartbeatMs: HEARTBEAT_MS }
  await subject.go(errand, told.hear)
  const create = (id: string) => hub.visits.create(visitMarking.newRecord(id), { id })

  await create('before')
  await told.untilSeen('before')
  const [session] = listener.sessions
  subject.sleep()
  // Nobody answers any more, and this side gives it up.
  expect(await within(STEP_MS_MAX, 'its session to end', session!.closed)).toMatchObject({ code: 1006 })
  await create('meanwhile')
  const slept = told.lines.length
  subject.wake()
  await told.untilSeen('meanwhile')
  await create('wake')
  await told.until('its own edit to be saved', ({ said }) => said === 'saved')
  const attempts = told.lines
    .slice(slept)
    .filter((line) => line.said === 'phase' && line.phase === 'connecting')
  expect(attempts.length).toBeGreaterThan(0)
  expect(attempts.length).toBeLessThanOrEqual(ATTEMPTS_MAX)
  expect(await hub.visits.get('mine')).toMatchObject({ marks: { awake: true } })
  await subject.kill()
})
