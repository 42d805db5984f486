import { beforeAll, describe, expect, test } from 'vitest'
import { containerChange } from '../change/container.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import { startEngine, testHost } from '../replica/replica.test-support.ts'
import { Document, EngineError } from './document.ts'

beforeAll(startEngine)

const host = testHost()
const ROOT = '_root'
const actor = (n: number) => `00${n.toString(16).padStart(32, '0')}`
const make = (kind: 'map' | 'list' | 'text' | 'counter', key: string) =>
  containerChange({ record: 'r/1', incarnation: 0, path: [{ key, generation: 0 }], kind }, host).bytes

const broken = ['heads', 'missing', 'save', 'read', 'history'] as const

describe('E-1: a handle that failed or was freed', () => {
  const calls: [string, (document: Document) => unknown][] = [
    ...broken.map((name): [string, (document: Document) => unknown] => [
      name,
      (document) => document[name](),
    ]),
    ['apply', (document) => document.apply([])],
    ['put', (document) => document.put(ROOT, 'a', 1)],
    ['delete', (document) => document.delete(ROOT, 'a')],
    ['commit', (document) => document.commit(0)],
    ['container', (document) => document.container([])],
    ['keys', (document) => document.keys(ROOT)],
    ['values', (document) => document.values(ROOT, 'a')],
    ['touched', (document) => document.touched([], [])],
    ['changesSince', (document) => document.changesSince([])],
  ]

  test.each(calls)('refuses %s', (_, call) => {
    const freed = new Document(actor(1))
    freed.free()
    freed.free()
    expect(freed.dead).toBe(true)
    expect(() => call(freed)).toThrow(EngineError)

    const failed = new Document(actor(1))
    expect(() => failed.apply([new Uint8Array([1, 2, 3])])).toThrow(EngineError)
    expect(failed.dead).toBe(true)
    expect(() => call(failed)).toThrow(/open the record again/)
  })

  test('keeps the engine’s words as the cause', () => {
    const document = new Document(actor(1))
    const failure = (() => {
      try {
        document.put('no such object', 'a', 1)
      } catch (error) {
        return error as Error
      }
      return undefined
    })()
    expect(failure).toMatchObject({ code: 'engine', cause: expect.anything() })
  })
})

describe('E-2: commit', () => {
  test('closes all edits into exactly one change of the document’s actor', () => {
    const document = new Document(actor(1))
    document.apply([make('text', 'notes'), make('list', 'tags'), make('counter', 'hours')])
    document.put(ROOT, 'a', 1)
    document.put(ROOT, 'b', 'x')
    document.updateText(document.container(['notes'])!.id, 'hello')
    document.spliceList(document.container(['tags'])!.id, 0, 0, ['p', 'q'])
    document.increment(ROOT, 'hours', 4)
    document.delete(ROOT, 'b')
    const bytes = document.commit(77)!
    expect(parseChange(bytes, host, defaultChangeLimits)).toMatchObject({
      actorHex: actor(1),
      seq: 1,
      time: 77,
    })
    expect(document.history().filter((change) => change.actor === actor(1))).toHaveLength(1)
    expect(document.commit(78)).toBeUndefined()
    expect(document.heads()).toHaveLength(1)

    const copy = new Document(actor(2))
    copy.apply([make('text', 'notes'), make('list', 'tags'), make('counter', 'hours'), bytes])
    expect(copy.read()).toEqual(document.read())
    expect(copy.read()).toMatchObject({ a: 1, notes: 'hello' })
    for (const one of [document, copy]) one.free()
  })

  test('an edit that changes nothing is none', () => {
    const document = new Document(actor(1))
    document.delete(ROOT, 'not there')
    expect(document.commit(0)).toBeUndefined()
    document.free()
  })
})

describe('E-3: what it tells', () => {
  test('kinds, containers, keys and lengths', () => {
    const document = new Document(actor(1))
    document.apply([make('map', 'm'), make('list', 'l'), make('text', 't'), make('counter', 'c')])
    document.put(ROOT, 's', null)
    document.spliceList(document.container(['l'])!.id, 0, 0, [1, 2, 3])
    document.commit(0)
    const kinds = Object.fromEntries(
      ['m', 'l', 't', 'c', 's', 'none'].map((key) => [key, document.kindAt(ROOT, key)]),
    )
    expect(kinds).toEqual({ m: 'map', l: 'list', t: 'text', c: 'counter', s: 'scalar', none: undefined })
    expect(document.container([])).toEqual({ id: ROOT, kind: 'map' })
    expect(document.container(['m'])?.kind).toBe('map')
    for (const path of [['s'], ['c'], ['none'], ['l', '0'], ['m', 'x', 'y']])
      expect(document.container(path)).toBeUndefined()
    expect(document.keys(ROOT).sort()).toEqual(['c', 'l', 'm', 's', 't'])
    expect(document.length(document.container(['l'])!.id)).toBe(3)
    document.free()
  })

  test('history, changes and their highest operation', () => {
    const document = new Document(actor(1))
    document.put(ROOT, 'a', 1)
    document.put(ROOT, 'b', 1)
    const first = document.commit(5)!
    document.put(ROOT, 'a', 2)
    const second = document.commit(6)!
    const [one, two] = [first, second].map((bytes) => parseChange(bytes, host, defaultChangeLimits).hashHex)
    expect(document.history()).toMatchObject([
      { actor: actor(1), seq: 1, hash: one, time: 5, deps: [], maxOp: 2 },
      { seq: 2, hash: two, time: 6, deps: [one], maxOp: 3 },
    ])
    expect(document.changesSince([])).toEqual([first, second])
    expect(document.changesSince([one!])).toEqual([second])
    expect(document.maxOpOf(two!)).toBe(3)
    expect(document.maxOpOf('ab'.repeat(32))).toBeUndefined()
    document.free()
  })

  test('what a change waits for', () => {
    const writer = new Document(actor(1))
    writer.put(ROOT, 'a', 1)
    const first = writer.commit(0)!
    writer.put(ROOT, 'a', 2)
    const second = writer.commit(0)!
    const reader = new Document(actor(2))
    reader.apply([second])
    expect(reader.missing()).toEqual([parseChange(first, host, defaultChangeLimits).hashHex])
    expect(reader.read()).toEqual({})
    reader.apply([first])
    expect(reader.missing()).toEqual([])
    for (const one of [writer, reader]) one.free()
  })

  test('touched fields: where letters and elements changed, the field that holds them, each change for itself', () => {
    const document = new Document(actor(1))
    document.apply([make('text', 'notes'), make('map', 'by')])
    const before = document.heads()
    document.updateText(document.container(['notes'])!.id, 'abc')
    document.put(document.container(['by'])!.id, '2024', 'x')
    document.commit(0)
    const middle = document.heads()
    document.put(ROOT, 'title', 'x')
    document.commit(0)
    const paths = (found: string[][]) => [...new Set(found.map((path) => path.join('/')))].sort()
    expect(paths(document.touched(before, middle))).toEqual(['by/2024', 'notes'])
    expect(paths(document.touched(middle, document.heads()))).toEqual(['title'])
    document.free()
  })

  test('every concurrent value, the winner last', () => {
    const documents = [1, 2, 3].map((n) => new Document(actor(n)))
    const changes = documents.map((document, i) => {
      document.put(ROOT, 'a', `v${i}`)
      return document.commit(0)!
    })
    for (const document of documents) document.apply(changes)
    const [first, ...others] = documents.map((document) => document.values(ROOT, 'a'))
    expect(first).toHaveLength(3)
    for (const other of others) expect(other).toEqual(first)
    expect(String(documents[0]!.read()['a'])).toBe(first!.at(-1)!.value)
    for (const document of documents) document.free()
  })

  test('a saved document is the same again', () => {
    const document = new Document(actor(1))
    document.apply([make('text', 'notes')])
    document.updateText(document.container(['notes'])!.id, 'é 🙂')
    document.commit(0)
    const loaded = Document.load(document.save(), actor(2))
    expect([loaded.read(), loaded.heads()]).toEqual([document.read(), document.heads()])
    expect(() => Document.load(new Uint8Array([1, 2, 3, 4]), actor(2))).toThrow(EngineError)
    for (const one of [document, loaded]) one.free()
  })
})
