/** Letting in what may be anything: bytes, signatures, containers, structure, engine, ceilings. Rights are in rights.test.ts. */
import { beforeAll, describe, expect, test } from 'vitest'
import { containerChange } from '../change/container.ts'
import type { ContainerKind } from '../change/container-address.ts'
import { Automerge } from '../change/engine.test-support.ts'
import { Document } from '../engine/document.ts'
import { expectRefused, hubWithOrder, KEY } from './admission.test-support.ts'
import { importActor } from './import-actor.ts'
import { HEADS_PER_RECORD_MAX } from './limits.ts'
import { draft, openHub, order, Pen, pull, push, putting } from './orders.test-support.ts'
import { startEngine, testHost } from './replica.test-support.ts'

beforeAll(startEngine)

const host = testHost()
const container = (
  key: string,
  kind: ContainerKind,
  over: { generation?: number; incarnation?: number; record?: string } = {},
) =>
  containerChange(
    {
      record: over.record ?? KEY,
      incarnation: over.incarnation ?? 0,
      path: [{ key, generation: over.generation ?? 0 }],
      kind,
    },
    host,
  ).bytes

type DecodedChange = ReturnType<typeof Automerge.decodeChange>

/** The change, encoded again with something else in it, checksum and all. */
function recoded(change: Uint8Array, over: (decoded: DecodedChange) => object): Uint8Array {
  const { hash: _, ...decoded } = Automerge.decodeChange(change)
  return Automerge.encodeChange({ ...decoded, ...over(decoded as DecodedChange) } as DecodedChange)
}

describe('fault C8: A-2: bytes', () => {
  test('damaged, foreign or empty entries are refused one by one, between good ones', async () => {
    const { hub, pen } = await hubWithOrder()
    const good = async (n: number) => {
      const document = draft(n)
      return pen.changes(`work_orders/g${n}`, [putting(document, order)])
    }
    const first = await good(1)
    const flipped = first.with(20, first[20]! ^ 1)
    const codes = await pen.tell(
      hub,
      await good(2),
      flipped,
      new Uint8Array(3),
      await good(3),
      new Uint8Array([9, 9, 9, 9, 9, 9, 9, 9]),
    )
    expect(codes).toEqual([undefined, 'entry-checksum', 'malformed-entry', undefined, 'entry-checksum'])
    expect((await hub.workOrders.all()).map(({ id }) => id)).toEqual(['1', 'g2', 'g3'])
  })

  test('a change that is no change is refused by its own code', async () => {
    const world = await hubWithOrder()
    const body = world.pen.unsigned(KEY, [new Uint8Array([1, 2, 3])])
    await expectRefused(world, 'truncated', body)
  })
})

describe('A-3: signatures', () => {
  const edit = (base: Uint8Array[]) => [putting(draft(0xe, base), { title: 'eve' })]

  test.each<[string, string, (pen: Pen, base: Uint8Array[]) => Promise<Uint8Array> | Uint8Array]>([
    ['none', 'bad-signature', (pen, base) => pen.unsigned(KEY, edit(base))],
    ['of another space', 'bad-signature', (pen, base) => pen.changes(KEY, edit(base), { space: 'other' })],
    [
      'of another record',
      'bad-signature',
      (pen, base) => pen.changes(KEY, edit(base), { signAs: 'work_orders/2' }),
    ],
    ['over another sequence', 'bad-signature', (pen, base) => pen.changes(KEY, edit(base), { lastSeq: 2 })],
    [
      'of another actor',
      'bad-signature',
      (pen, base) => pen.changes(KEY, edit(base), { actor: new Uint8Array(17) }),
    ],
    [
      'of nobody',
      'bad-signature',
      (pen, base) => pen.changes(KEY, edit(base), { signature: new Uint8Array(64) }),
    ],
    [
      'citing a credential that was never shown',
      'credential-unknown',
      (pen, base) => pen.changes(KEY, edit(base), { credentialHash: new Uint8Array(32).fill(5) }),
    ],
    [
      'over changes of two actors',
      'bad-signature',
      (pen, base) => {
        const [left, right] = [
          putting(draft(0xa, base), { title: 'l' }),
          putting(draft(0xb, base), { title: 'r' }),
        ]
        return pen.changes(KEY, [left, right])
      },
    ],
  ])('%s', async (_, code, forge) => {
    const world = await hubWithOrder()
    await expectRefused(world, code, await forge(world.pen, world.base))
  })

  test('of another device, under the peer’s own credential', async () => {
    const world = await hubWithOrder()
    const other = await Pen.make(8)
    const hash = world.pen.peer.credential.hash
    const entry = await other.changes(KEY, edit(world.base), { credentialHash: Buffer.from(hash, 'hex') })
    await expectRefused(world, 'bad-signature', entry)
  })

  test('of a device whose credential has expired since, carried by another: nobody can say when it wrote', async () => {
    const { hub, pen, base } = await hubWithOrder()
    const late = await Pen.make(8, { subject: 'tech:late', expiresAt: host.clock - 1 })
    const { credential } = late.peer
    const entry = await late.changes(KEY, edit(base))
    expect(await pen.tell(hub, { kind: 'credential', credential }, entry)).toEqual([undefined])
    expect((await hub.workOrders.history('1')).at(-1)?.author).toBe('tech:late')
  })

  test('of another device, carried with its credential, is taken as that device’s', async () => {
    const { hub, pen, base } = await hubWithOrder()
    const other = await Pen.make(8, { subject: 'tech:oda' })
    const entry = await other.changes(KEY, edit(base))
    const { credential } = other.peer
    expect(await pen.tell(hub, { kind: 'credential', credential }, entry)).toEqual([undefined])
    expect((await hub.workOrders.history('1')).at(-1)?.author).toBe('tech:oda')
  })

  test('containers alone need none: everybody can compute them', async () => {
    const { hub, pen } = await hubWithOrder()
    expect(await pen.tell(hub, pen.unsigned(KEY, [container('tags', 'list')]))).toEqual([undefined])
    expect(await hub.workOrders.get('1')).toMatchObject({ tags: [] })
  })
})

describe('fault C7: A-4: an actor belongs to the first key that signs under it', () => {
  test('another device cannot go on under it', async () => {
    const world = await hubWithOrder()
    const ana = draft(0, world.base)
    const [, own] = ana.history().map((change) => change.actor)
    const thief = Document.load(ana.save(), own!)
    await expectRefused(
      world,
      'bad-signature',
      await world.pen.changes(KEY, [putting(thief, { title: 'mine' })]),
    )
  })

  test('in another record neither, nor after the hub was opened again', async () => {
    const { replica: hub, disk } = await openHub()
    const first = await Pen.make(7)
    const second = await Pen.make(8)
    expect(await first.tell(hub, await first.changes('work_orders/a', [putting(draft(5), order)]))).toEqual([
      undefined,
    ])
    const stolen = () => second.changes('work_orders/b', [putting(draft(5), order)])
    expect(await second.tell(hub, await stolen())).toEqual(['bad-signature'])
    await hub.close()
    const { replica: again } = await openHub({ disk, seed: 100 })
    expect(await second.tell(again, await stolen())).toEqual(['bad-signature'])
    expect(await first.tell(again, await first.changes('work_orders/b', [putting(draft(5), order)]))).toEqual(
      [undefined],
    )
  })
})

describe('A-5: imports', () => {
  const importing = (base: Uint8Array[], system = 'crm') => {
    const document = (actor: string) => {
      const made = Automerge.init({ actor })
      const backend = Automerge.getBackend(made)
      backend.applyChanges(base as never)
      return backend
    }
    const row = { decided: false, externalId: '42', externalVersion: '1', value: {}, deleted: false }
    const backend = document(importActor(host, { system, ...row, time: 0, heads: [], schemaVersion: 1 }))
    backend.put('_root', 'title', 'imported', 'str' as never)
    backend.commit(undefined, 0)
    return backend.getLastLocalChange() as Uint8Array
  }

  test('belong to adapter nodes', async () => {
    const world = await hubWithOrder()
    await expectRefused(world, 'reserved-actor', await world.pen.changes(KEY, [importing(world.base)]))
  })

  test('belong to the adapter node of that system', async () => {
    const world = await hubWithOrder()
    const pen = await Pen.make(9, { subject: 'adapter:crm', systems: ['crm', 'pim'] })
    await expectRefused(
      { ...world, pen },
      'reserved-actor',
      await pen.changes(KEY, [importing(world.base, 'erp')]),
    )
  })

  test('are let in from one', async () => {
    const { hub, base } = await hubWithOrder()
    const adapter = await Pen.make(9, { subject: 'adapter:crm', systems: ['crm'] })
    expect(await adapter.tell(hub, await adapter.changes(KEY, [importing(base)]))).toEqual([undefined])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'imported' })
  })
})

describe('A-6: containers', () => {
  /** A change that claims a container's actor but does something else. */
  const forged = (base: Uint8Array[]) => {
    const actor = containerChange(
      { record: KEY, incarnation: 0, path: [{ key: 'tags', generation: 0 }], kind: 'list' },
      host,
    ).actor
    const made = Automerge.getBackend(Automerge.init({ actor }))
    made.applyChanges(base as never)
    made.put('_root', 'title', 'forged', 'str' as never)
    made.commit('l["tags"]', 0)
    return made.getLastLocalChange() as Uint8Array
  }

  test('under a container’s actor nothing else is taken', async () => {
    const world = await hubWithOrder()
    await expectRefused(world, 'forged-container', world.pen.unsigned(KEY, [forged(world.base)]))
  })

  test.each<[string, string, Parameters<typeof container>]>([
    ['of another record', 'forged-container', ['tags', 'list', { record: 'work_orders/2' }]],
    ['of another incarnation', 'forged-container', ['tags', 'list', { incarnation: 1 }]],
    ['of a generation that nobody looks for', 'too-many-generations', ['tags', 'list', { generation: 64 }]],
  ])('%s', async (_, code, of) => {
    const world = await hubWithOrder()
    await expectRefused(world, code, world.pen.unsigned(KEY, [container(...of)]))
  })

  test('nor as the entry of another incarnation, or the record’s maps could not be written into again', async () => {
    const world = await hubWithOrder()
    const entry = world.pen.unsigned(KEY, [container('address', 'map', { incarnation: 1 })], 1)
    expect(await world.pen.tell(world.hub, entry)).toEqual(['wrong-incarnation'])
    await expectRefused(
      world,
      'wrong-incarnation',
      await world.pen.changes(KEY, [putting(draft(0xe, world.base), { title: 'x' })], { incarnation: 1 }),
    )
  })

  test('the last generation is taken', async () => {
    const { hub, pen } = await hubWithOrder()
    expect(await pen.tell(hub, pen.unsigned(KEY, [container('tags', 'list', { generation: 63 })]))).toEqual([
      undefined,
    ])
  })

  test('a change that makes an object itself is refused', async () => {
    const world = await hubWithOrder()
    const backend = Automerge.getBackend(Automerge.init({ actor: `00${'ee'.repeat(16)}` }))
    backend.applyChanges(world.base as never)
    backend.putObject('_root', 'tags', ['a'] as never)
    backend.commit(undefined, 0)
    const change = backend.getLastLocalChange() as Uint8Array
    await expectRefused(world, 'forged-container', await world.pen.changes(KEY, [change]))
  })

  test('fault C10: a key that would reach a prototype is refused', async () => {
    const world = await hubWithOrder()
    await expectRefused(
      world,
      'reserved-key',
      await world.pen.changes(KEY, [putting(draft(0xe, world.base), { ['__proto__']: 'x' })]),
    )
  })
})

describe('A-7: structure', () => {
  const three = (base: Uint8Array[]) => {
    const document = draft(0xe, base)
    return [1, 2, 3].map((n) => putting(document, { title: `${n}` }))
  }

  test('a change that builds on what is not here, and what comes after it', async () => {
    const world = await hubWithOrder()
    const [first, second, third] = three(world.base)
    const entries = await Promise.all([second!, third!].map((change) => world.pen.changes(KEY, [change])))
    await expectRefused(world, 'missing-dependencies', entries[0]!)
    expect(await world.pen.tell(world.hub, ...entries)).toEqual([
      'missing-dependencies',
      'depends-on-refused',
    ])
    // Whole, they are taken, in one entry or in three.
    expect(
      await world.pen.tell(world.hub, await world.pen.changes(KEY, [first!, second!]), entries[1]!),
    ).toEqual([undefined, undefined])
  })

  test('A-13: what depends on a refused signature depends on a refused edit', async () => {
    const world = await hubWithOrder()
    const [first, second] = three(world.base)
    const bad = await world.pen.changes(KEY, [first!], { signature: new Uint8Array(64) })
    expect(await world.pen.tell(world.hub, bad, await world.pen.changes(KEY, [second!]))).toEqual([
      'bad-signature',
      'depends-on-refused',
    ])
  })

  test('a sequence that leaves one out', async () => {
    const world = await hubWithOrder()
    const gap = recoded(putting(draft(0xe, world.base), { title: 'gap' }), () => ({ seq: 3 }))
    await expectRefused(world, 'missing-dependencies', await world.pen.changes(KEY, [gap]))
  })

  test.each([
    ['below what it builds on', 1, 'first-operation-too-low'],
    ['far above the record', 1_000_000, 'first-operation-too-high'],
  ])('fault C4: operation numbers %s', async (_, startOp, code) => {
    const world = await hubWithOrder()
    const moved = recoded(putting(draft(0xe, world.base), { fresh: 1 }), () => ({ startOp }))
    await expectRefused(world, code, await world.pen.changes(KEY, [moved]))
  })
})

describe('A-8: changes that the engine would not load again', () => {
  test.each<[string, (op: Record<string, unknown>) => Record<string, unknown>]>([
    ['a predecessor that is not there', (op) => ({ ...op, pred: [`2@00${'99'.repeat(16)}`] })],
    ['a predecessor under another key', (op) => ({ ...op, key: 'elsewhere' })],
    ['an object that is not there', (op) => ({ ...op, obj: `1@00${'99'.repeat(16)}`, pred: [] })],
  ])('%s', async (_, twist) => {
    const world = await hubWithOrder()
    const poison = recoded(putting(draft(0xe, world.base), { title: 'poison' }), ({ ops }) => ({
      ops: ops.map((op) => twist(op as never)),
    }))
    await expectRefused(world, 'engine-refused', await world.pen.changes(KEY, [poison]))
  })
})

describe('A-9: ceilings', () => {
  test('fault C9: concurrent heads: a flood of them locks nobody out', async () => {
    const { hub, ana, pen } = await hubWithOrder()
    const heads = Array.from({ length: HEADS_PER_RECORD_MAX }, (_, n) => container(`f${n}`, 'map'))
    // The record has one already.
    const [last] = heads.splice(-1)
    expect(await pen.tell(hub, pen.unsigned(KEY, heads))).toEqual([undefined])
    expect(await pen.tell(hub, pen.unsigned(KEY, [last!]))).toEqual(['too-many-heads'])
    // Whoever knows them all writes on top of them.
    await hub.workOrders.update('1', (o) => {
      o.title = 'joined'
      o.parts = [{ sku: 'a', qty: 1 }]
    })
    expect(await pen.tell(hub, pen.unsigned(KEY, [last!]))).toEqual([undefined])
    expect(await pull(hub, ana)).toEqual([])
    expect(await ana.workOrders.get('1')).toEqual(await hub.workOrders.get('1'))
    await ana.workOrders.update('1', (o) => {
      o.title = 'and on'
    })
    expect(await push(ana, hub)).toEqual([])
  })

  test('fault C9: a hundred devices that edit one record offline lock nobody out', async () => {
    const { hub, pen, base } = await hubWithOrder()
    const entries = Array.from({ length: 100 }, (_, n) =>
      pen.changes(KEY, [putting(draft(n + 16, base), { [`f${n}`]: n })]),
    )
    expect(new Set(await pen.tell(hub, ...(await Promise.all(entries))))).toEqual(new Set([undefined]))
    await hub.workOrders.update('1', (o) => {
      o.title = 'joined'
    })
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'joined', f0: 0, f99: 99 })
  })

  test('a keyed list of hundreds of rows goes through the hub in one edit', async () => {
    const { hub, ana } = await hubWithOrder()
    const parts = Array.from({ length: 500 }, (_, i) => ({ sku: `k${i}`, qty: i }))
    await ana.workOrders.update('1', (o) => {
      o.parts = parts
    })
    expect(await push(ana, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ parts })
  })
})
