/** A device that wrote two changes under one sequence: found, proven from bytes alone, kept out; and honest copies of a disk, which never are. */
import { beforeAll, describe, expect, it, test } from 'vitest'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { CredentialError } from '../identity/credential.ts'
import { decodeChanges, decodeEntry } from '../log/entry.ts'
import { encodeProof, PROOF_BYTES_MAX } from '../log/proof.ts'
import { memoryStore } from '../store/memory.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { emptyBatch } from '../store/port.ts'
import { hubWithOrder, KEY } from './admission.test-support.ts'
import { compacting } from './compact.test-support.ts'
import { Mesh } from './mesh.test-support.ts'
import {
  draft,
  type Orders,
  open,
  openEdge,
  openHub,
  order,
  Pen,
  pull,
  push,
  putting,
} from './orders.test-support.ts'
import { PROOFS_BYTES_MAX, PROOFS_MAX } from './quarantine.ts'
import { plainVerifier, startEngine, testHost } from './replica.test-support.ts'
import { verifyProof } from './verify-proof.ts'

beforeAll(startEngine)

const actor = `00${'0'.repeat(31)}e`
const plain = plainVerifier(testHost(77))
/** Whoever knows the authority: a token that is JSON in the open fails like a real one, whatever of it was changed. */
const anybody = {
  host: testHost(77),
  space: 'main',
  verifier: {
    verify: (token: string) =>
      plain.verify(token, undefined).catch((cause: unknown) => {
        throw new CredentialError('credential-bad-signature', 'the token was altered', { cause })
      }),
  },
}
/** A change of the actor `e` on top of these. */
const edit = (base: Uint8Array[], title: string) => putting(draft(0xe, base), { title })

const baseOf = async (replica: Orders) =>
  (await replica.entriesOf(KEY)).flatMap((entry) => decodeChanges(decodeEntry(entry.bytes).body))

const titleOf = async (replica: Orders) => (await replica.workOrders.get('1'))?.title

/** A hub that has one of two changes, and the pen that wrote both. */
async function forking(options: Parameters<typeof openHub>[0] = {}) {
  const disk = new MemoryDisk()
  const { replica: hub, events } = await openHub({ disk, ...options })
  const ana = await openEdge(1, {}, options)
  await ana.workOrders.create(order, { id: '1' })
  await push(ana, hub)
  const pen = await Pen.make(7, { subject: 'tech:eve' })
  const base = await baseOf(hub)
  const one = await pen.changes(KEY, [edit(base, 'one')])
  const two = await pen.changes(KEY, [edit(base, 'two')])
  expect(await pen.tell(hub, one)).toEqual([undefined])
  return { hub, ana, pen, base, one, two, disk, events }
}

describe('X-1, X-3: two signed changes of one actor and sequence', () => {
  it('fault C6: are kept as a proof that anybody can check; the device is in quarantine; others go on', async () => {
    const { hub, ana, pen, base, one, two, events } = await forking()
    const heard: string[] = []
    hub.onQuarantine((key) => heard.push(key))
    expect(await pen.tell(hub, two)).toEqual(['duplicate-sequence'])
    expect(hub.proofs()).toMatchObject([{ subject: 'tech:eve', record: KEY, actor, seq: 1, kept: true }])
    const { key } = hub.proofs()[0]!
    expect(heard).toEqual([key])
    const bytes = (await hub.proof(actor))!
    const { token } = pen.peer.credential
    expect(bytes).toEqual(
      encodeProof([
        { token, entry: one },
        { token, entry: two },
      ]),
    )
    expect(await verifyProof(bytes, anybody)).toMatchObject({ key, subject: 'tech:eve', record: KEY, seq: 1 })
    expect(events.filter(({ code }) => code === 'equivocation')).toMatchObject([
      { level: 'error', fields: { device: key, record: KEY, actor, seq: 1 } },
    ])
    const more = await pen.changes(KEY, [putting(draft(0xf, base), { title: 'more' })])
    expect(await pen.tell(hub, more)).toEqual(['credential-quarantined'])
    await expect(hub.session.verifier.verify(token, undefined)).rejects.toMatchObject({
      code: 'credential-quarantined',
    })
    // What was let in first stays, and whoever is honest is served as before.
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'one' })
    await pull(hub, ana)
    await ana.workOrders.update('1', (o) => {
      o.title = 'honest'
    })
    expect(await push(ana, hub)).toEqual([])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'honest' })
  })

  test('are found under a later change too, and where the first was compacted or the second comes in a snapshot', async () => {
    const soon = { collection: compacting({ entriesMax: 1 }) }
    const { hub, pen, base, one } = await forking(soon)
    const first = edit(base, 'one')
    const later = await pen.changes(KEY, [putting(draft(0xe, [...base, first]), { title: 'later' })])
    expect(await pen.tell(hub, later)).toEqual([undefined])
    while (!(await hub.upkeep()).done);
    expect((await hub.entriesOf(KEY)).map(({ kind }) => kind)).toEqual(['snapshot'])
    expect(await pen.tell(hub, one)).toEqual([undefined])
    const other = edit(base, 'two')
    const both = await pen.changes(KEY, [other, putting(draft(0xe, [...base, other]), { title: 'three' })])
    expect(await pen.tell(hub, both)).toEqual(['duplicate-sequence'])
    expect(await verifyProof((await hub.proof(actor))!, anybody)).toMatchObject({ seq: 1, record: KEY })
  })

  test('survive a restart, and the operator’s decision lifts it; the same actor is not proven again', async () => {
    const { hub, pen, base, two, disk } = await forking()
    await pen.tell(hub, two)
    const { key } = hub.proofs()[0]!
    await hub.close()
    const { replica: again, events } = await openHub({ disk, seed: 98 })
    const more = await pen.changes(KEY, [putting(draft(0xf, base), { title: 'more' })])
    expect(await pen.tell(again, more)).toEqual(['credential-quarantined'])
    expect(await again.liftQuarantine(key)).toBe(true)
    expect(await again.liftQuarantine(key)).toBe(false)
    expect(await again.liftQuarantine('ab'.repeat(32))).toBe(false)
    expect(await pen.tell(again, more, two)).toEqual([undefined, 'duplicate-sequence'])
    expect(again.proofs()).toMatchObject([{ key, liftedAt: expect.any(Number) }])
    expect(events.filter(({ code }) => code === 'equivocation')).toEqual([])
    // Another actor of that device is another matter.
    const third = await pen.changes(KEY, [putting(draft(0xf, base), { title: 'again' })])
    expect(await pen.tell(again, third)).toEqual(['duplicate-sequence'])
    expect(await pen.tell(again, third)).toEqual(['duplicate-sequence'])
    expect(again.proofs()).toMatchObject([{ key, kept: true }])
    expect(again.proofs()[0]!.liftedAt).toBeUndefined()
  })

  test('count by their signatures alone', async () => {
    const { hub, pen, base, two } = await forking()
    const eve = await Pen.make(8, { subject: 'tech:eve' })
    const unsigned = pen.unsigned(KEY, [edit(base, 'two')])
    const badly = await pen.changes(KEY, [edit(base, 'two')], { space: 'other' })
    const others = await eve.changes(KEY, [edit(base, 'two')])
    expect(await pen.tell(hub, unsigned, badly)).toEqual(['bad-signature', 'bad-signature'])
    expect(await eve.tell(hub, others)).toEqual(['duplicate-sequence'])
    expect(hub.proofs()).toEqual([])
    expect(await pen.tell(hub, two)).toEqual(['duplicate-sequence'])
    expect(hub.proofs()).toHaveLength(1)
  })

  test('of the authority are proven, and keep nobody out', async () => {
    const { hub, base } = await hubWithOrder()
    const rogue = await Pen.make(9, { subject: 'hub-2', role: 'authority', read: ['*'], write: ['*'] })
    const [one, two] = [
      await rogue.changes(KEY, [edit(base, 'one')]),
      await rogue.changes(KEY, [edit(base, 'two')]),
    ]
    expect(await rogue.tell(hub, one)).toEqual([undefined])
    expect(await rogue.tell(hub, two)).toEqual(['duplicate-sequence'])
    expect(hub.proofs()).toMatchObject([{ subject: 'hub-2' }])
    await expect(hub.session.verifier.verify(rogue.peer.credential.token, undefined)).resolves.toBeDefined()
  })

  test.each([
    [PROOFS_MAX - 1, 0, true],
    [PROOFS_MAX, 0, false],
    [1, PROOFS_BYTES_MAX - 100, false],
  ])(
    'with %d proofs of %d bytes kept before: there is room: %s; the device is kept out all the same',
    async (count, bytes, kept) => {
      const { hub, pen, two, disk } = await forking()
      await hub.close()
      const store = memoryStore({ disk })
      await store.open('f'.repeat(32))
      const value = encodeUtf8(JSON.stringify({ count, bytes }))
      await store.commit({ ...emptyBatch, tables: [{ table: 'state', key: 'proofs', value }] })
      await store.close()
      const { replica: again } = await openHub({ disk, seed: 97 })
      await pen.tell(again, two)
      expect(again.proofs()).toMatchObject([{ kept }])
      expect((await again.proof(actor)) !== undefined).toBe(kept)
      const more = await pen.changes(KEY, [putting(draft(0xf), { title: 'more' })])
      expect(await pen.tell(again, more)).toEqual(['credential-quarantined'])
    },
  )
})

describe('X-2: a proof', () => {
  const proven = async () => {
    const { hub, pen, two, one } = await forking()
    await pen.tell(hub, two)
    return { bytes: (await hub.proof(actor))!, one, two, token: pen.peer.credential.token, pen }
  }

  test('holds as it is, and with no bit of it changed', async () => {
    const { bytes } = await proven()
    const rejected = { code: expect.stringMatching(/^(malformed-proof|proof-invalid)$/) }
    for (let at = 0; at < bytes.length; at += 5)
      await expect(verifyProof(bytes.with(at, bytes[at]! ^ 1), anybody)).rejects.toMatchObject(rejected)
    await expect(verifyProof(bytes.subarray(0, -1), anybody)).rejects.toMatchObject(rejected)
    await expect(verifyProof(new Uint8Array(PROOF_BYTES_MAX + 1), anybody)).rejects.toThrow('limit')
    await expect(verifyProof(Uint8Array.from([...bytes, 0]), anybody)).rejects.toThrow('left behind')
  })

  test('of one entry twice, of two devices, two records, two spaces, or of an unsigned entry is none', async () => {
    const { one, two, token, pen } = await proven()
    const { base } = await hubWithOrder()
    const eve = await Pen.make(8, { subject: 'tech:eve' })
    const half = (entry: Uint8Array, by = token) => ({ token: by, entry })
    const foreign = await eve.changes(KEY, [edit(base, 'two')])
    const elsewhere = await pen.changes('work_orders/2', [edit(base, 'two')])
    const unsigned = pen.unsigned(KEY, [edit(base, 'two')])
    const later = await pen.changes(KEY, [putting(draft(0xd, base), { title: 'x' })])
    const nothing = [
      [half(one), half(one)],
      [half(one), half(foreign, eve.peer.credential.token)],
      [half(one), half(foreign)],
      [half(one), half(elsewhere)],
      [half(one), half(unsigned)],
      [half(one), half(await pen.changes(KEY, [edit(base, 'two')], { space: 'other' }))],
      [half(one), half(later)],
    ] as const
    for (const halves of nothing)
      await expect(verifyProof(encodeProof(halves), anybody)).rejects.toMatchObject({ code: 'proof-invalid' })
    const bytes = encodeProof([half(one), half(two)])
    await expect(verifyProof(bytes, anybody)).resolves.toMatchObject({ seq: 1 })
    const abroad = { ...anybody, space: 'other' }
    await expect(verifyProof(bytes, abroad)).rejects.toMatchObject({ code: 'proof-invalid' })
  })
})

describe('X-4: others converge', () => {
  test('when two carriers bring one each: the hub keeps what came first, and both carriers have that', async () => {
    const mesh = new Mesh()
    const { replica: hub } = await openHub()
    const [a, b, c] = [await openEdge(1), await openEdge(2), await openEdge(3)]
    await a.workOrders.create(order, { id: '1' })
    for (const edge of [b, c]) await mesh.part(await mesh.meet(a, edge))
    const base = await baseOf(a)
    const pen = await Pen.make(7, { subject: 'tech:eve' })
    await pen.tell(b, await pen.changes(KEY, [edit(base, 'one')]))
    await pen.tell(c, await pen.changes(KEY, [edit(base, 'two')]))
    await mesh.part(await mesh.meet(hub, b))
    // By sequences the records are equal: the comparison tells all of them, and c takes the hub's.
    await mesh.meet(hub, c)
    await mesh.part(await mesh.meet(hub, c))
    await mesh.part(await mesh.meet(hub, a))
    expect(await Promise.all([hub, a, b, c].map(titleOf))).toEqual(['one', 'one', 'one', 'one'])
    expect([...hub.proofs(), ...c.proofs()].map(({ actor: by }) => by)).toContain(actor)
  })

  test('what an edge built on the one that the hub has not is set aside, and the record told anew', async () => {
    const mesh = new Mesh()
    const { replica: hub } = await openHub()
    const [a, c] = [await openEdge(1), await openEdge(3)]
    await a.workOrders.create(order, { id: '1' })
    for (const edge of [a, c]) await mesh.part(await mesh.meet(hub, edge))
    const base = await baseOf(a)
    const pen = await Pen.make(7, { subject: 'tech:eve' })
    await pen.tell(c, await pen.changes(KEY, [edit(base, 'two')]))
    await pen.tell(hub, await pen.changes(KEY, [edit(base, 'one')]))
    await c.workOrders.update('1', (o) => {
      o.notes = 'by c'
    })
    const { initiator } = await mesh.meet(hub, c)
    expect((await initiator.closed).error).toMatchObject({ code: 'started-over' })
    const { initiator: next } = await mesh.meet(hub, c)
    expect(next.state).toBe('open')
    expect(await Promise.all([hub, c].map(titleOf))).toEqual(['one', 'one'])
    expect(await c.aside()).toMatchObject([{ record: KEY, code: 'duplicate-sequence' }])
    // It is not lost: written again, it stands on what the hub has.
    await c.reapply((await c.aside())[0]!.key)
    await mesh.settle()
    expect(await hub.workOrders.get('1')).toMatchObject({ notes: 'by c' })
  })

  test('an edge keeps a proof, and decides nothing', async () => {
    const { hub, pen, two } = await forking()
    const ben = await openEdge(2, { subject: 'tech:ben' })
    await ben.session.remember(pen.peer.credential)
    await pull(hub, ben)
    expect(await ben.workOrders.get('1')).toMatchObject({ title: 'one' })
    expect(await pen.tell(ben, two)).toEqual(['duplicate-sequence'])
    expect(ben.proofs()).toMatchObject([{ subject: 'tech:eve' }])
    // An edge decides nothing: it goes on taking what the device may write.
    await expect(ben.session.verifier.verify(pen.peer.credential.token, undefined)).resolves.toBeDefined()
  })
})

describe('X-1: copies of a disk', () => {
  it('fault P11: a device that was cloned, restored or crashed is never accused, and all its copies converge', async () => {
    const mesh = new Mesh()
    const { replica: hub } = await openHub()
    const disk = new MemoryDisk()
    const { replica: original } = await open({ disk, grant: { subject: 'tech:ana' } })
    await original.workOrders.create(order, { id: '1' })
    await mesh.part(await mesh.meet(hub, original))
    const write = (replica: Orders, title: string) =>
      replica.workOrders.update('1', (o) => {
        o.title = title
        o.notes = `${o.notes ?? ''}${title} `
      })
    // A twin believes to be the original; a crash is the same disk opened again; an old backup comes back at last.
    const [backup, twinDisk] = [disk.clone(), disk.clone()]
    await write(original, 'original')
    const { replica: twin } = await open({ disk: twinDisk, seed: 2 })
    await write(twin, 'twin')
    disk.crash()
    const { replica: crashed } = await open({ disk, seed: 3 })
    await write(crashed, 'crashed')
    const { replica: restored } = await open({ disk: backup, seed: 4 })
    await write(restored, 'restored')
    const all = [hub, twin, crashed, restored]
    for (const _ of ['told', 'heard'])
      for (const replica of [twin, crashed, restored]) await mesh.part(await mesh.meet(hub, replica))
    const [at, ...others] = await Promise.all(all.map((replica) => replica.workOrders.get('1')))
    for (const other of others) expect(other).toEqual(at)
    for (const word of ['original', 'twin', 'crashed', 'restored']) expect(at!.notes).toContain(word)
    expect(all.flatMap((replica) => replica.proofs())).toEqual([])
  })
})
