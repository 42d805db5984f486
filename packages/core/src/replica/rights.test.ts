/** Who may write what, and what is taken from whom. */
import { beforeAll, describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { decodeEntry, encodeEntry } from '../log/entry.ts'
import { memoryStore } from '../store/memory.ts'
import { expectRefused, hubWithOrder, KEY } from './admission.test-support.ts'
import { Refused } from './judge.ts'
import { draft, open, openEdge, openHub, order, Pen, pull, putting, traceOf } from './orders.test-support.ts'
import { startEngine, testHost } from './replica.test-support.ts'
import { openReplica } from './replica.ts'

beforeAll(startEngine)

describe('A-10: rights', () => {
  const editing = async (grant: Parameters<typeof Pen.make>[1], fields: Record<string, string>) => {
    const world = await hubWithOrder()
    const pen = await Pen.make(7, grant)
    return {
      world: { ...world, pen },
      entry: await pen.changes(KEY, [putting(draft(0xe, world.base), fields)]),
    }
  }

  test.each([
    ['no write right at all', { write: [] }, { title: 'x' }, 'read-only'],
    ['none in the record’s channels', { write: ['site:PDX'] }, { title: 'x' }, 'not-granted'],
    ['moving it where one may not write', {}, { site: 'PDX' }, 'channel-not-granted'],
    ['fetching it to where one may', { write: ['site:PDX'] }, { site: 'PDX' }, 'not-granted'],
    ['deleting it without the right', { write: ['site:PDX'] }, { '@deleted': 'true' }, 'not-granted'],
  ])('%s', async (_, grant, fields, code) => {
    const { world, entry } = await editing(grant, fields as never)
    await expectRefused(world, code, entry)
  })

  test('moving needs the right on both sides', async () => {
    const sites = ['site:SEA', 'site:PDX']
    const { world, entry } = await editing({ read: sites, write: sites }, { site: 'PDX' })
    expect(await world.pen.tell(world.hub, entry)).toEqual([undefined])
  })

  test('creating needs it in every channel', async () => {
    const { replica: hub } = await openHub()
    const pen = await Pen.make(7)
    const made = (id: string, site: string, n: number) =>
      pen.changes(`work_orders/${id}`, [putting(draft(n), { ...order, site })])
    expect(await pen.tell(hub, await made('a', 'SEA', 1), await made('b', 'PDX', 2))).toEqual([
      undefined,
      'channel-not-granted',
    ])
    expect((await hub.workOrders.all()).map(({ id }) => id)).toEqual(['a'])
  })

  test('are those of the session, when the peer’s own credential was replaced since it wrote', async () => {
    const { hub, base } = await hubWithOrder()
    const pen = await Pen.make(7)
    const entry = await pen.changes(KEY, [putting(draft(0xe, base), { title: 'late' })])
    const older = pen.peer.credential
    pen.peer.credential = { ...older, hash: 'ff'.repeat(32), write: [] }
    expect(await pen.tell(hub, { kind: 'credential', credential: older }, entry)).toEqual(['read-only'])
  })
})

describe('A-11: collections that a replica does not know', () => {
  const foreign = async (pen: Pen) => pen.changes('invoices/1', [putting(draft(1), { total: 5 })])

  test('are refused by a hub', async () => {
    const world = await hubWithOrder()
    await expectRefused(world, 'unknown-collection', await foreign(world.pen))
  })

  test('are kept by an edge, unread, and passed on', async () => {
    const edge = await openEdge(3)
    const pen = await Pen.make(7)
    const entry = await foreign(pen)
    expect(await pen.tell(edge, entry)).toEqual([undefined])
    expect((await edge.entriesOf('invoices/1')).map(({ bytes }) => bytes)).toEqual([entry])
    expect(await pen.tell(edge, entry)).toEqual([undefined])
    expect(await edge.entriesOf('invoices/1')).toHaveLength(1)
  })
})

describe('A-12: receipts', () => {
  const receipt = (over: object = {}) =>
    encodeUtf8(JSON.stringify({ place: 'crm', outcome: 'saved', seqs: {}, at: 5, ...over }))

  test.each([
    ['of a system that is not the author’s', KEY, receipt({ place: 'erp' }), 'not-authority'],
    ['of the hub', KEY, receipt({ place: 'hub' }), 'not-authority'],
    ['for a record that is not here', 'work_orders/2', receipt(), 'missing-dependencies'],
    ['that say nothing', KEY, encodeUtf8('{}'), 'malformed-receipt'],
    ['that are no JSON', KEY, encodeUtf8('{'), 'malformed-receipt'],
    ['with another outcome', KEY, receipt({ outcome: 'maybe' }), 'malformed-receipt'],
    ['with sequences that are none', KEY, receipt({ seqs: { ab: 'x' } }), 'malformed-receipt'],
  ])('%s are refused', async (_, record, body, code) => {
    const world = await hubWithOrder()
    const pen = await Pen.make(7, { systems: ['crm'] })
    await expectRefused({ ...world, pen }, code, await pen.other('receipt', record, body))
  })

  test('of the author’s system are kept once', async () => {
    const { hub } = await hubWithOrder()
    const pen = await Pen.make(7, { systems: ['crm'] })
    const entry = await pen.other('receipt', KEY, receipt({ reason: 'ok' }))
    expect(await pen.tell(hub, entry, entry)).toEqual([undefined, undefined])
    expect(await hub.workOrders.receipts('1')).toMatchObject([
      { record: KEY, place: 'crm', outcome: 'saved', reason: 'ok' },
    ])
    expect((await hub.entriesOf(KEY)).filter(({ kind }) => kind === 'receipt')).toHaveLength(1)
  })

  test('with a signature that is not the author’s are refused', async () => {
    const world = await hubWithOrder()
    const pen = await Pen.make(7, { systems: ['crm'] })
    const entry = decodeEntry(await pen.other('receipt', KEY, receipt()))
    await expectRefused(
      { ...world, pen },
      'bad-signature',
      encodeEntry({ ...entry, body: receipt({ outcome: 'refused' }) }),
    )
  })
})

describe('A-14: what is known', () => {
  test('fault N8: is skipped: again, in parts, in another order of entries', async () => {
    const { hub, pen, base } = await hubWithOrder()
    const document = draft(0xe, base)
    const [a, b, c] = [1, 2, 3].map((n) => putting(document, { title: `${n}` }))
    const first = await pen.changes(KEY, [a!, b!])
    expect(await pen.tell(hub, first)).toEqual([undefined])
    const trace = await traceOf(hub)
    expect(await pen.tell(hub, first, await pen.changes(KEY, [a!]))).toEqual([undefined, undefined])
    expect(await traceOf(hub)).toEqual(trace)
    expect(await pen.tell(hub, await pen.changes(KEY, [b!, c!]))).toEqual([undefined])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: '3' })
  })
})

describe('A-15: what the authority tells', () => {
  test('is taken as judged, and its marks are believed; a peer’s marks are not', async () => {
    const { hub, ana } = await hubWithOrder()
    const ben = await openEdge(2, { subject: 'tech:ben' })
    expect(await pull(hub, ben)).toEqual([])
    const pen = await Pen.make(7)
    await pen.tell(ben, { kind: 'leave', seq: 1, channel: 'site:SEA', record: KEY })
    expect(await ben.workOrders.get('1')).toMatchObject(order)
    expect(await pull(hub, ana)).toEqual([])
    expect(await ben.workOrders.history('1')).toMatchObject([{ author: 'tech:ana' }])
  })
})

describe('A-16: kinds of entry that belong to no record', () => {
  const segment = encodeUtf8('readings')

  test('are refused where nobody keeps them', async () => {
    const world = await hubWithOrder()
    await expectRefused(world, 'unsupported-kind', await world.pen.other('segment', '@streams/a', segment))
  })

  test('are kept by their handler, in the channels it names, as far as the author may write them', async () => {
    const kept: string[] = []
    const { replica: hub } = await openHub({
      kinds: {
        segment: {
          admit: async (tables, { record, body }) => {
            if (record === '@streams/bad') throw new Refused('no-such-stream', 'there is no such stream')
            if (await tables.get('seen', record)) return undefined
            return {
              channels: record === '@streams/far' ? ['site:PDX'] : ['site:SEA'],
              keep: async (into, seq) => {
                kept.push(`${record} ${seq}`)
                into.put('seen', record, body)
              },
            }
          },
        },
      },
    })
    const pen = await Pen.make(7)
    const told = await Promise.all(
      ['a', 'far', 'bad', 'a'].map((name) => pen.other('segment', `@streams/${name}`, segment)),
    )
    expect(await pen.tell(hub, ...told)).toEqual([
      undefined,
      'channel-not-granted',
      'no-such-stream',
      undefined,
    ])
    const [entry] = await hub.entriesOf('@streams/a')
    expect(kept).toEqual([`@streams/a ${entry!.seq}`])
    expect(await hub.table('seen', '@streams/a')).toEqual(segment)
    expect(await hub.table('seen', '@streams/far')).toBeUndefined()
    expect((await hub.entriesOf('@streams/far')).length + (await hub.entriesOf('@streams/bad')).length).toBe(
      0,
    )
  })
})

test('A-13: a replica that knows no authority takes nobody’s credential', async () => {
  const replica = await openReplica({ host: testHost(4), store: memoryStore(), collections: {} })
  await expect(replica.setCredential('{}')).rejects.toMatchObject({ code: 'credential-bad-signature' })
  const { replica: alone } = await open()
  expect(
    await alone.session.want({ node: '', publicKey: new Uint8Array(32), log: 'ab', credential: undefined }),
  ).toEqual({ kind: 'nothing' })
})
