import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { actorKind } from './actors.ts'
import { checkOperations } from './check-operations.ts'
import { containerChange, verifyContainerChange } from './container.ts'
import {
  addressText,
  type ContainerAddress,
  type ContainerKind,
  type PathStep,
  parseAddress,
} from './container-address.ts'
import { type Craft, craftChange } from './craft.test-support.ts'
import { Automerge, host, seeded } from './engine.test-support.ts'
import { defaultChangeLimits } from './limits.ts'
import { parseChange } from './parse.ts'

interface Vector extends ContainerAddress {
  readonly message: string
  readonly actor: string
  readonly hash: string
  readonly bytes: string
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL('./golden/containers.json', import.meta.url), 'utf8'),
)
const kinds: ContainerKind[] = ['map', 'list', 'text', 'counter']

function at(kind: ContainerKind, ...path: (string | PathStep)[]): ContainerAddress {
  return {
    record: 'wo-1',
    incarnation: 0,
    kind,
    path: path.map((step) => (typeof step === 'string' ? { key: step, generation: 0 } : step)),
  }
}

/** What Automerge's own encoder writes for the same change. */
function byAutomerge(address: ContainerAddress): Uint8Array {
  const { path, kind } = address
  const around =
    path.length > 1 ? containerChange({ ...address, path: path.slice(0, -1), kind: 'map' }, host) : undefined
  const make = { map: 'makeMap', list: 'makeList', text: 'makeText', counter: 'set' }[kind]
  const value = kind === 'counter' ? { value: 0, datatype: 'counter' } : {}
  const op = { action: make, obj: around?.objectId ?? '_root', key: path.at(-1)!.key, pred: [], ...value }
  return Automerge.encodeChange({
    actor: containerChange(address, host).actor,
    seq: 1,
    startOp: path.length,
    time: 0,
    message: addressText(address),
    deps: around === undefined ? [] : [around.hash],
    ops: [op],
  } as unknown as Parameters<typeof Automerge.encodeChange>[0])
}

const keys = [
  'parts',
  'SKU-12',
  '',
  'ä',
  '部件',
  '👩‍🔧',
  '"',
  '\\',
  '\n',
  '\u0000',
  '\ufeff',
  '1',
  'k'.repeat(127),
  'k'.repeat(128),
  'é'.repeat(512),
]

function randomAddress(next: (n: number) => number): ContainerAddress {
  const step = () => ({ key: keys[next(keys.length)]!, generation: next(3) === 0 ? next(2 ** 31) : 0 })
  const path = Array.from({ length: 1 + next(3) }, step)
  return { record: `r${next(1000)}ß`, incarnation: next(3) * next(1000), kind: kinds[next(4)]!, path }
}

describe('container changes', () => {
  it.each(vectors)(
    'C-40: golden vector $message of $record, incarnation $incarnation',
    ({ message, actor, hash, bytes, ...address }) => {
      const made = containerChange(address, host)
      expect({
        message: addressText(address),
        actor: made.actor,
        hash: made.hash,
        bytes: toHex(made.bytes),
      }).toEqual({ message, actor, hash, bytes })
    },
  )

  it('C-40: has golden vectors of every kind, three levels deep, with generations', () => {
    expect(new Set(vectors.map((v) => v.kind))).toEqual(new Set(kinds))
    expect(vectors.some((v) => v.path.length === 3 && v.path.some((step) => step.generation > 0))).toBe(true)
  })

  it('C-40: equals what Automerge writes, in 400 random cases (seed 1)', () => {
    const next = seeded(1)
    for (let i = 0; i < 400; i++) {
      const address = randomAddress(next)
      expect(toHex(containerChange(address, host).bytes), JSON.stringify(address)).toBe(
        toHex(byAutomerge(address)),
      )
    }
  })

  it('C-40: comes out the same when the parent is at hand', () => {
    const parent = containerChange(at('map', 'parts', 'SKU-12'), host)
    const child = at('text', 'parts', 'SKU-12', 'note')
    expect(containerChange(child, host, parent)).toEqual(containerChange(child, host))
  })

  it('C-40: passes every check of this directory', () => {
    const next = seeded(2)
    for (let i = 0; i < 200; i++) {
      const address = randomAddress(next)
      const { bytes, actor, hash, objectId } = containerChange(address, host)
      const parsed = parseChange(bytes, host, defaultChangeLimits)
      expect([parsed.actorHex, parsed.hashHex, parsed.seq, parsed.startOp, parsed.time]).toEqual([
        actor,
        hash,
        1,
        address.path.length,
        0,
      ])
      expect(actorKind(actor)).toBe('container')
      verifyContainerChange(parsed, address.record, address.incarnation, host)
      const made = checkOperations(parsed, defaultChangeLimits)
      expect(made.map((object) => object.objectId)).toEqual(address.kind === 'counter' ? [] : [objectId])
    }
  })

  it('C-41: each part of an address matters', () => {
    const addresses: ContainerAddress[] = [
      ...kinds.map((kind) => at(kind, 'a')),
      at('map', 'b'),
      at('map', 'a', 'b'),
      at('map', 'ab'),
      at('map', 'b', 'a'),
      at('map', ''),
      at('map', '', ''),
      at('map', { key: 'a', generation: 1 }),
      at('map', { key: 'a', generation: 1 }, 'b'),
      at('map', 'a', { key: 'b', generation: 1 }),
      { ...at('map', 'a'), incarnation: 1 },
      { ...at('map', 'a'), record: 'wo-2' },
      { ...at('map', 'a'), record: 'wo-1a' },
      { ...at('map', 'a'), record: '' },
      at('map', '1'),
      at('map', 'a', '1'),
    ]
    expect(new Set(addresses.map((address) => containerChange(address, host).actor)).size).toBe(
      addresses.length,
    )
  })

  it('C-41: the text is read back to the same address', () => {
    const next = seeded(3)
    for (let i = 0; i < 500; i++) {
      const address = randomAddress(next)
      expect(parseAddress(addressText(address), address.record, address.incarnation)).toEqual(address)
    }
    expect(addressText(at('counter', { key: 'visits', generation: 2 }, 'x'))).toBe('c["visits",2,"x"]')
  })

  it.each([
    ['malformed', at('map')],
    ['malformed', { ...at('map', 'a'), incarnation: -1 }],
    ['malformed', at('map', { key: 'a', generation: 1.5 })],
    ['malformed', at('map', 'half \ud83d')],
    ['reserved-key', at('map', 'a', '__proto__')],
    ['key-too-long', at('map', 'k'.repeat(1025))],
    ['key-too-long', at('map', 'é'.repeat(513))],
    ['too-deep', at('map', ...new Array(65).fill('d'))],
    ['message-too-long', at('map', ...new Array(5).fill('k'.repeat(1000)))],
    ['message-too-long', at('map', ...new Array(3).fill('\u0001'.repeat(1000)))],
  ])('C-41: %s', (code, address) => {
    expect(() => containerChange(address, host)).toThrow(
      expect.objectContaining({ name: 'ChangeRefused', code }),
    )
  })
})

describe('verifyContainerChange', () => {
  const honest = containerChange(at('map', 'parts'), host)
  const message = 'm["parts"]'

  function verdict(bytes: Uint8Array, record = 'wo-1', incarnation = 0): string {
    try {
      verifyContainerChange(parseChange(bytes, host, defaultChangeLimits), record, incarnation, host)
      return 'accepted'
    } catch (error) {
      return (error as { code: string }).code
    }
  }

  it('C-42: accepts the honest change, for its own record and incarnation only', () => {
    expect(verdict(honest.bytes)).toBe('accepted')
    expect(verdict(honest.bytes, 'wo-2')).toBe('forged-container')
    expect(verdict(honest.bytes, 'wo-1', 1)).toBe('forged-container')
  })

  const forgeries: [string, Craft][] = [
    ['other content', { message }],
    ['a second change', { message, seq: 2 }],
    ['another time', { message, time: '01' }],
    ['another first operation', { message, startOp: 2 }],
    ['a dependency', { message, deps: ['aa'.repeat(32)] }],
    ['extra bytes', { message, extra: '00' }],
  ]
  it.each(forgeries)('C-42: refuses %s under the container actor', (_name, craft) => {
    const columns: [number, string][] = [
      [0x15, '7f 057061727473'],
      [0x34, '01'],
      [0x42, '7f 00'],
      [0x56, '7f 00'],
      [0x70, '7f 00'],
    ]
    const same = craftChange({ actor: honest.actor, message, columns })
    expect(verdict(same)).toBe('accepted')
    const changed = craft.seq || craft.time || craft.startOp || craft.deps || craft.extra ? { columns } : {}
    expect(verdict(craftChange({ actor: honest.actor, ...changed, ...craft }))).toBe('forged-container')
  })

  it.each([
    '',
    'm',
    'x["parts"]',
    'm["parts"',
    'm"parts"',
    'm{"parts":1}',
    'm[1]',
    'm["parts",0]',
    'm["parts",1,2]',
    'm["parts",null]',
    'm[["parts"]]',
    'm ["parts"]',
    'm["parts" ]',
    'm["\\u0070arts"]',
    'm["parts",-0]',
    'm["parts",1e0]',
  ])('C-42: refuses the message %j', (text) => {
    expect(verdict(craftChange({ actor: honest.actor, message: text }))).toBe('forged-container')
  })

  it('C-42: refuses what no address may be', () => {
    expect(verdict(craftChange({ actor: honest.actor, message: 'm["__proto__"]' }))).toBe('reserved-key')
    expect(verdict(craftChange({ actor: honest.actor, message: 'm[]' }))).toBe('malformed')
    expect(verdict(craftChange({ actor: honest.actor, message: 'm["a",1.5]' }))).toBe('malformed')
    expect(verdict(craftChange({ actor: honest.actor, message: `m${'['.repeat(4000)}` }))).toBe(
      'forged-container',
    )
  })
})

describe('containers in the engine', () => {
  const actors = [`00${'01'.repeat(16)}`, `00${'02'.repeat(16)}`] as const

  /** A replica that makes parts.SKU-12.note and parts.SKU-12.count for itself and writes into them. */
  function replica(actor: string, text: string, by: number) {
    const addresses = [
      at('map', 'parts'),
      at('map', 'parts', 'SKU-12'),
      at('text', 'parts', 'SKU-12', 'note'),
      at('counter', 'parts', 'SKU-12', 'count'),
    ]
    const changes = addresses.map((address) => containerChange(address, host).bytes)
    const [doc] = Automerge.applyChanges(
      Automerge.init<Record<string, Record<string, { note: string; count: Automerge.Counter }>>>({ actor }),
      changes,
    )
    return Automerge.change(doc, { time: 0 }, (d) => {
      Automerge.splice(d, ['parts', 'SKU-12', 'note'], 0, 0, text)
      d.parts!['SKU-12']!.count.increment(by)
    })
  }

  it('C-43: two replicas that make the same containers merge what is inside', () => {
    const merged = Automerge.merge(replica(actors[0], 'one', 2), replica(actors[1], 'two', 3))
    expect(['onetwo', 'twoone']).toContain(merged.parts!['SKU-12']!.note)
    expect(merged.parts!['SKU-12']!.count.value).toBe(5)
    expect(Automerge.getConflicts(merged, 'parts')).toBeUndefined()
    const reloaded = Automerge.load<typeof merged>(Automerge.save(merged))
    expect(Automerge.toJS(reloaded)).toEqual(Automerge.toJS(merged))
  })

  it('C-43: the engine gives a container change back bit for bit, also after loading', () => {
    const loaded = Automerge.load(Automerge.save(replica(actors[0], 'x', 1)))
    const given = new Set(Automerge.getAllChanges(loaded).map(toHex))
    for (const address of [at('map', 'parts'), at('counter', 'parts', 'SKU-12', 'count')]) {
      expect(given).toContain(toHex(containerChange(address, host).bytes))
    }
  })

  it('C-43: a child waits for its parent', () => {
    const child = containerChange(at('text', 'parts', 'note'), host)
    let [doc] = Automerge.applyChanges(Automerge.init<Record<string, unknown>>({ actor: actors[0] }), [
      child.bytes,
    ])
    expect(Automerge.toJS(doc)).toEqual({})
    ;[doc] = Automerge.applyChanges(doc, [containerChange(at('map', 'parts'), host).bytes])
    expect(Automerge.toJS(doc)).toEqual({ parts: { note: '' } })
  })
})
