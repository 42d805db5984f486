/** what operations say of the fields that a change touched is what the engine says, who compares two states of the document. */
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { actorKind } from '../change/actors.ts'
import { startEngine, testHost } from '../replica/replica.test-support.ts'
import { type Peer, withPeers } from './peer.test-support.ts'
import { PROPERTY, thing, thingShape } from './things.test-support.ts'
import { TouchedFields, type TouchingChange } from './touched-fields.ts'

beforeAll(startEngine)

const step = fc.record({
  who: fc.nat({ max: 2 }),
  value: thing,
  from: fc.nat({ max: 2 }),
  meet: fc.boolean(),
})

const sorted = (paths: readonly string[][]) => [...new Set(paths.map((path) => JSON.stringify(path)))].sort()

/** Containers are nobody's changes, and left out of every history. */
const ordinary = (changes: readonly TouchingChange[]) =>
  changes
    .filter(({ actor }) => actorKind(actor) !== 'container')
    .map(({ paths, ...change }) => ({ ...change, paths: sorted(paths) }))

function byEngine({ document }: Peer) {
  return document
    .history()
    .filter(({ actor }) => actorKind(actor) !== 'container')
    .map(({ hash, actor, seq, time, deps }) => ({
      hash,
      actor,
      seq,
      time,
      paths: sorted(document.touched(deps, [hash])),
    }))
}

test('whatever three people write, at once or one after the other', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 9 }), (steps) =>
      withPeers(thingShape, 3, (...peers) => {
        for (const { who, value, from, meet } of steps) {
          const peer = peers[who]!
          if (meet) peer.take(peers[from]!)
          peer.time += 1
          peer.assign(value)
          // Step by step, as the document grows.
          peer.touched.of(peer.document)
        }
        for (const peer of peers) for (const other of peers) peer.take(other)
        for (const peer of peers) {
          const anew = ordinary(new TouchedFields(testHost()).of(peer.document))
          expect(anew).toEqual(byEngine(peer))
          const byHash = (changes: typeof anew) => changes.toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
          expect(byHash(ordinary(peer.touched.of(peer.document)))).toEqual(byHash(anew))
        }
      }),
    ),
    { ...PROPERTY, numRuns: 30 },
  )
})

test('a change that cannot be opened any more, and what lies in the containers it made, are told by the engine', () => {
  withPeers(thingShape, 1, (peer) => {
    peer.assign({ title: 't', parts: [{ sku: 'a', qty: 1 }] })
    const host = testHost()
    let isRefusing = true
    const refusing = {
      ...host,
      sha256: (bytes: Uint8Array) => {
        const hash = host.sha256(bytes)
        return isRefusing ? hash.map((byte) => byte ^ 1) : hash
      },
    }
    const touched = new TouchedFields(refusing)
    expect(ordinary(touched.of(peer.document))).toEqual(byEngine(peer))
    isRefusing = false
    peer.assign({ title: 'u', parts: [{ sku: 'a', qty: 2 }] })
    expect(ordinary(touched.of(peer.document))).toEqual(byEngine(peer))
    expect(touched.of(peer.document).at(-1)?.paths).toContainEqual(['parts', 'a', 'qty'])
  })
})

test('each change is opened once, however often the history is asked for', () => {
  withPeers(thingShape, 1, (peer) => {
    const host = testHost()
    let opened = 0
    const counting = {
      ...host,
      sha256: (bytes: Uint8Array) => {
        opened += 1
        return host.sha256(bytes)
      },
    }
    const touched = new TouchedFields(counting)
    for (let length = 1; length <= 50; length++) {
      peer.assign({ notes: 'x'.repeat(length) })
      touched.of(peer.document)
      touched.of(peer.document)
    }
    expect(opened).toBe(peer.document.history().length)
  })
})
