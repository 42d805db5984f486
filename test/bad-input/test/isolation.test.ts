/**
 * Edits and records that cost the engine more than a hub can give, and pass every check of their bytes: real sockets, real threads. The ceilings of a trial are set low, so that killers of some hundred bytes are
 * enough; with the ceilings of a hub they take longer and are no different.
 */
import { deflateRawSync } from 'node:zlib'
import * as Automerge from '@automerge/automerge/slim'
import { ByteWriter, fromHex, type ReplicaBase } from '@skerry/core'
import type { HubOptions } from '@skerry/hub'
import { workerTrial } from '@skerry/node'
import { describe, expect, test } from 'vitest'
import { type CraftedChange, craftChange } from '../src/crafted-change.ts'
import { type CraftedEntry, craftEntry, RUN_ACTOR } from '../src/crafted-entry.ts'
import { HonestPair } from '../src/honest.ts'
import { hostilePeer } from '../src/hostile-peer.ts'
import { atHub, type Device, enrolled, type Space, startSpace } from '../src/space.ts'

const MIB = 1024 * 1024
const ADMIN_TOKEN = 'the-admin-token-of-these-tests-and-no-other'
/** Milliseconds of one core: the killer needs some 600, on a fast one 200. */
const SHORT_MS = 60
/** Of the engine's memory: it begins with 1.2, and the killer needs 35. */
const LITTLE_BYTES = 12 * MIB

/** One key of the root is set to null 50,000 times, as often as one change may: 90 bytes. */
function killer({ replica }: Device, record: string, n: number): Promise<CraftedEntry> {
  const actor = `00${n.toString(16).padStart(32, '0')}`
  const run = (value: string) => `d08603${value}` // 50,000 as signed LEB128
  const change = craftChange({
    actor,
    columns: [
      [0x15, run('0161')],
      [0x34, 'd08603'],
      [0x42, run('01')],
      [0x56, run('00')],
      [0x70, run('00')],
    ],
  })
  expect(change.bytes.length).toBeLessThan(100)
  return craftEntry(replica as ReplicaBase, record, change, actor)
}

interface World {
  space: Space
  honest: HonestPair
  mallory: Device
}

async function world(options: HubOptions): Promise<World> {
  const space = await startSpace({ adminToken: ADMIN_TOKEN, ...options })
  const honest = await HonestPair.start(space)
  return { space, honest, mallory: await enrolled(space, { subject: 'mallory' }) }
}

const asAdmin = ({ hub }: Space, method: string, path = '') =>
  fetch(`${hub.url}/api/v1/quarantined-records${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
  })
const logged = ({ space }: { space: Space }, code: string) =>
  space.logged.filter((line) => line['code'] === code)

describe('an entry at the ceilings of the byte checks', () => {
  test.each([
    ['takes the engine too long', 'deadline', workerTrialOf({ cpuMsMax: SHORT_MS })],
    ['needs more memory than the engine may have', 'died', workerTrialOf({ engineBytesMax: LITTLE_BYTES })],
  ] as const)(
    'fault P8: that %s is refused; honest sessions stay open and go on',
    async (_, verdict, trial) => {
      const all = await world({ trial: trial() })
      const { space, honest, mallory } = all
      const job = await mallory.replica.jobs.create({ title: 'is right', region: 'north' })
      const { refusals } = await hostilePeer(space, mallory, {
        entries: [await killer(mallory, honest.record, 1), await killer(mallory, 'jobs/new', 2)],
      })
      expect(await refusals).toMatchObject([{ code: 'too-costly' }, { code: 'too-costly' }])
      expect(logged(all, 'trial-failed')[0]).toMatchObject({
        verdict,
        record: honest.record,
        stage: 'changes',
      })
      await atHub(space, job.id)
      await honest.goOn()
      expect(space.hub.replica.quarantined).toEqual([])
    },
  )
})

describe('an entry of some bytes', () => {
  const refusedWith = async (code: string, make: (mallory: Device) => Promise<CraftedEntry>) => {
    const { space, honest, mallory } = await world({})
    const { refusals } = await hostilePeer(space, mallory, { entries: [await make(mallory)] })
    expect(await refusals).toMatchObject([{ code }])
    await honest.goOn()
  }
  const record = 'jobs/honest'

  test('fault C2: that inflates to nine megabytes is refused', () =>
    refusedWith('inflate-bomb', (mallory) => craftEntry(mallory.replica, record, deflateBomb(9 * MIB))))

  test('fault C3: that nests a hundred maps is refused', () =>
    refusedWith('too-deep', (mallory) => craftEntry(mallory.replica, record, nested(100))))

  test.each([1, 30_000])(
    'fault C16: at which the engine panics, of %i operations, is refused',
    (operations) =>
      refusedWith('engine-refused', (mallory) => craftEntry(mallory.replica, record, panicking(operations))),
  )
})

test('fault P7: a stored record that kills its thread is put away alone, listed, and let out when it harms no more', async () => {
  const { space, honest, mallory } = await world({})
  await mallory.replica.jobs.create({ title: 'heavy', region: 'north' }, { id: 'heavy' })
  const heavy = await hostilePeer(space, mallory, { entries: [await killer(mallory, 'jobs/heavy', 1)] })
  expect(await heavy.refusals).toEqual([])
  await space.hub.close()

  const { store } = space
  const poor = await startSpace({
    adminToken: ADMIN_TOKEN,
    store,
    trial: workerTrial({ engineBytesMax: LITTLE_BYTES }),
  })
  await honest.joinAgain(poor)
  const again = await hostilePeer(poor, mallory, { entries: [await killer(mallory, 'jobs/heavy', 2)] })
  expect(await again.refusals).toMatchObject([{ code: 'record-quarantined' }])
  await honest.goOn()
  expect(await poor.hub.replica.collection('jobs').get('heavy')).toMatchObject({ title: 'heavy' })
  expect(await (await asAdmin(poor, 'GET')).json()).toMatchObject({
    records: [{ record: 'jobs/heavy', code: 'died', reason: expect.stringContaining('unreachable') }],
  })
  const metrics = await (await fetch(`${poor.hub.url}/metrics`)).text()
  expect(metrics).toContain('skerry_records_quarantined 1')
  expect(metrics).toContain('skerry_quarantines_total{reason="died"} 1')
  expect((await asAdmin(poor, 'DELETE', '/jobs/honest')).status).toBe(404)
  const refused = await asAdmin(poor, 'DELETE', '/jobs/heavy')
  expect(refused.status).toBe(409)
  expect(await refused.json()).toMatchObject({ code: 'still-harmful' })
  await poor.hub.close()

  const rich = await startSpace({ adminToken: ADMIN_TOKEN, store })
  expect(rich.hub.replica.quarantined).toHaveLength(1)
  expect((await asAdmin(rich, 'DELETE', '/jobs/heavy')).status).toBe(204)
  expect(await (await asAdmin(rich, 'GET')).json()).toEqual({ records: [] })
  await rich.hub.replica.collection('jobs').update('heavy', (job) => {
    job['title'] = 'light again'
  })
  await honest.joinAgain(rich)
  await honest.goOn()
})

function deflateBomb(inflatedBytes: number): CraftedChange {
  const stored = deflateRawSync(new Uint8Array(inflatedBytes))
  const bytes = new ByteWriter()
    .raw(fromHex('856f4a8300000000'))
    .u8(2)
    .varint(stored.length)
    .raw(stored)
    .finish()
  return { bytes, hash: new Uint8Array(32) }
}

function nested(levels: number): CraftedChange {
  const ops = Array.from({ length: levels }, (_, level) => ({
    action: 'makeMap',
    obj: level === 0 ? '_root' : `${level}@${RUN_ACTOR}`,
    key: 'm',
    pred: [],
  }))
  return encoded(ops)
}

/** It replaces what nobody wrote, which only the engine can know. */
function panicking(operations: number): CraftedChange {
  const pred = [`1@${RUN_ACTOR.replace('00', '00ab').slice(0, 34)}`]
  return encoded(
    Array.from({ length: operations }, (_, i) => ({
      action: 'set',
      obj: '_root',
      key: 'title',
      value: 'x',
      pred: i === 0 ? pred : [],
    })),
    2,
  )
}

function encoded(ops: readonly object[], startOp = 1): CraftedChange {
  const change = { actor: RUN_ACTOR, seq: 1, startOp, time: 0, message: null, deps: [], ops }
  const bytes = Automerge.encodeChange(change as never)
  return { bytes, hash: fromHex(Automerge.decodeChange(bytes).hash) }
}

function workerTrialOf(options: Parameters<typeof workerTrial>[0]) {
  return () => workerTrial(options)
}
