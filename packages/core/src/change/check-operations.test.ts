import { describe, expect, it } from 'vitest'
import { checkOperations, type ObjectLookup } from './check-operations.ts'
import { type Craft, craftChange, threeNullsBut } from './craft.test-support.ts'
import { Automerge, host, runActor } from './engine.test-support.ts'
import { defaultChangeLimits } from './limits.ts'
import { objectIdText, readOperations } from './operations.ts'
import { parseChange } from './parse.ts'
import { ChangeRefused } from './refused.ts'

const limits = defaultChangeLimits

function check(bytes: Uint8Array, lookup?: ObjectLookup) {
  return checkOperations(parseChange(bytes, host, limits), limits, lookup)
}

function code(craft: Craft, lookup?: ObjectLookup): string {
  try {
    check(craftChange(craft), lookup)
    return 'accepted'
  } catch (error) {
    if (error instanceof ChangeRefused) return error.code
    throw error
  }
}

/** What Automerge does with a change that we refuse: throws, or accepts it and cannot load what it saved. */
function engineFate(bytes: Uint8Array): 'refused' | 'poisoned' | 'loads' {
  let doc = Automerge.init({ actor: runActor(200) })
  try {
    doc = Automerge.applyChanges(doc, [bytes])[0]
  } catch {
    return 'refused'
  }
  try {
    Automerge.load(Automerge.save(doc))
    return 'loads'
  } catch {
    return 'poisoned'
  }
}

/** One set of a key of the root, and what is changed about it. */
const one: [number, string][] = [
  [0x15, '7f 016b'],
  [0x34, '01'],
  [0x42, '7f 01'],
  [0x56, '7f 00'],
  [0x70, '7f 00'],
]
function oneBut(changes: Record<number, string | undefined>): [number, string][] {
  const columns = new Map<number, string | undefined>(one)
  for (const [number, data] of Object.entries(changes)) columns.set(Number(number), data)
  return [...columns].filter((c): c is [number, string] => c[1] !== undefined).sort((a, b) => a[0] - b[0])
}

/** Makes an object under key l, then one operation in it. */
function inside(action: string, changes: Record<number, string | undefined>): [number, string][] {
  const columns = new Map<number, string | undefined>([
    [0x01, '0001 7f 00'],
    [0x02, '0001 7f 01'],
    [0x13, '0001 7f 00'],
    [0x15, '7f 016c 0001'],
    [0x34, '01 01'],
    [0x42, `7e ${action} 01`],
    [0x56, '02 00'],
    [0x70, '02 00'],
  ])
  for (const [number, data] of Object.entries(changes)) columns.set(Number(number), data)
  return [...columns].filter((c): c is [number, string] => c[1] !== undefined).sort((a, b) => a[0] - b[0])
}

describe('readOperations', () => {
  it('reads what the engine decodes', () => {
    let doc = Automerge.from<Record<string, unknown>>(
      { m: { a: 1 }, l: [1, null, 2], t: 'höllo', n: new Automerge.Counter(1) },
      { actor: runActor(1) },
    )
    doc = Automerge.change(Automerge.clone(doc, { actor: runActor(2) }), (d) => {
      delete (d.m as Record<string, unknown>).a
      ;(d.l as unknown[]).splice(1, 1, 'x', { deep: [true] })
      Automerge.splice(d, ['t'], 1, 2, 'é')
      ;(d.n as Automerge.Counter).increment(3)
    })
    for (const bytes of Automerge.getAllChanges(doc)) {
      const parsed = parseChange(bytes, host, limits)
      const text = (id: { actor: number; counter: number }) => objectIdText(parsed, id)
      const ours = readOperations(parsed).map((o) => ({
        obj: objectIdText(parsed, o.object),
        ...(o.key === undefined
          ? { elemId: o.element === undefined ? '_head' : text(o.element) }
          : { key: o.key }),
        insert: o.insert,
        action: ['makeMap', 'set', 'makeList', 'del', 'makeText', 'inc'][o.action],
        pred: o.predecessors.map(text),
      }))
      const theirs = Automerge.decodeChange(bytes).ops.map((o) => {
        const { obj, key, elemId, insert, action, pred } = o as unknown as Record<string, unknown>
        return { obj, ...(key === undefined ? { elemId } : { key }), insert: insert ?? false, action, pred }
      })
      expect(ours).toEqual(theirs)
    }
  })
})

describe('references', () => {
  const cases: [string, Craft, string][] = [
    ['C-20: half an object id', { columns: oneBut({ 1: '7f 00', 2: undefined }) }, 'malformed'],
    ['C-20: object of the same operation', { columns: oneBut({ 1: '7f 00', 2: '7f 01' }) }, 'malformed'],
    [
      'C-20: object that is a scalar',
      { columns: threeNullsBut({ 1: '0001 02 00', 2: '0001 02 01' }) },
      'malformed',
    ],
    [
      'C-20: element of another list',
      { columns: inside('02', { 17: '0001 7f 00', 19: '0001 7f 01' }) },
      'malformed',
    ],
    ['C-20: element zero with an actor', { columns: inside('02', { 17: '0001 7f 00' }) }, 'malformed'],
    [
      'C-20: predecessor of itself',
      { columns: oneBut({ 112: '7f 01', 113: '7f 00', 115: '7f 01' }) },
      'malformed',
    ],
    [
      'C-20: predecessor zero',
      { columns: oneBut({ 112: '7f 01', 113: '7f 00', 115: '7f 00' }) },
      'malformed',
    ],
    [
      'C-21: predecessor under another key',
      { columns: threeNullsBut({ 112: '02 00 7f 01', 113: '7f 00', 115: '7f 01' }) },
      'malformed',
    ],
    ['C-22: delete of nothing', { columns: oneBut({ 66: '7f 03' }) }, 'malformed'],
    ['C-22: increment of nothing', { columns: oneBut({ 66: '7f 05', 86: '7f 14', 87: '01' }) }, 'malformed'],
    ['C-22: make with a value', { columns: oneBut({ 66: '7f 00', 86: '7f 16', 87: '41' }) }, 'not-canonical'],
    ['C-23: insert under a key', { columns: oneBut({ 52: '00 01' }) }, 'malformed'],
    [
      'C-23: element in the root',
      { columns: oneBut({ 19: '7f 00', 21: undefined, 52: '00 01' }) },
      'malformed',
    ],
    ['C-23: key and element at once', { columns: oneBut({ 17: '7f 00', 19: '7f 01' }) }, 'malformed'],
    ['C-23: neither key nor element', { columns: threeNullsBut({ 21: '7e 0161 0162 00 01' }) }, 'malformed'],
    [
      'C-23: key in a list',
      { columns: inside('02', { 19: undefined, 21: '7e 016c 016b', 52: '02' }) },
      'malformed',
    ],
    ['C-23: the beginning as element', { columns: inside('02', { 52: '02' }) }, 'malformed'],
    ['C-23: element in a map', { columns: inside('00', {}) }, 'malformed'],
    ['C-23: key that is not UTF-8', { columns: oneBut({ 21: '7f 02c341' }) }, 'malformed'],
  ]
  it.each(cases)('%s', (_name, craft, expected) => {
    expect(code(craft)).toBe(expected)
  })

  const poison: [string, Craft][] = [
    ['C-13: split run', { columns: threeNullsBut({ 66: '02 01 7f 01' }) }],
    ['C-13: literal for a run', { columns: threeNullsBut({ 86: '7d 00 00 00' }) }],
    ['C-12: spare inserts', { columns: threeNullsBut({ 52: '0a' }) }],
    ['C-14: unknown column', { columns: threeNullsBut({ 178: '03 01' }) }],
    ['C-14: column of nulls', { columns: threeNullsBut({ 1: '00 03', 2: '00 03' }) }],
    ['C-22: delete of nothing', { columns: oneBut({ 66: '7f 03' }) }],
    ['C-23: key in a list', { columns: inside('02', { 19: undefined, 21: '7e 016c 016b', 52: '02' }) }],
    ['C-23: the beginning as element', { columns: inside('02', { 52: '02' }) }],
  ]
  it.each(poison)('%s really is poison: Automerge applies it and cannot load it again', (_name, craft) => {
    expect(code(craft)).not.toBe('accepted')
    expect(engineFate(craftChange(craft))).toBe('poisoned')
  })

  it('C-21: predecessors ascend by counter, then by actor', () => {
    const [low, own, high] = [runActor(1), runActor(5), runActor(9)]
    const replacing = (actors: string, counters: string): Craft => ({
      actor: own,
      startOp: 9,
      others: [low, high],
      columns: oneBut({ 112: '7f 03', 113: actors, 115: counters }),
    })
    expect(code(replacing('7d 01 00 02', '7f 04 02 00'))).toBe('accepted')
    expect(code(replacing('7d 00 01 02', '7f 04 02 00'))).toBe('not-canonical')
    expect(code(replacing('7d 02 01 00', '03 01'))).toBe('accepted')
    expect(code(replacing('7d 02 01 00', '7d 03 7f 00'))).toBe('not-canonical')
    expect(code(replacing('7d 01 02 00', '7f 04 02 00'))).toBe('not-canonical')
  })

  it('C-21: a value may be replaced in the change that set it', () => {
    const craft: Craft = {
      columns: threeNullsBut({ 21: '03 0161', 112: '7f 00 02 01', 113: '02 00', 115: '02 01' }),
    }
    expect(code(craft)).toBe('accepted')
    expect(engineFate(craftChange(craft))).toBe('loads')
  })
})

describe('depth', () => {
  /** n maps, each in the one before. */
  function nested(n: number): Uint8Array {
    let doc = Automerge.init<Record<string, unknown>>({ actor: runActor(1) })
    doc = Automerge.change(doc, { time: 0 }, (d) => {
      let map = d
      for (let i = 0; i < n; i++) {
        map.k = {}
        map = map.k as Record<string, unknown>
      }
    })
    return Automerge.getLastLocalChange(doc)!
  }

  it('fault C3: the limit of depth holds on both sides, and depths are told (C-24)', () => {
    const made = check(nested(64))
    expect(made.map((object) => object.depth)).toEqual(Array.from({ length: 64 }, (_, i) => i + 1))
    expect(made[0]).toEqual({ objectId: `1@${runActor(1)}`, depth: 1, kind: 'map' })
    expect(() => check(nested(65))).toThrow(expect.objectContaining({ code: 'too-deep' }))
  })

  it('C-24: depth adds up across changes where the lookup knows the object', () => {
    const child: Craft = {
      actor: runActor(2),
      startOp: 9,
      others: [runActor(1)],
      columns: oneBut({ 1: '7f 01', 2: '7f 03', 66: '7f 00' }),
    }
    const at =
      (depth: number): ObjectLookup =>
      (id) =>
        id === `3@${runActor(1)}` ? { depth, kind: 'map' } : undefined
    expect(code(child, at(63))).toBe('accepted')
    expect(code(child, at(64))).toBe('too-deep')
    expect(code(child)).toBe('accepted')
    expect(code(child, () => ({ depth: 1, kind: 'list' }))).toBe('malformed')
  })
})

describe('fault C10: reserved keys', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('C-25: refuses %s', (key) => {
    const spelled = Buffer.from(key).toString('hex')
    const columns = oneBut({ 21: `7f ${key.length.toString(16).padStart(2, '0')} ${spelled}` })
    expect(code({ columns })).toBe('reserved-key')
  })

  it('C-25: leaves their neighbours alone', () => {
    const spelled = Buffer.from('_proto__').toString('hex')
    expect(code({ columns: oneBut({ 21: `7f 08 ${spelled}` }) })).toBe('accepted')
  })
})
