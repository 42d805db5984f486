import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import { Document } from '../engine/document.ts'
import { emptyFrontier } from '../log/frontier.ts'
import { collection } from '../records/collection.ts'
import { Isolation } from './isolation.ts'
import { FOLLOWED_CHANGES_MAX, OpenRecord } from './open-record.ts'
import { startEngine, testHost } from './replica.test-support.ts'

beforeAll(startEngine)

const host = testHost()
const parse = (bytes: Uint8Array) => parseChange(bytes, host, defaultChangeLimits)
const things = collection('things', z.object({ size: z.number() }))
const actors = { one: `00${'11'.repeat(16)}`, two: `00${'22'.repeat(16)}` }

const nothingIsTried = () => Promise.reject(new Error('nothing here is heavy'))
const isolation = new Isolation({
  host,
  trial: { try: nothingIsTried },
  quarantined: new Map(),
  events: () => undefined,
  commit: nothingIsTried,
  lacks: nothingIsTried,
})

function sizes(document: Document, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, size) => {
    document.put('_root', 'size', size)
    return document.commit(0)!
  })
}

/** A record that was stored with these changes. */
function loaded(changes: Uint8Array[]): OpenRecord {
  const frontier = { ...emptyFrontier(), heads: [parse(changes.at(-1)!).hashHex] }
  return new OpenRecord(
    'things/a',
    things,
    { hands: 0, actor: actors.two, isolation, host },
    { frontier, changes, committed: undefined },
  )
}

describe('a record that was loaded', () => {
  it('takes what follows on a short plain history without the engine, and reads as the engine reads it', () => {
    const document = new Document(actors.one)
    const changes = sizes(document, FOLLOWED_CHANGES_MAX + 2).map(parse)
    const before = changes.slice(0, FOLLOWED_CHANGES_MAX).map(({ bytes }) => bytes)
    const record = loaded(before)
    expect(record.followPlainly([changes.at(-2)!], parse)).toBe(true)
    expect(record.followPlainly([changes.at(-1)!], parse)).toBe(true)
    record.changed()
    expect(record.view.value).toEqual({ size: FOLLOWED_CHANGES_MAX + 1 })
    expect(record.frontier.heads).toEqual(document.heads())
    expect(record.document.read()).toEqual(document.read())
    record.free()
    document.free()
  })

  it('leaves a longer history to the engine', () => {
    const document = new Document(actors.one)
    const changes = sizes(document, FOLLOWED_CHANGES_MAX + 2)
    expect(loaded(changes.slice(0, -1)).followPlainly([parse(changes.at(-1)!)], parse)).toBe(false)
    document.free()
  })

  it('leaves what is concurrent to the engine, with all that was followed before', () => {
    const document = new Document(actors.one)
    const [first, second] = sizes(document, 2) as [Uint8Array, Uint8Array]
    const other = new Document(actors.two)
    other.apply([first])
    other.put('_root', 'size', -1)
    const concurrent = other.commit(0)!
    const record = loaded([first])
    expect(record.followPlainly([parse(second)], parse)).toBe(true)
    expect(record.followPlainly([parse(concurrent)], parse)).toBe(false)
    record.document.apply([concurrent])
    record.changed()
    expect(record.frontier.heads).toHaveLength(2)
    for (const one of [document, other, record]) one.free()
  })

  it('leaves changes that would not be let in any more to the engine', () => {
    const document = new Document(actors.one)
    const [first, second] = sizes(document, 2) as [Uint8Array, Uint8Array]
    const strict = (bytes: Uint8Array) => parseChange(bytes, host, { ...defaultChangeLimits, rawBytesMax: 1 })
    expect(loaded([first]).followPlainly([parse(second)], strict)).toBe(false)
    document.free()
  })
})
