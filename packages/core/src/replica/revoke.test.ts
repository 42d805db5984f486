/** Revocations travel: who hears of them, what follows, and what becomes of the device that is meant. */
import { beforeAll, describe, expect, it, test } from 'vitest'
import * as z from 'zod'
import { toHex } from '../bytes/hex.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { decodeEntry, encodeEntry } from '../log/entry.ts'
import { decodeRevocation, encodeRevocation } from '../log/revocation.ts'
import { collection } from '../records/collection.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch } from '../store/port.ts'
import { Mesh } from './mesh.test-support.ts'
import { type Orders, open, openEdge, openHub, order, Pen, peerOf, pull } from './orders.test-support.ts'
import { plainToken, startEngine } from './replica.test-support.ts'
import { REVOCATIONS_MAX, REVOCATIONS_RECORD } from './revocations.ts'

beforeAll(startEngine)

const everywhere = collection(
  'work_orders',
  z.object({ title: z.string(), status: z.string(), site: z.string() }),
  { channels: () => ['@space'] },
)
const keyOf = (replica: Orders) => ({ by: 'key', value: toHex(replica.publicKey) }) as const
const idsOf = async (replica: Orders) => (await replica.workOrders.all()).map(({ id }) => id).sort()
const knows = (replica: Orders, whom: Orders) => replica.isRevoked(whom.credential!)

async function world(
  sites: Record<string, readonly string[]> = { a: ['SEA'], b: ['SEA'], c: ['SEA', 'PDX'] },
) {
  const mesh = new Mesh()
  const hub = await mesh.hub()
  const edges = await Promise.all(Object.entries(sites).map(([name, channels]) => mesh.edge(name, channels)))
  const [a, b, c] = edges as [Orders, Orders, Orders]
  const visit = async (one: Orders, other: Orders) => mesh.part(await mesh.meet(one, other))
  return { mesh, hub, a, b, c, visit }
}

describe('Y-1: a revocation', () => {
  test('reaches every replica of the space whatever its channels, through edges too, and a second hub', async () => {
    const { mesh, hub, a, b, c, visit } = await world({ a: ['SEA'], b: ['LAX'], c: ['PDX'] })
    const second = await mesh.hub('hub-2')
    await visit(hub, b)
    expect(await hub.revoke(keyOf(a))).toBe(true)
    expect(await hub.revoke(keyOf(a))).toBe(false)
    await visit(hub, b)
    expect(knows(b, a)).toBe(true)
    // b and c have no channel in common.
    await visit(b, c)
    expect(knows(c, a)).toBe(true)
    await visit(second, c)
    expect(knows(second, a)).toBe(true)
    const told = [b, c, second].map(async (replica) => (await replica.entriesOf(REVOCATIONS_RECORD)).length)
    expect(await Promise.all(told)).toEqual([1, 1, 1])
    expect(knows(second, b)).toBe(false)
  })

  test('Y-3: takes no credential from the entries that cite it: they are told on with it, and weighed by whoever has not met it', async () => {
    const { mesh, hub, a, b, c, visit } = await world({ a: ['SEA'], b: ['SEA'], c: ['PDX'] })
    await a.workOrders.create(order, { id: '1' })
    await visit(hub, a)
    await hub.revoke(keyOf(a))
    await visit(hub, c)
    // b knows that a is revoked before it is shown a's credential.
    await visit(b, c)
    expect(knows(b, a)).toBe(true)
    await visit(hub, b)
    expect(await idsOf(b)).toEqual(['1'])
    expect(await b.session.credentialByHash(a.credential!.hash)).toMatchObject({
      subject: a.credential!.subject,
    })
    const second = await mesh.hub('hub-2')
    await visit(second, c)
    await visit(second, b)
    expect(await second.workOrders.receipts('1')).toMatchObject([{ rule: 'revoked' }])
  })

  test('survives a restart, and is told in an open session', async () => {
    const mesh = new Mesh()
    const disk = new MemoryDisk()
    const [hub, a, b] = [await mesh.hub(), await mesh.edge('a'), await mesh.edge('b', ['PDX'], {}, disk)]
    await mesh.meet(hub, b)
    await hub.revoke(keyOf(a))
    await mesh.settle()
    expect(knows(b, a)).toBe(true)
    await b.close()
    expect(knows(await mesh.openAgain('b', disk), a)).toBe(true)
  })

  test('of one credential leaves the device’s others alone', async () => {
    const { hub, a, b, visit } = await world()
    await hub.revoke({ by: 'hash', value: a.credential!.hash })
    await visit(hub, b)
    expect(knows(b, a)).toBe(true)
    await a.setCredential(plainToken(a.publicKey, { subject: 'tech:a', expiresAt: 3_900_000_000_000 }))
    expect(knows(b, a)).toBe(false)
    await a.workOrders.create(order, { id: 'new' })
    await visit(a, b)
    expect(await idsOf(b)).toEqual(['new'])
  })

  test('is the authority’s alone: a device cannot make one, nor change one', async () => {
    const { replica: hub } = await openHub()
    const edge = await openEdge(3)
    const pen = await Pen.make(7)
    const body = encodeRevocation({ ...keyOf(edge), wipe: true })
    const entry = await pen.other('revocation', REVOCATIONS_RECORD, body)
    for (const replica of [hub, edge]) expect(await pen.tell(replica, entry)).toEqual(['not-authority'])
    await expect(edge.revoke(keyOf(edge))).rejects.toThrow('only the authority')
    await hub.revoke(keyOf(edge))
    const [logged] = await hub.entriesOf(REVOCATIONS_RECORD)
    const signed = decodeEntry(logged!.bytes)
    const wiping = encodeEntry({
      ...signed,
      body: encodeRevocation({ ...decodeRevocation(signed.body), wipe: true }),
    })
    const item = { kind: 'credential', credential: hub.credential! } as const
    const other = await openEdge(4)
    expect(await pen.tell(other, item, wiping)).toEqual(['bad-signature'])
    const odd = await pen.other('revocation', REVOCATIONS_RECORD, new Uint8Array([9]))
    expect(await pen.tell(other, odd)).toEqual(['not-authority'])
    expect(await pen.tell(other, item, logged!.bytes)).toEqual([undefined])
    expect(knows(other, edge)).toBe(true)
  })

  test('malformed, or of another record, is refused, also when the authority signed it', async () => {
    const rogue = await Pen.make(9, { subject: 'hub', role: 'authority', read: ['*'], write: ['*'] })
    const carrier = await Pen.make(8)
    const edge = await openEdge(3)
    const item = { kind: 'credential', credential: rogue.peer.credential } as const
    const good = encodeRevocation({ ...keyOf(edge), wipe: false })
    for (const [record, body, code] of [
      [REVOCATIONS_RECORD, new Uint8Array([9]), 'unknown-version'],
      [REVOCATIONS_RECORD, good.subarray(0, 20), 'malformed-entry'],
      [REVOCATIONS_RECORD, Uint8Array.from([...good, 0]), 'malformed-entry'],
      [REVOCATIONS_RECORD, good.with(1, 7), 'malformed-entry'],
      ['work_orders/1', good, 'malformed-entry'],
    ] as const)
      expect(await carrier.tell(edge, item, await rogue.other('revocation', record, body))).toEqual([code])
  })

  test('has the bytes that SPEC.md says', () => {
    const body = encodeRevocation({ by: 'key', value: 'ab'.repeat(32), wipe: true })
    expect(toHex(body)).toBe(`0102${'ab'.repeat(32)}01`)
    expect(decodeRevocation(body)).toEqual({ by: 'key', value: 'ab'.repeat(32), wipe: true })
  })

  test(`is refused beyond ${REVOCATIONS_MAX}`, async () => {
    const disk = new MemoryDisk()
    const store = memoryStore({ disk })
    await store.open('e'.repeat(32))
    const row = (i: number) => ({
      table: 'x:revoked',
      key: `key/${i.toString(16).padStart(64, '0')}`,
      value: encodeUtf8('{"kept":1}'),
    })
    const tables = Array.from({ length: REVOCATIONS_MAX - 1 }, (_, i) => row(i))
    await store.commit({ ...emptyBatch, tables })
    await store.close()
    const { replica: hub } = await openHub({ disk })
    expect(await hub.revoke({ by: 'key', value: 'aa'.repeat(32) })).toBe(true)
    await expect(hub.revoke({ by: 'key', value: 'bb'.repeat(32) })).rejects.toMatchObject({
      code: 'too-many-revocations',
    })
  })

  test('of a hub’s from before they travelled becomes an entry', async () => {
    const disk = new MemoryDisk()
    const store = memoryStore({ disk })
    await store.open('e'.repeat(32))
    const edge = await openEdge(3)
    const key = `key/${toHex(edge.publicKey)}`
    await store.commit({
      ...emptyBatch,
      tables: [{ table: 'x:revoked', key, value: encodeUtf8('{"at":1}') }],
    })
    await store.close()
    const { replica: hub } = await openHub({ disk })
    expect(knows(hub, edge)).toBe(true)
    const ben = await openEdge(4, { subject: 'tech:ben' })
    await pull(hub, ben)
    expect(knows(ben, edge)).toBe(true)
  })
})

describe('Y-2: the channel of the space', () => {
  test('is everybody’s to read, and nobody’s to write', async () => {
    const ana = await openEdge(1, { read: [], write: [] })
    const hub = (await openHub()).replica
    const want = await ana.session.want(peerOf(hub))
    expect(want.kind === 'channels' && [...want.cursors.keys()]).toEqual(['@space'])
    const { replica } = await open({ grant: {}, collection: everywhere })
    await expect(replica.workOrders.create(order, { id: '1' })).rejects.toMatchObject({ code: 'schema' })
  })
})

describe('Y-3: whoever has heard of it', () => {
  it('fault A4: refuses the device and what it wrote, with no hub in reach, and ends its open session', async () => {
    const { mesh, hub, a, b, c, visit } = await world()
    const between = await mesh.meet(b, a)
    await hub.revoke(keyOf(a))
    await visit(hub, b)
    const ending = await between.acceptor.closed
    expect(ending).toMatchObject({ code: 4403, error: { code: 'credential-revoked' } })
    expect((await between.initiator.closed).code).toBe(4403)
    for (const [acceptor, initiator] of [
      [b, a],
      [a, b],
    ] as const) {
      const joined = await mesh.meet(acceptor, initiator)
      expect([joined.acceptor.state, joined.initiator.state]).toEqual(['closed', 'closed'])
    }
    // c has not heard of it, and carries; b has, and takes none of it.
    await a.workOrders.create(order, { id: 'after' })
    await visit(a, c)
    expect(await idsOf(c)).toEqual(['after'])
    await visit(c, b)
    expect(await idsOf(b)).toEqual([])
    expect(knows(c, a)).toBe(true)
  })

  test('keeps what it knew of the device', async () => {
    const { hub, a, b, visit } = await world()
    await a.workOrders.create(order, { id: 'before' })
    await visit(hub, a)
    await visit(hub, b)
    await hub.revoke(keyOf(a))
    await visit(hub, b)
    expect(await idsOf(b)).toEqual(['before'])
  })
})

describe('Y-4: the device that is meant', () => {
  const said = (mesh: Mesh, code: string) => mesh.events.filter((event) => event.code === code)

  test('hears of it from whoever refuses it, and keeps what it has', async () => {
    const { mesh, hub, a, b, visit } = await world()
    await a.workOrders.create(order, { id: 'kept' })
    await visit(hub, a)
    await hub.revoke(keyOf(a))
    await visit(hub, b)
    await visit(b, a)
    expect(said(mesh, 'revoked')).toMatchObject([{ subject: 'tech:a', fields: { wipe: false } }])
    expect(await idsOf(a)).toEqual(['kept'])
    expect(said(mesh, 'wiped')).toEqual([])
    await visit(hub, a)
    expect(said(mesh, 'revoked')).toHaveLength(1)
  })

  it('fault A4: wipes what it holds when the operator wants that, unanswered edits too, and says so', async () => {
    const { mesh, hub, a, b, visit } = await world()
    await a.workOrders.create(order, { id: 'told' })
    await visit(hub, a)
    await hub.revoke({ ...keyOf(a), wipe: true })
    await a.workOrders.create(order, { id: 'unsent' })
    const gone: string[] = []
    a.onCommit(({ changes }) =>
      gone.push(...changes.filter(({ after }) => !after).map(({ record }) => record)),
    )
    await visit(hub, b)
    await visit(b, a)
    await mesh.settle()
    expect(said(mesh, 'wiped')).toMatchObject([{ subject: 'tech:a', fields: { records: 2, unanswered: 1 } }])
    expect(await idsOf(a)).toEqual([])
    expect(gone.sort()).toEqual(['work_orders/told', 'work_orders/unsent'])
    expect(await a.entriesOf('work_orders/told')).toEqual([])
    expect((await a.stats()).records).toBe(0)
    expect(knows(a, a)).toBe(true)
    // Others keep theirs.
    expect(await idsOf(b)).toEqual(['told'])
  })

  test('is wiped when that is asked for later, and goes on with it after a crash', async () => {
    const mesh = new Mesh()
    const disk = new MemoryDisk()
    const [hub, a] = [await mesh.hub(), await mesh.edge('a', ['SEA'], {}, disk)]
    await a.workOrders.create(order, { id: '1' })
    await mesh.part(await mesh.meet(hub, a))
    expect(await hub.revoke(keyOf(a))).toBe(true)
    await mesh.meet(hub, a)
    expect(await idsOf(a)).toEqual(['1'])
    expect(await hub.revoke({ ...keyOf(a), wipe: true })).toBe(true)
    expect(await hub.revoke(keyOf(a))).toBe(false)
    await a.close()
    const store = memoryStore({ disk })
    await store.open('e'.repeat(32))
    await store.commit({ ...emptyBatch, tables: [{ table: 'state', key: 'wiping', value: encodeUtf8('1') }] })
    await store.close()
    const again = await mesh.openAgain('a', disk)
    expect(await idsOf(again)).toEqual([])
    expect(said(mesh, 'wiped')).toHaveLength(1)
    await again.close()
    await mesh.openAgain('a', disk)
    expect(said(mesh, 'wiped')).toHaveLength(1)
  })

  test('believes nothing that the authority did not sign', async () => {
    const { mesh, hub, a } = await world()
    await a.workOrders.create(order, { id: 'kept' })
    const pen = await Pen.make(7)
    const body = encodeRevocation({ ...keyOf(a), wipe: true })
    const entry = await pen.other('revocation', REVOCATIONS_RECORD, body)
    for (const token of [pen.peer.credential.token, hub.credential!.token])
      await a.session.heardRevocation({ entry, token })
    await a.session.heardRevocation({ entry: new Uint8Array(9), token: hub.credential!.token })
    expect(said(mesh, 'evidence-refused')).toHaveLength(3)
    expect([...said(mesh, 'revoked'), ...said(mesh, 'wiped')]).toEqual([])
    expect(await idsOf(a)).toEqual(['kept'])
  })

  it('fault A5: a device whose channel was taken away gives its records up when it has its new credential', async () => {
    const { mesh, hub, c, visit } = await world()
    await hub.workOrders.create(order, { id: 'sea' })
    await hub.workOrders.create({ ...order, site: 'PDX' }, { id: 'pdx' })
    await visit(hub, c)
    expect(await idsOf(c)).toEqual(['pdx', 'sea'])
    await hub.revoke({ by: 'hash', value: c.credential!.hash })
    await visit(hub, c)
    expect(said(mesh, 'revoked')).toMatchObject([{ subject: 'tech:c', fields: { wipe: false } }])
    await c.setCredential(plainToken(c.publicKey, { subject: 'tech:c' }))
    expect(await idsOf(c)).toEqual(['sea'])
  })
})
