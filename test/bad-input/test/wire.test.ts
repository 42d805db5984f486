/** What a hostile or damaged peer puts on the wire ends its own session, or is refused by itself; nobody else notices. */
import * as Automerge from '@automerge/automerge'
import { containerChange } from '@skerry/core/testing'
import { nodeHost } from '@skerry/node'
import { describe, expect, test } from 'vitest'
import { craftChange, listBomb } from '../src/crafted-change.ts'
import { craftEntry, flipBit, newestEntry, RUN_ACTOR, withFlippedChangeBit } from '../src/crafted-entry.ts'
import { HonestPair } from '../src/honest.ts'
import { hostilePeer, type Tamper } from '../src/hostile-peer.ts'
import { atHub, enrolled, type Space, startSpace } from '../src/space.ts'

const FRAME = 0x10
const MILLION = 1_000_000

async function world() {
  const space = await startSpace()
  const honest = await HonestPair.start(space)
  const mallory = await enrolled(space, { subject: 'tech:mallory' })
  return { space, honest, mallory }
}

/** Changes the frames that carry something, and lets everything else through. */
function framesWith(change: (frame: Uint8Array) => Uint8Array): Tamper {
  return (message) => (message[0] === FRAME && message.length > 20 ? change(message.slice()) : message)
}

function refusalsLogged({ logged }: Space, code: string) {
  return logged.filter((line) => line.code === 'entry-refused' && line.reason === code)
}

describe('a malformed frame', () => {
  test('of no known form ends the session of its sender', async () => {
    const { space, honest, mallory } = await world()
    await mallory.replica.jobs.create({ title: 'never arrives', region: 'north' })
    const garbage = framesWith(() => new Uint8Array([FRAME, 0, 99, 1, 2, 3, 4, 5, 6, 7]))
    const { ended } = await hostilePeer(space, mallory, { tamper: garbage })
    const { code, error } = await ended
    expect(code).toBe(4400)
    expect(error).toMatchObject({ code: 'malformed', message: expect.stringMatching(/reading a frame/) })
    expect(await space.hub.replica.collection('jobs').all()).toHaveLength(1)
    await honest.goOn()
  })

  test('of a type that version 1 does not know', async () => {
    const { space, honest, mallory } = await world()
    await mallory.replica.jobs.create({ title: 'never arrives', region: 'north' })
    const { ended } = await hostilePeer(space, mallory, {
      tamper: framesWith(() => new Uint8Array([0x7e, 1, 2])),
    })
    const { code, error } = await ended
    expect(code).toBe(4400)
    expect(error).toMatchObject({
      code: 'unexpected-message',
      message: expect.stringMatching(/type 0x7e is not in version 1/),
    })
    await honest.goOn()
  })
})

describe('fault C8: a flipped bit', () => {
  test('on the way ends the session; the edit arrives by the next one', async () => {
    const { space, honest, mallory } = await world()
    const job = await mallory.replica.jobs.create({ title: 'arrives later', region: 'north' })
    const { ended } = await hostilePeer(space, mallory, { tamper: framesWith((frame) => flipBit(frame, 60)) })
    const { code, error } = await ended
    expect(code).toBe(4400)
    expect(error).toMatchObject({
      code: 'malformed',
      message: expect.stringMatching(/its checksum is \d+, its bytes have \d+/),
    })
    expect(await space.hub.replica.collection('jobs').get(job.id)).toBeUndefined()
    await honest.goOn()
    await hostilePeer(space, mallory, {})
    await atHub(space, job.id)
  })

  test('in an entry is refused by its checksum, and takes nothing else of its sender with it', async () => {
    const { space, honest, mallory } = await world()
    const job = await mallory.replica.jobs.create({ title: 'is right', region: 'north' })
    const { record, bytes } = await newestEntry(mallory.replica)
    const { refusals } = await hostilePeer(space, mallory, {
      entries: [{ record, bytes: flipBit(bytes.slice(), 100) }],
    })
    expect(await refusals).toMatchObject([
      { code: 'entry-checksum', reason: expect.stringMatching(/damaged on disk or on the way/) },
    ])
    await atHub(space, job.id)
    await honest.goOn()
  })

  test('in a change is refused by the checksum of the change', async () => {
    const { space, honest, mallory } = await world()
    const job = await mallory.replica.jobs.create({ title: 'is right', region: 'north' })
    const damaged = withFlippedChangeBit(await newestEntry(mallory.replica))
    const { refusals } = await hostilePeer(space, mallory, { entries: [damaged] })
    expect(await refusals).toMatchObject([{ code: 'bad-checksum' }])
    expect(refusalsLogged(space, 'bad-checksum')).toHaveLength(1)
    await atHub(space, job.id)
    await honest.goOn()
  })
})

describe('an operation bomb', () => {
  test('is what it says: a short one makes a list of nulls in the engine', () => {
    const [document] = Automerge.applyChanges(Automerge.init<{ l?: null[] }>(), [
      listBomb(RUN_ACTOR, 100).bytes,
    ])
    expect(document.l).toEqual(new Array(100).fill(null))
  })

  test('fault C1: of 113 bytes and eight million operations is refused before the engine sees it', async () => {
    const { space, honest, mallory } = await world()
    const bomb = listBomb(RUN_ACTOR, 8 * MILLION)
    expect(bomb.bytes.length).toBeLessThanOrEqual(116)
    const started = performance.now()
    const { refusals } = await hostilePeer(space, mallory, {
      entries: [await craftEntry(mallory.replica, honest.record, bomb)],
    })
    expect(await refusals).toMatchObject([
      { code: 'too-many-operations', reason: expect.stringMatching(/8000001.*limit 50000/) },
    ])
    expect(performance.now() - started).toBeLessThan(5_000)
    await honest.goOn()
  })
})

describe('a forged container', () => {
  const address = {
    record: 'jobs/honest',
    incarnation: 0,
    path: [{ key: 'parts', generation: 0 }],
    kind: 'map' as const,
  }

  test('that makes something else under the reserved actor is refused', async () => {
    const { space, honest, mallory } = await world()
    const { actor } = containerChange(address, nodeHost())
    const forged = craftChange({
      actor,
      message: 'm["parts"]',
      columns: [
        [0x15, '7f057061727473'],
        [0x34, '01'],
        [0x42, '7f02'],
        [0x56, '7f00'],
        [0x70, '7f00'],
      ],
    })
    const { refusals } = await hostilePeer(space, mallory, {
      entries: [await craftEntry(mallory.replica, honest.record, forged, actor)],
    })
    expect(await refusals).toMatchObject([
      { code: 'forged-container', reason: expect.stringMatching(/m\["parts"\] of record "jobs\/honest"/) },
    ])
    await honest.goOn()
  })

  test('that an ordinary change makes is refused', async () => {
    const { space, honest, mallory } = await world()
    const { refusals } = await hostilePeer(space, mallory, {
      entries: [await craftEntry(mallory.replica, honest.record, listBomb(RUN_ACTOR, 10))],
    })
    expect(await refusals).toMatchObject([
      { code: 'forged-container', reason: expect.stringMatching(/makes an object itself/) },
    ])
    await honest.goOn()
  })
})
