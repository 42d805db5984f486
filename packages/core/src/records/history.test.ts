import { beforeAll, describe, expect, test } from 'vitest'
import { startEngine } from '../replica/replica.test-support.ts'
import { concurrentValues } from './concurrent.ts'
import { historyOf } from './history.ts'
import { Peer } from './peer.test-support.ts'
import { thingShape } from './things.test-support.ts'
import { Versions } from './versions.ts'
import { DELETED_KEY } from './view.ts'

const thingVersions = new Versions(thingShape, 1, {}, 'things')

beforeAll(startEngine)

const actor = (n: number) => `00${n.toString(16).padStart(32, '0')}`
const names = new Map([
  [actor(1), 'ana'],
  [actor(2), 'ben'],
])
const authorOf = async (of: string) => names.get(of)

async function peers(count: number, work: (...peers: Peer[]) => Promise<void>): Promise<void> {
  const all = Array.from({ length: count }, (_, i) => new Peer(thingShape, i + 1))
  try {
    await work(...all)
  } finally {
    for (const peer of all) peer.document.free()
  }
}

describe('REC-6 R-51: history', () => {
  test('lists who changed which fields when, oldest first, without containers and our own keys', () =>
    peers(2, async (a, b) => {
      a.time = 10
      a.assign({
        title: 't',
        notes: 'abc',
        parts: [{ sku: '7', qty: 1 }],
        labels: { 2024: 'x' },
        tags: ['a'],
      })
      b.take(a)
      b.time = 20
      b.assign({ ...b.view, notes: 'abXc', tags: ['a', 'b'], labels: { 2024: 'y' } })
      b.assign({ ...b.view, parts: [{ sku: '7', qty: 2 }, { sku: '8' }] })
      b.write([{ op: 'put', path: [DELETED_KEY], value: true }])
      const history = await historyOf(b, thingVersions, authorOf)
      expect(history.map(({ author, time }) => [author, time])).toEqual([
        ['ana', 10_000],
        ['ben', 20_000],
        ['ben', 20_000],
        ['ben', 20_000],
      ])
      expect(history.map(({ fields }) => fields.map((path) => path.join('/')).sort())).toEqual([
        ['labels/2024', 'notes', 'parts/7/qty', 'parts/7/sku', 'tags', 'title'],
        ['labels/2024', 'notes', 'tags'],
        ['parts/7/qty', 'parts/8/sku'],
        [],
      ])
      expect(history.map((item) => item.hash)).toEqual(
        b.document.history().flatMap((one) => (one.actor.startsWith('00') ? [one.hash] : [])),
      )
    }))

  test('an author who is not known is not made up', () =>
    peers(3, async (_a, _b, c) => {
      c.assign({ title: 'x' })
      expect(await historyOf(c, thingVersions, authorOf)).toMatchObject([
        { actor: actor(3), author: undefined },
      ])
    }))
})

describe('R-52: concurrent values', () => {
  test('of plain fields at every depth; the one that shows comes first', () =>
    peers(3, async (a, b, c) => {
      const base = {
        title: 't',
        place: { at: { lat: 0 } },
        parts: [{ sku: 'p', qty: 0 }],
        labels: { l: '-' },
        hours: 1,
      }
      a.assign(base)
      b.take(a)
      c.take(a)
      a.time = 10
      b.time = 20
      const value = (n: number) => ({
        title: `t${n}`,
        place: { at: { lat: n } },
        parts: [{ sku: 'p', qty: n }],
        labels: { l: `${n}` },
        hours: n,
      })
      a.assign(value(1))
      b.assign(value(2))
      c.assign({ ...base, size: 1 })
      for (const one of [a, b, c]) for (const other of [a, b, c]) one.take(other)
      const found = await concurrentValues(c.document, thingVersions, authorOf)
      expect(found.map(({ path }) => path.join('/')).sort()).toEqual([
        'labels/l',
        'parts/p/qty',
        'place/at/lat',
        'title',
      ])
      for (const { values } of found)
        expect(values.map(({ author, time, actor: by }) => [author, time, by]).sort()).toEqual([
          ['ana', 10_000, actor(1)],
          ['ben', 20_000, actor(2)],
        ])
      const title = found.find(({ path }) => path[0] === 'title')
      expect(title?.values[0]?.value).toBe(c.view.title)
      c.assign({ ...c.view, title: 'settled' })
      const left = await concurrentValues(c.document, thingVersions, authorOf)
      expect(left.map(({ path }) => path[0])).not.toContain('title')
    }))

  test('R-11: what a view hides is not told either', () =>
    peers(2, async (a, b) => {
      a.assign({ labels: { a: 'x' } })
      b.take(a)
      for (const [peer, value] of [[a, 'left'] as const, [b, 'right'] as const]) {
        peer.document.put(peer.document.container(['labels'])!.id, '@hidden', value)
        peer.takeBytes([peer.document.commit(0)!])
      }
      a.take(b)
      expect(await concurrentValues(a.document, thingVersions, authorOf)).toEqual([])
    }))
})
