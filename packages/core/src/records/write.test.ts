import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { startEngine } from '../replica/replica.test-support.ts'
import { type Peer, withPeers } from './peer.test-support.ts'
import { counter, keyed, text } from './shape.ts'
import { mapShape, thingShape } from './things.test-support.ts'
import { POSITION_KEY } from './view.ts'
import { GENERATIONS_MAX, WriteError } from './write.ts'

beforeAll(startEngine)

const two = (work: (a: Peer, b: Peer) => void) => withPeers(thingShape, 2, work)

/** Both know `base`, then write at once, then meet. */
function atOnce(
  base: object,
  left: object | ((a: Peer) => void),
  right: object | ((b: Peer) => void),
  after: (a: Peer, b: Peer) => void,
): void {
  two((a, b) => {
    a.assign(base as never)
    b.take(a)
    for (const [peer, change] of [[a, left] as const, [b, right] as const])
      if (typeof change === 'function') change(peer)
      else peer.assign({ ...base, ...change } as never)
    a.take(b)
    b.take(a)
    expect(a.view).toEqual(b.view)
    after(a, b)
  })
}

describe('R-25: containers', () => {
  test('each is made by its own change, the edits by one; nothing is made twice', () => {
    two((a) => {
      const first = a.assign({ notes: 'x', hours: 2, place: { at: { visits: 1 } } })
      expect(first.containers).toHaveLength(5)
      expect(first.own).toHaveLength(1)
      expect(a.assign({ notes: 'xy', hours: 3, place: { at: { visits: 1 } } })).toMatchObject({
        containers: [],
      })
    })
  })

  test('a container alone needs no change of the writer', () => {
    two((a, b) => {
      const made = a.assign({ notes: '', labels: {}, parts: [], tags: [], hours: 0 })
      expect([made.containers.length, made.own.length]).toEqual([5, 0])
      b.take(a)
      expect(b.view).toEqual({ notes: '', labels: {}, parts: [], tags: [], hours: 0 })
    })
  })

  test('two replicas that make the same field write the same bytes for it', () => {
    two((a, b) => {
      const [left, right] = [
        a.assign({ place: { at: { visits: 1 } } }),
        b.assign({ place: { at: { visits: 5 } } }),
      ]
      expect(left.containers).toEqual(right.containers)
      a.take(b)
      expect(a.view).toEqual({ place: { at: { visits: 6 } } })
    })
  })
})

describe('merges', () => {
  test('R-42: text, letter by letter', () => {
    atOnce({ notes: 'the pump' }, { notes: 'the old pump' }, { notes: 'the pump leaks' }, (a) => {
      expect(a.view).toEqual({ notes: 'the old pump leaks' })
    })
  })

  test('R-43: counters add', () => {
    atOnce({ hours: 10 }, { hours: 12 }, { hours: 7 }, (a) => expect(a.view).toEqual({ hours: 9 }))
  })

  test('R-44: rows, field by field; both sides add rows', () => {
    const base = { parts: [{ sku: 'a', qty: 1, note: 'n' }, { sku: 'b' }] }
    atOnce(
      base,
      { parts: [{ sku: 'a', qty: 2, note: 'n' }, { sku: 'x' }, { sku: 'b' }] },
      { parts: [{ sku: 'y' }, { sku: 'a', qty: 1, note: 'new' }, { sku: 'b' }] },
      (a) =>
        expect(a.view).toEqual({
          parts: [{ sku: 'y' }, { sku: 'a', qty: 2, note: 'new' }, { sku: 'x' }, { sku: 'b' }],
        }),
    )
  })

  test('R-44: both add the same row: it is one, with both sides’ fields', () => {
    atOnce(
      {},
      { parts: [{ sku: 'a', qty: 1, used: 2 }] },
      { parts: [{ sku: 'a', note: 'n', used: 3 }] },
      (a) => expect(a.view).toEqual({ parts: [{ sku: 'a', qty: 1, note: 'n', used: 5 }] }),
    )
  })

  test('R-31: rows put at the same place by both stand together, in order of their keys', () => {
    const base = { parts: [{ sku: 'a' }, { sku: 'z' }] }
    atOnce(
      base,
      { parts: [{ sku: 'a' }, { sku: 'm2' }, { sku: 'z' }] },
      { parts: [{ sku: 'a' }, { sku: 'm1' }, { sku: 'z' }] },
      (a) => {
        const keys = (a.view['parts'] as { sku: string }[]).map((row) => row.sku)
        expect(keys).toEqual(['a', 'm1', 'm2', 'z'])
        // And a row still finds its way between the two.
        const rows = keys.toSpliced(2, 0, 'mm').map((sku) => ({ sku }))
        a.assign({ parts: rows })
        expect(a.view).toEqual({ parts: rows })
      },
    )
  })

  test('R-45: a row deleted by one and edited by the other is gone', () => {
    const rows = [{ sku: 'a', qty: 1 }, { sku: 'b' }]
    atOnce({ parts: rows }, { parts: [{ sku: 'b' }] }, { parts: [{ sku: 'a', qty: 9 }, { sku: 'b' }] }, (a) =>
      expect(a.view).toEqual({ parts: [{ sku: 'b' }] }),
    )
  })

  test('R-45: both delete the same row, one makes it anew: the new one stays', () => {
    const rows = [{ sku: 'a', qty: 1 }]
    atOnce(
      { parts: rows },
      { parts: [] },
      (b) => {
        b.assign({ parts: [] })
        b.assign({ parts: [{ sku: 'a', qty: 2 }] })
      },
      (a) => expect(a.view).toEqual({ parts: [{ sku: 'a', qty: 2 }] }),
    )
  })

  test('R-46: lists, by index', () => {
    atOnce({ tags: ['a', 'b', 'c'] }, { tags: ['a', 'x', 'b', 'c'] }, { tags: ['a', 'b'] }, (a) =>
      expect(a.view).toEqual({ tags: ['a', 'x', 'b'] }),
    )
  })
})

describe('R-27: re-creation', () => {
  test('what is deleted and made anew begins empty, and merges with a replica that did the same', () => {
    const anew = (qty: number) => (peer: Peer) => {
      peer.assign({})
      expect(peer.view).toEqual({})
      peer.assign({ notes: 'new', place: { at: { visits: qty } }, hours: qty })
    }
    atOnce({ notes: 'old', place: { city: 'x', at: { visits: 7 } }, hours: 7 }, anew(1), anew(2), (a) =>
      expect(a.view).toEqual({ notes: 'newnew', place: { at: { visits: 3 } }, hours: 3 }),
    )
  })

  test('as often as there are generations, and the next one is refused', () => {
    two((a) => {
      for (let i = 0; i < GENERATIONS_MAX; i++) {
        a.assign({ notes: `${i}` })
        expect(a.view).toEqual({ notes: `${i}` })
        a.assign({})
      }
      expect(() => a.assign({ notes: 'once more' })).toThrow(WriteError)
    })
  })
})

describe('fault C11: R-26: something else stands at a container’s key', () => {
  const older = mapShape(
    z.object({
      notes: z.string().optional(),
      hours: z.number().optional(),
      tags: keyed('id', z.object({ id: z.string() })).optional(),
      place: z.string().optional(),
    }),
  )

  test('what an earlier schema kept as one value is shown, and merges from the first edit on', () => {
    withPeers(older, 1, (old) =>
      two((a, b) => {
        old.assign({ notes: 'abc', hours: 4 })
        old.assign({ notes: 'abcd', hours: 5 })
        a.take(old)
        expect(a.view).toEqual({ notes: 'abcd', hours: 5 })
        a.assign({ notes: 'abcde', hours: 7 })
        expect(a.view).toEqual({ notes: 'abcde', hours: 7 })
        b.take(a)
        a.assign({ notes: 'Xabcde', hours: 8 })
        b.assign({ notes: 'abcdeY', hours: 9 })
        a.take(b)
        expect(a.view).toEqual({ notes: 'XabcdeY', hours: 10 })
      }),
    )
  })

  test('a container of another kind, or a value where a map is needed, makes way', () => {
    withPeers(older, 1, (old) =>
      two((a, b) => {
        old.assign({ tags: [{ id: 'x' }], place: 'Oslo' })
        a.take(old)
        expect(a.view).toEqual({})
        const wanted = { tags: ['t'], place: { city: 'Oslo', at: { lat: 1 } } }
        expect(a.assign(wanted).own).toHaveLength(2)
        b.take(a)
        expect(b.view).toEqual(wanted)
      }),
    )
  })

  test('a value written over a container by somebody who knew it does not lock the field', () => {
    two((a, b) => {
      a.assign({ notes: 'good', hours: 3, parts: [{ sku: 'a', qty: 1 }] })
      b.take(a)
      for (const field of ['notes', 'hours', 'parts']) b.document.put('_root', field, 'gone wrong')
      b.takeBytes([b.document.commit(0)!])
      a.take(b)
      expect(a.view).toEqual({ notes: 'gone wrong' })
      const right = { notes: 'good again', hours: 4, parts: [{ sku: 'b' }] }
      a.assign(right)
      expect(a.view).toEqual(right)
    })
  })
})

describe('R-28: edits that come back to a record that has moved on', () => {
  test('a list edit beyond the end adds at the end, a removal of what is gone does nothing', () => {
    two((a) => {
      a.assign({ tags: ['a'] })
      a.write([
        { op: 'list', path: ['tags'], index: 5, remove: 3, insert: ['z'] },
        { op: 'delete', path: ['place', 'city'] },
        { op: 'delete', path: ['title'] },
      ])
      expect(a.view).toEqual({ tags: ['a', 'z'] })
    })
  })

  test('an edit inside what was deleted makes it again', () => {
    two((a) => {
      a.assign({ parts: [{ sku: 'a', qty: 1, used: 1 }], place: { city: 'x' } })
      a.assign({})
      a.write([
        { op: 'increment', path: ['parts', 'a', 'used'], by: 2 },
        { op: 'put', path: ['place', 'at', 'lat'], value: 5 },
      ])
      expect(a.view).toEqual({ parts: [{ sku: 'a', used: 2 }], place: { at: { lat: 5 } } })
    })
  })

  test('an order leaves out rows that are gone', () => {
    two((a) => {
      a.assign({ parts: [{ sku: 'a' }, { sku: 'b' }] })
      a.write([
        { op: 'make', path: ['parts', 'x'], kind: 'map' },
        { op: 'order', path: ['parts'], keys: ['gone', 'b', 'x', 'a'] },
      ])
      expect(a.view).toEqual({ parts: [{ sku: 'b' }, { sku: 'x' }, { sku: 'a' }] })
    })
  })
})

describe('R-32: places that are none', () => {
  test.each(['0', '', 'A0', '~~~', '00000'])(
    'a row put at %j by somebody else stands first and moves nobody',
    (bad) => {
      two((a, b) => {
        a.assign({ parts: [{ sku: 'b' }, { sku: 'c' }] })
        b.take(a)
        b.document.put(b.document.container(['parts', 'c'])!.id, POSITION_KEY, bad)
        b.takeBytes([b.document.commit(0)!])
        a.take(b)
        expect(a.view).toEqual({ parts: [{ sku: 'c' }, { sku: 'b' }] })
        const wanted = { parts: [{ sku: 'x' }, { sku: 'c' }, { sku: 'y' }, { sku: 'b' }] }
        a.assign(wanted)
        expect(a.view).toEqual(wanted)
      })
    },
  )
})

test('R-30: a keyed list of a thousand rows is written and read back in one edit', () => {
  two((a, b) => {
    const parts = Array.from({ length: 1000 }, (_, i) => ({ sku: `k${(i * 7919) % 1000}`, qty: i }))
    a.assign({ parts })
    b.take(a)
    expect(b.view).toEqual({ parts })
  })
})

test('R-2: counters and texts as the values of a record', () => {
  const shape = mapShape(z.object({ by: z.record(z.string(), counter()), on: z.record(z.string(), text()) }))
  withPeers(shape, 2, (a, b) => {
    a.assign({ by: { x: 1 }, on: { x: 'ab' } })
    b.assign({ by: { x: 2, y: 1 }, on: { y: 'c' } })
    a.take(b)
    expect(a.view).toEqual({ by: { x: 3, y: 1 }, on: { x: 'ab', y: 'c' } })
  })
})
