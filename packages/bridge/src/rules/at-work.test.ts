/** Each rule between a record and its row: what both sides come to have, who is told, and that nothing is written twice (SPEC B-91 to B-95). */
import { type ConflictRule, type MappingConfig, MemorySystem } from '@skerry/bridge'
import type { Json } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, describe, expect, test } from 'vitest'
import { HeldAdapter } from '../../test/held.ts'
import { bridged, jobMapping, openNode } from '../../test/nodes.ts'
import { TwoSides } from '../../test/two-sides.ts'

beforeAll(startEngine)

const withRule = (rule: ConflictRule, name: string, external: string): MappingConfig => ({
  ...jobMapping,
  fields: { ...jobMapping.fields, [name]: { field: external, rule } },
})

const shorter: ConflictRule = ({ ours, theirs }) =>
  String(ours).length <= String(theirs).length ? ours : theirs
const joined: ConflictRule = ({ ours, theirs }) => [ours, theirs].map(String).sort().join('/')

interface Case {
  rule: ConflictRule
  name: string
  agreed: Json
  ours: Json | null
  theirs: Json | null
  both: Json | undefined
  /** Values that a receipt says were overruled. */
  lost: Json[]
}

describe('CON-5: a conflict ends by the rule of its field', () => {
  test.each<Case>([
    { rule: 'larger', name: 'price', agreed: '5', ours: '12.00', theirs: '9', both: '12.00', lost: ['9'] },
    { rule: 'larger', name: 'stock', agreed: 5, ours: 1, theirs: 2, both: 2, lost: [1] },
    { rule: 'smaller', name: 'price', agreed: '5', ours: '12.00', theirs: '9', both: '9', lost: ['12.00'] },
    { rule: 'smaller', name: 'stock', agreed: 5, ours: null, theirs: 2, both: 2, lost: [null] },
    { rule: 'sum', name: 'price', agreed: '10.00', ours: '12.50', theirs: '9', both: '11.50', lost: [] },
    { rule: 'sum', name: 'stock', agreed: 10, ours: 12, theirs: 8, both: 10, lost: [] },
    {
      rule: 'union',
      name: 'tags',
      agreed: ['a'],
      ours: ['a', 'c'],
      theirs: ['b', 'a'],
      both: ['a', 'b', 'c'],
      lost: [],
    },
    {
      rule: 'union',
      name: 'tags',
      agreed: ['a', 'b'],
      ours: ['a'],
      theirs: ['b'],
      both: ['a', 'b'],
      lost: [],
    },
    {
      rule: shorter,
      name: 'site',
      agreed: 'x',
      ours: 'PDX',
      theirs: 'Portland',
      both: 'PDX',
      lost: ['Portland'],
    },
    {
      rule: shorter,
      name: 'site',
      agreed: 'x',
      ours: 'Portland',
      theirs: 'PDX',
      both: 'PDX',
      lost: ['Portland'],
    },
    { rule: joined, name: 'site', agreed: 'x', ours: 'b', theirs: 'a', both: 'a/b', lost: ['a', 'b'] },
    {
      rule: () => undefined,
      name: 'site',
      agreed: 'x',
      ours: 'b',
      theirs: 'a',
      both: undefined,
      lost: ['a', 'b'],
    },
  ])('$rule of $ours and $theirs: $both', async ({ rule, name, agreed, ours, theirs, both, lost }) => {
    const mapping = withRule(rule, name, 'Field')
    const sides = await TwoSides.agree({ mapping, record: { title: 't', [name]: agreed } })
    await sides.apart({ [name]: ours }, { Field: theirs })
    expect(await sides.both(name, 'Field')).toEqual([both, both])
    const told = (await sides.receipts('overruled')).map(({ values }) => values?.[`/${name}`])
    expect(told.map((one) => one?.was)).toEqual(lost)
    for (const one of told) expect(one?.became).toEqual(both ?? null)
    const written = sides.effects.length
    await sides.apart(undefined, undefined)
    expect(sides.effects).toHaveLength(written)
    // It is agreed now: an edit there is taken in, and one here written.
    const next = (value: Json) => (Array.isArray(value) ? ['next'] : typeof value === 'number' ? 77 : '77')
    sides.office({ Field: next(agreed) })
    await sides.sync()
    expect(await sides.both(name, 'Field')).toEqual([next(agreed), next(agreed)])
    await sides.edit({ [name]: agreed })
    await sides.bridge.idle()
    expect(await sides.both(name, 'Field')).toEqual([agreed, agreed])
    expect(await sides.receipts('overruled')).toHaveLength(lost.length)
  })

  test('B-92 a change there before the sum is written is added to it', async () => {
    const node = await openNode()
    const system = new MemorySystem({ name: 'crm' })
    const mapping = withRule('sum', 'stock', 'Stock')
    const first = await bridged(node, system, { mappings: [mapping] })
    const { id } = await node.replica.jobs.create({ title: 'a', stock: 10 })
    await first.bridge.idle()
    await first.bridge.close()
    await node.replica.jobs.update(id, (draft) => {
      draft.stock = 12
    })
    const row = system.rows('cases')[0]!
    system.edit('cases', { id: row.id }, { Stock: 7 })
    const inner = system.adapter()
    const { bridge } = await bridged(node, system, {
      mappings: [mapping],
      adapter: {
        ...inner,
        upsert: async (type, request, call) => {
          if (request.fields['Stock'] === 9) system.edit('cases', { id: row.id }, { Stock: 6 })
          return inner.upsert(type, request, call)
        },
      },
    })
    await bridge.pollNow()
    await bridge.idle()
    expect([(await node.replica.jobs.get(id))?.stock, system.rows('cases')[0]!.value['Stock']]).toEqual([
      8, 8,
    ])
    await bridge.close()
  })

  test.each([
    // Only the row knows: nothing tells whether our two are in there, and an operator is told so.
    {
      ours: { stock: 12 },
      there: { Stock: 6 },
      stock: 6,
      told: /whether the edit made here is part of it cannot be told/,
    },
    // The status tells that it was carried out: of the twelve six were taken since.
    { ours: { stock: 12, status: 'done' }, there: { Stock: 6 }, stock: 6, told: undefined },
  ] as const)(
    'B-38 B-92 a sum in a call whose answer was lost does not count twice: $ours',
    async ({ ours, there, stock, told }) => {
      const node = await openNode()
      const system = new MemorySystem({ name: 'crm' })
      const held = new HeldAdapter(system.adapter())
      const mapping = withRule('sum', 'stock', 'Stock')
      const { bridge } = await bridged(node, system, { mappings: [mapping], adapter: held.adapter })
      const { id } = await node.replica.jobs.create({ title: 'a', stock: 10 })
      await bridge.idle()
      const call = held.hold('upsert', 'answer')
      await node.replica.jobs.update(id, (draft) => void Object.assign(draft, ours))
      await call.arrived
      system.edit('cases', { id: system.rows('cases')[0]!.id }, there)
      call.release({ kind: 'unknown', reason: 'the line broke' })
      await bridge.idle()
      expect([(await node.replica.jobs.get(id))?.stock, system.rows('cases')[0]!.value['Stock']]).toEqual([
        stock,
        stock,
      ])
      const reasons = (await node.replica.jobs.receipts(id)).map(({ reason }) => reason).filter(Boolean)
      if (told) expect(reasons).toEqual([expect.stringMatching(told)])
      else expect(reasons).toEqual([])
      await bridge.close()
    },
  )

  test('a value of its own that the schema does not allow is for a person', async () => {
    const mapping = withRule(() => 'closed', 'status', 'Status')
    const sides = await TwoSides.agree({ mapping, record: { title: 'a', status: 'open' } })
    await sides.apart({ status: 'done' }, { Status: 'en_route' })
    expect(await sides.both('status', 'Status')).toEqual(['done', 'en_route'])
    expect((await sides.review('status'))?.reason).toMatch(/what the rule made does not fit: \/status/)
  })

  test('a function knows who and when on each side, and the rest of the record', async () => {
    const seen: unknown[] = []
    const rule: ConflictRule = (conflict) => {
      seen.push(conflict)
      return conflict.theirs
    }
    const sides = await TwoSides.agree({
      mapping: withRule(rule, 'site', 'Site'),
      record: { title: 'a', site: 'x' },
    })
    await sides.apart({ site: 'PDX' }, { Site: 'SEA' }, { seconds: { ours: 5, theirs: 9 } })
    expect(seen).toHaveLength(2)
    expect(seen[0]).toMatchObject({
      record: `jobs/${sides.id}`,
      field: 'site',
      agreed: 'x',
      ours: 'PDX',
      theirs: 'SEA',
      oursAt: 1_700_000_005_000,
      oursBy: sides.node.replica.node,
      theirsAt: 1_700_000_009_000,
      theirsBy: 'office',
      here: { title: 'a', site: 'PDX' },
    })
  })
})

describe('CON-1 CON-2: B-30 last writer', () => {
  test.each([
    { first: 'erp', times: { erp: 60, crm: 10 }, winner: 'erp' },
    { first: 'crm', times: { erp: 60, crm: 10 }, winner: 'erp' },
    { first: 'erp', times: { erp: 10, crm: 60 }, winner: 'crm' },
    { first: 'crm', times: { erp: 10, crm: 60 }, winner: 'crm' },
  ])('of two systems: $winner was later, $first is heard first', async ({ first, times, winner }) => {
    const node = await openNode()
    const worlds = []
    for (const name of ['erp', 'crm'] as const) {
      const clock = { now: node.host.clock }
      const system = new MemorySystem({ name, now: () => clock.now })
      worlds.push({ name, clock, system, ...(await bridged(node, system)) })
    }
    const { id } = await node.replica.jobs.create({ title: 'before' })
    for (const { bridge } of worlds) await bridge.idle()
    for (const { bridge } of worlds) await bridge.close()
    const start = node.host.clock
    for (const { name, clock, system } of worlds) {
      clock.now = start + times[name] * 1000
      system.edit('cases', { id: system.rows('cases')[0]!.id }, { Title: `by ${name}` })
    }
    node.host.clock = start + 600_000
    const order = worlds.sort((a) => (a.name === first ? -1 : 1))
    const bridges = []
    for (const { system } of order) {
      const { bridge } = await bridged(node, system)
      await bridge.pollNow()
      await bridge.idle()
      bridges.push(bridge)
    }
    for (const bridge of bridges) {
      await bridge.pollNow()
      await bridge.idle()
    }
    expect((await node.replica.jobs.get(id))?.title).toBe(`by ${winner}`)
    for (const { system } of worlds) expect(system.rows('cases')[0]!.value['Title']).toBe(`by ${winner}`)
    for (const bridge of bridges) await bridge.close()
  })
})
