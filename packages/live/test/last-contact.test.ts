/** When the hub was last heard is told after a restart too, and costs no write for each message. */
import { MemoryDisk, memoryStore } from '@skerry/core'
import { type LiveLink, liveOver, type SyncState } from '@skerry/live'
import { jobs, Told } from '@skerry/live/testing'
import { openReplica, startEngine } from '@skerry/node'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { CONTACT_KEPT_MS } from '../src/over/line.ts'

beforeAll(startEngine)

/** A link that does what it is told. */
class HandLink implements LiveLink {
  state: LiveLink['state'] = {
    phase: 'connecting',
    lastError: undefined,
    retryAt: undefined,
    lastContactAt: undefined,
  }
  readonly #listeners = new Set<() => void>()

  enter(phase: LiveLink['state']['phase'], lastContactAt: number): void {
    this.state = { ...this.state, phase, lastContactAt }
    for (const told of [...this.#listeners]) told()
  }

  /** A message: the phase stays. */
  hear(lastContactAt: number): void {
    this.state = { ...this.state, lastContactAt }
  }

  subscribe(listener: () => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  wake(): void {}
  renew(): void {}
  async close(): Promise<void> {}
}

async function device(disk: MemoryDisk) {
  const replica = await openReplica({ store: memoryStore({ disk }), collections: { jobs } })
  const link = new HandLink()
  const timers = new Set<() => void>()
  const timer = (delayMs: number, run: () => void) => {
    if (delayMs === CONTACT_KEPT_MS) timers.add(run)
    return () => timers.delete(run)
  }
  const live = liveOver(replica, { host: { now: () => 0, timer }, connect: () => link })
  const sync = new Told<SyncState>()
  live.watchSync(sync.told, sync.failed)
  await sync.until(({ phase }) => phase === 'connecting')
  let isOn = true
  /** The process ends, and nobody is asked to close anything. */
  const end = async () => {
    if (isOn) await replica.close()
    isOn = false
  }
  onTestFinished(end)
  let commits = 0
  replica.onCommit(() => {
    commits += 1
  })
  return {
    live,
    link,
    sync,
    end,
    timers: () => timers.size,
    fire: () => {
      for (const run of [...timers]) {
        timers.delete(run)
        run()
      }
    },
    /** Commits until now. */
    commits: async () => {
      await replica.transact(async () => undefined)
      return commits
    },
    settled: () => replica.transact(async () => undefined),
  }
}

test('the time at which the line opened, and at which it ended', async () => {
  const disk = new MemoryDisk()
  const first = await device(disk)
  expect(first.sync.last?.lastContactAt).toBe(undefined)
  first.link.enter('open', 1_000)
  await first.settled()
  await first.end()
  const second = await device(disk)
  expect(second.sync.last?.lastContactAt).toBe(1_000)
  second.link.enter('open', 2_000)
  second.link.hear(3_000)
  second.link.enter('waiting', 3_000)
  await second.settled()
  await second.end()
  expect((await device(disk)).sync.last?.lastContactAt).toBe(3_000)
})

test('messages cost no write; while the line is open the time is kept now and then, where there was one', async () => {
  const disk = new MemoryDisk()
  const { link, fire, timers, commits, end } = await device(disk)
  link.enter('open', 1_000)
  const before = await commits()
  for (let message = 1; message <= 10; message++) link.hear(1_000 + message)
  expect(await commits()).toBe(before)
  fire()
  expect(await commits()).toBe(before + 1)
  fire()
  expect(await commits()).toBe(before + 1)
  expect(timers()).toBe(1)
  link.enter('waiting', 1_010)
  expect(timers()).toBe(0)
  await end()
  expect((await device(disk)).sync.last?.lastContactAt).toBe(1_010)
})

test('nothing is left waiting when the live replica is closed, or goes off the network; the time stays', async () => {
  const disk = new MemoryDisk()
  const { live, link, timers, end } = await device(disk)
  link.enter('open', 1_000)
  link.hear(2_000)
  await live.setOffline(true)
  expect(timers()).toBe(0)
  await end()
  const again = await openReplica({ store: memoryStore({ disk }), collections: { jobs } })
  onTestFinished(() => again.close())
  const off = liveOver(again, { host: { now: () => 0, timer: () => () => undefined } })
  const sync = new Told<SyncState>()
  off.watchSync(sync.told, sync.failed)
  expect(await sync.until(() => true)).toMatchObject({ phase: 'off', lastContactAt: 2_000 })
  await off.close()
})
