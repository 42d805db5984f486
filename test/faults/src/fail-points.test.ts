/** A hub process that kills itself at a certain commit, and what its next start and its devices make of that. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '@skerry/core'
import { createLog, type Hub, startHub } from '@skerry/hub'
import { openReplica } from '@skerry/node'
import { verifySqlite } from '@skerry/store-sqlite'
import { connect } from '@skerry/ws'
import { expect, onTestFinished, test } from 'vitest'
import { enrol } from './enrol.ts'
import type { FailPoint, FailPointErrand, FailPointLine } from './fail-point.ts'
import { connected } from './healing.ts'
import { Subject } from './subject.ts'
import { collections, disagreement, SPACE, type Visit, visitMarking } from './visits.ts'
import { within } from './within.ts'

const TEST_MS_MAX = 240_000
const STEP_MS_MAX = 120_000
/** More entries than a record keeps before it is compacted. */
const EDITS = 40

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'skerry-fail-point-'))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A hub process that will kill itself. */
async function dying(store: string, point: FailPoint, edits = 0) {
  const subject = new Subject<FailPointLine>(
    new URL('./fail-point-process.ts', import.meta.url),
    `${store}.compiled`,
  )
  const url = new Promise<string>((resolve) => {
    const errand: FailPointErrand = { store, point, edits }
    void subject.go(errand, (line) => resolve(line.url))
  })
  return { url: await within(STEP_MS_MAX, 'a hub to listen', url), closed: subject.closed }
}

async function startAgain(store: string): Promise<Hub> {
  expect(verifySqlite(store)).toEqual([])
  const log = createLog({ level: 'error' })
  const hub = await startHub({ space: SPACE, collections }, { port: 0, store, log })
  onTestFinished(() => hub.close())
  return hub
}

const visitAt = async (hub: Hub, id: string) =>
  (await hub.replica.collection('visits').get(id)) as unknown as Visit | undefined

/** A device's edit at a hub that dies around its commit; `isThere`: the hub has it when it starts again. */
async function toldAround(when: FailPoint['when'], isThere: boolean): Promise<void> {
  const store = join(folder(), 'hub.db')
  const { url, closed } = await dying(store, { commitOf: 'entry', record: 'visits/v1', when })
  const replica = await openReplica({ store: memoryStore(), collections, space: SPACE })
  onTestFinished(() => replica.close())
  await enrol(store, replica, { subject: 'edge' })
  const link = connect(replica, `${url.replace('http', 'ws')}/sync`)
  await replica.visits.create(visitMarking.newRecord('m1'), { id: 'v1' })
  await within(STEP_MS_MAX, 'the hub to kill itself', closed)
  await link.close()
  expect((await replica.stats()).unacknowledged).toBeGreaterThan(0)

  const hub = await startAgain(store)
  expect((await visitAt(hub, 'v1')) !== undefined).toBe(isThere)
  const { entries } = await hub.replica.stats()
  const again = await connected(replica, hub.url)
  await replica.visits.saved('v1', 'hub')
  await again.close()
  expect((await replica.stats()).unacknowledged).toBe(0)
  const visit = await visitAt(hub, 'v1')
  expect(visit).toMatchObject({ marks: { m1: true }, edits: 1 })
  expect(disagreement(visit!)).toBeUndefined()
  if (isThere) expect((await hub.replica.stats()).entries).toBe(entries)
}

test(
  'fault P2: a hub killed before the commit of what a device told has none of it, is told again, and has it once',
  {
    timeout: TEST_MS_MAX,
  },
  () => toldAround('before', false),
)

test(
  'fault P3: killed after that commit and before it acknowledged, it has all of it, recognises what is told again, and acknowledges',
  {
    timeout: TEST_MS_MAX,
  },
  () => toldAround('after', true),
)

test.each(['before', 'after'] as const)(
  'fault P4: SIGKILL %s the commit of a snapshot: the old entries or the snapshot, each whole, and the next step goes on',
  { timeout: TEST_MS_MAX },
  async (when) => {
    const store = join(folder(), 'hub.db')
    const { closed } = await dying(store, { commitOf: 'snapshot', record: 'visits/v1', when }, EDITS)
    await within(STEP_MS_MAX, 'the hub to kill itself', closed)
    const hub = await startAgain(store)
    const entries = await hub.replica.entriesOf('visits/v1')
    expect(entries.map(({ kind }) => kind).includes('snapshot')).toBe(when === 'after')
    const visit = await visitAt(hub, 'v1')
    expect(visit?.edits).toBe(EDITS + 1)
    expect(disagreement(visit!)).toBeUndefined()
    for (let step = await hub.replica.upkeep(); !step.done; ) step = await hub.replica.upkeep()
    expect(await hub.replica.entriesOf('visits/v1')).toHaveLength(1)
    expect(await hub.replica.collection('visits').history('v1')).toHaveLength(EDITS + 1)
    expect(await visitAt(hub, 'v1')).toEqual(visit)
  },
)
