/** A fleet that comes back, and readers that hang, over real sockets; `npm run herd` is the same with thousands. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '@skerry/core'
import { SeededRandom, VirtualClock } from '@skerry/core/testing'
import { type Hub, startHub } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { connect } from '@skerry/ws'
import { expect, onTestFinished, test } from 'vitest'
import { type CameBack, comeBack } from './come-back.ts'
import type { CrowdCommands } from './crowd-process.ts'
import type { HubCommands } from './hub-process.ts'
import { inStep } from './in-step.ts'
import { enrolCrowd } from './measurements/enrol-crowd.ts'
import { startProcess } from './process.ts'
import { collections, newVisit, SPACE } from './visits.ts'

const HOUR_MS = 3_600_000
const DEVICES = 300
/** Milliseconds; on a quiet machine it takes a tenth. */
const TEST_MS_MAX = 240_000
const RATE = { perSecond: 60, burst: 100 }

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-herd-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

async function device(hub: Hub, number: number, region: string) {
  const replica = await openReplica({ store: memoryStore(), collections, space: SPACE })
  onTestFinished(() => replica.close())
  const channels = [`region:${region}`]
  const grant = { read: channels, write: channels, expiresAt: Date.now() + HOUR_MS }
  await replica.setCredential(
    await hub.issue({ subject: `device ${number}`, publicKey: replica.publicKey, ...grant }),
  )
  return replica
}

const metric = (text: string, name: string) => Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])

test(
  `fault N11: ${DEVICES} devices come back at once and are let in at a bounded rate, while the hub stays ready and serves those who are there`,
  async () => {
    const clock = new VirtualClock(Date.now())
    const store = join(temporaryFolder(), 'hub.db')
    const hub = await startHub(
      { space: SPACE, collections },
      {
        ...{ port: 0, store, logLevel: 'error', drainMs: 500, admissions: RATE },
        machine: { ...nodeHost(), now: () => clock.nowMs },
      },
    )
    onTestFinished(() => hub.close())
    const fleet = await Promise.all(
      Array.from({ length: DEVICES }, (_, number) => device(hub, number, 'north')),
    )
    // What it writes is not for the fleet.
    const worker = await device(hub, DEVICES, 'south')
    const link = connect(worker, hub.syncUrl)
    onTestFinished(() => link.close())
    await inStep(link)

    const back: CameBack[] = []
    const spread = new SeededRandom(1)
    const random = () => spread.below(1000) / 1000
    let waiting = 0
    const wait = async (ms: number) => {
      waiting += 1
      await new Promise<void>((resolve) => clock.timer(ms, resolve))
      waiting -= 1
    }
    const failed: unknown[] = []
    for (const [number, { session: replica }] of fleet.entries())
      comeBack(hub.syncUrl, { replica, number, spreadMs: 500, random, wait }).then(
        (one) => back.push(one),
        (error) => failed.push(error),
      )
    // Until the last one is back, whoever is there is served, and nobody is sent elsewhere. Time goes on when everybody is back or waits for its turn.
    const letIn = [0]
    const unready: number[] = []
    for (let edits = 0; back.length < DEVICES && failed.length === 0; edits++) {
      const { id } = await worker.visits.create({ ...newVisit(edits), region: 'south' })
      await worker.visits.saved(id, 'hub')
      const { status } = await fetch(`${hub.url}/readyz`)
      if (status !== 200) unready.push(status)
      if (back.length + waiting < DEVICES) continue
      letIn.push(back.length)
      clock.advance(1000)
    }
    expect([unready, failed]).toEqual([[], []])
    const perSecond = [...letIn, DEVICES].slice(1).map((count, i) => count - letIn[i]!)
    expect(perSecond[0]).toBe(RATE.burst - 1)
    expect(Math.max(...perSecond.slice(1))).toBeLessThanOrEqual(RATE.perSecond + 1)
    // It takes as long as the rate says, and a little for those who came in another one's second.
    expect(letIn.length).toBeGreaterThan((DEVICES - RATE.burst) / RATE.perSecond)
    expect(letIn.length).toBeLessThan(4 + (2 * (DEVICES - RATE.burst)) / RATE.perSecond)
    const metrics = await (await fetch(`${hub.url}/metrics`)).text()
    expect(metric(metrics, 'skerry_sessions_open')).toBe(DEVICES + 1)
    expect(metric(metrics, 'skerry_sessions_turned_away_total')).toBe(
      back.reduce((sum, { attempts }) => sum + attempts - 1, 0),
    )
  },
  TEST_MS_MAX,
)

test(
  'fault N7: 100 readers that hang cost the hub a bounded share of what waits for them, and others are served',
  async () => {
    const hub = await startProcess<HubCommands>('hub-process.ts')
    const crowd = await startProcess<CrowdCommands>('crowd-process.ts')
    onTestFinished(async () => {
      await crowd.end()
      await hub.end()
    })
    const { url } = await hub.call.open(join(temporaryFolder(), 'hub.db'))
    // 2.4 MB for each of them.
    await hub.call.createIn({ region: 'north', count: 40, characters: 60_000 })
    await enrolCrowd({ process: hub, url }, crowd, { count: 100, region: 'north', takes: 'counts' })
    const before = await hub.call.memory()
    await crowd.call.stall(url)
    const other = await startProcess<CrowdCommands>('crowd-process.ts')
    onTestFinished(() => other.end())
    await enrolCrowd({ process: hub, url }, other, { count: 1, region: 'north', takes: 'counts' })
    const { entries } = await other.call.join(url)
    expect(entries).toBe(40)
    const after = await hub.call.memory()
    const grown = (after.residentBytes - before.residentBytes) / 1e6
    // 240 MB wait for the hundred. Each costs a frame that is ready, and its share of the buffers.
    expect(grown).toBeLessThan(90)
  },
  TEST_MS_MAX,
)
