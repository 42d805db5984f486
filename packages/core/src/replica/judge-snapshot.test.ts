/** Snapshots that a peer tells: each author's part is judged by itself, whatever the teller says. */
import { beforeAll, describe, expect, test } from 'vitest'
import { fromHex } from '../bytes/hex.ts'
import { defaultChangeLimits } from '../change/limits.ts'
import { parseChange } from '../change/parse.ts'
import { SPACE_CHANNEL } from '../identity/credential.ts'
import { decodeEntry, type EntrySignature, encodeEntry, statementBytes } from '../log/entry.ts'
import { decodeSnapshot, encodeSnapshot } from '../log/snapshot.ts'
import type { JsonObject } from '../records/shape.ts'
import type { IncomingItem } from '../session/port.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { expectRefused, hubWithOrder, KEY, type Shared } from './admission.test-support.ts'
import { compacting, compactingRenamed } from './compact.test-support.ts'
import {
  draft,
  everything,
  type Orders,
  open,
  openEdge,
  openHub,
  order,
  Pen,
  peerOf,
  pull,
  push,
  putting,
} from './orders.test-support.ts'
import type { Records } from './records.ts'
import { plainToken, startEngine } from './replica.test-support.ts'

beforeAll(startEngine)

const soon = { collection: compacting({ entriesMax: 2 }) }

/** The order so far, and what the pen writes after it, as one snapshot. */
async function snapshotBy(
  { hub, pen, base }: Shared & { base: Uint8Array[] },
  over: {
    changes?: (own: Uint8Array) => Uint8Array[]
    signature?: (signature: EntrySignature) => EntrySignature[]
    title?: string
  } = {},
): Promise<Uint8Array> {
  const own = putting(draft(5, base), { title: over.title ?? 'by the pen' })
  const { actor, seq, hash } = parseChange(own, pen.host, defaultChangeLimits)
  const credentialHash = fromHex(pen.peer.credential.hash)
  const statement = { space: 'main', record: KEY, kind: 'changes' as const, actor, lastSeq: seq }
  const bytes = statementBytes({ ...statement, lastHash: hash, credentialHash })
  const signature = { actor, lastSeq: seq, credentialHash, signature: await pen.host.sign(pen.secret, bytes) }
  const [first] = await hub.entriesOf(KEY)
  const signatures = [decodeEntry(first!.bytes).signature!, ...(over.signature?.(signature) ?? [signature])]
  const chunks = over.changes?.(own) ?? [...base, own]
  const changes = chunks.map((chunk) => parseChange(chunk, pen.host, defaultChangeLimits))
  const body = encodeSnapshot({ changes, signatures, receipts: [], alsoCited: [] }, pen.host)
  return encodeEntry({ kind: 'snapshot', record: KEY, incarnation: 0, signature: undefined, body })
}

/** All of a replica's log, as a session tells it. */
async function logOf(from: Orders): Promise<IncomingItem[]> {
  const items: IncomingItem[] = []
  for (const { seq, bytes } of await from.session.readLog(0, everything)) {
    for (const hash of from.session.credentialsCited(bytes)) {
      const credential = await from.session.credentialByHash(hash)
      if (credential) items.push({ kind: 'credential', credential })
    }
    items.push({ kind: 'entry', seq, bytes })
  }
  return items
}

const tellAll = async (from: Orders, to: Orders) =>
  to.session.deliver({
    peer: peerOf(from),
    items: await logOf(from),
    position: undefined,
    current: true,
    want: { kind: 'nothing' },
  })

describe('K-6: a snapshot that a peer tells', () => {
  test('is let in by its authors’ rights, known parts skipped', async () => {
    const shared = await hubWithOrder()
    expect(await shared.pen.tell(shared.hub, await snapshotBy(shared))).toEqual([undefined])
    expect(await shared.hub.workOrders.get('1')).toMatchObject({ title: 'by the pen', notes: 'note' })
    const authors = (await shared.hub.workOrders.history('1')).map((item) => item.author)
    expect(authors).toEqual(['tech:ana', 'tech:eve'])
  })

  test('brings a record whole to an edge that never met the hub', async () => {
    const { replica: hub } = await openHub(soon)
    const ana = await openEdge(1, {}, soon)
    const ben = await openEdge(2, { subject: 'tech:ben' }, soon)
    await ana.workOrders.create({ ...order, notes: 'n' }, { id: '1' })
    await push(ana, hub)
    await pull(hub, ben)
    for (const one of [ben, ana, ben])
      await one.workOrders.update('1', (o) => {
        o.notes += '!'
      })
    await push(ana, hub)
    await push(ben, hub)
    await pull(hub, ana)
    await push(ana, hub)
    expect(await ana.upkeep()).toMatchObject({ compacted: 1 })
    const cleo = await openEdge(3, { subject: 'tech:cleo' }, soon)
    expect(await tellAll(ana, cleo)).toEqual([])
    expect(await cleo.workOrders.get('1')).toEqual(await ana.workOrders.get('1'))
    expect(new Set((await cleo.workOrders.history('1')).map((item) => item.author))).toEqual(
      new Set(['tech:ana', 'tech:ben']),
    )
    // And from her to another hub, for instance one that lost everything.
    const { replica: other } = await openHub({ ...soon, seed: 97 })
    expect(await tellAll(cleo, other)).toEqual([])
    expect(await other.workOrders.get('1')).toEqual(await ana.workOrders.get('1'))
  })

  test('is refused without the signature of an author of whom something is new', async () => {
    const shared = await hubWithOrder()
    await expectRefused(shared, 'bad-signature', await snapshotBy(shared, { signature: () => [] }))
  })

  test('is refused when a signature is not over the author’s last change, or not the author’s', async () => {
    const shared = await hubWithOrder()
    const more = (own: Uint8Array) => {
      const document = draft(5, [...shared.base, own])
      return [...shared.base, own, putting(document, { title: 'not signed' })]
    }
    await expectRefused(shared, 'bad-signature', await snapshotBy(shared, { changes: more }))
  })

  test('is refused when a signature is of another key, or cites a credential that nobody showed', async () => {
    const shared = await hubWithOrder()
    const { pen } = shared
    const flipped = (s: EntrySignature) => [
      { ...s, signature: s.signature.map((b, i) => (i === 9 ? b ^ 1 : b)) },
    ]
    expect(await pen.tell(shared.hub, await snapshotBy(shared, { signature: flipped }))).toEqual([
      'bad-signature',
    ])
    const foreign = (s: EntrySignature) => [{ ...s, credentialHash: pen.host.sha256(new Uint8Array(1)) }]
    await expectRefused(shared, 'credential-unknown', await snapshotBy(shared, { signature: foreign }))
  })

  test('A-14: a signature that does not fit does no harm where nothing of its author is new', async () => {
    const shared = await hubWithOrder()
    const bytes = await snapshotBy(shared)
    const { body } = decodeEntry(bytes)
    const parts = decodeSnapshot(body, shared.pen.host)
    const spoiled = parts.signatures.map((s, i) => (i === 0 ? { ...s, signature: new Uint8Array(64) } : s))
    const changes = parts.changes.map((chunk) => parseChange(chunk, shared.pen.host, defaultChangeLimits))
    const again = encodeSnapshot({ ...parts, changes, signatures: spoiled, alsoCited: [] }, shared.pen.host)
    expect(await shared.pen.tell(shared.hub, encodeEntry({ ...decodeEntry(bytes), body: again }))).toEqual([
      undefined,
    ])
    const { replica: empty } = await openHub({ seed: 96 })
    const ana: IncomingItem = { kind: 'credential', credential: shared.ana.credential! }
    const codes = await shared.pen.tell(empty, ana, encodeEntry({ ...decodeEntry(bytes), body: again }))
    expect(codes).toEqual(['bad-signature'])
  })

  test('is refused when it is no whole history', async () => {
    const shared = await hubWithOrder()
    const second = (own: Uint8Array) => {
      const document = draft(6, shared.base)
      const [one, two] = [putting(document, { title: '1' }), putting(document, { title: '2' })]
      expect(own).not.toEqual(one)
      return [...shared.base, one, own, two, own]
    }
    await expectRefused(shared, 'malformed-entry', await snapshotBy(shared, { changes: second }))
  })

  test('is refused when its container changes are not what everybody computes', async () => {
    const shared = await hubWithOrder()
    const forged = parseChange(
      (() => {
        const document = draft(5, shared.base)
        document.put('_root', 'x', 1)
        return document.commit(0)!
      })(),
      shared.pen.host,
      defaultChangeLimits,
    )
    const container = forged.bytes.slice()
    const at = container.findIndex((_, i) => i > 8 && container[i] === 17 && container[i + 1] === 0)
    container[at + 1] = 1
    // Its checksum follows from its bytes: what is packed has none.
    const changes = shared.base.map((chunk) => parseChange(chunk, shared.pen.host, defaultChangeLimits))
    const body = encodeSnapshot(
      {
        changes: [
          ...changes,
          {
            ...forged,
            actor: Uint8Array.from([1, ...forged.actor.subarray(1)]),
            actorHex: `01${forged.actorHex.slice(2)}`,
          },
        ],
        signatures: [],
        receipts: [],
        alsoCited: [],
      },
      shared.pen.host,
    )
    const entry = encodeEntry({ kind: 'snapshot', record: KEY, incarnation: 0, signature: undefined, body })
    await expectRefused(shared, 'forged-container', entry)
  })

  test('A-10: is refused when an author may not write there; the teller’s own rights do not help', async () => {
    const shared = await hubWithOrder()
    const reader = await Pen.make(8, { subject: 'tech:rita', write: [] })
    const bytes = await snapshotBy({ ...shared, pen: reader })
    await expectRefused(
      shared,
      'read-only',
      { kind: 'credential', credential: reader.peer.credential },
      bytes,
    )
    expect(await reader.tell(shared.hub, bytes)).toEqual(['read-only'])
  })
})

describe('K-12: a snapshot of which the hub refuses a part', () => {
  /** Ana and Ben wrote; Ana has both as a snapshot. The hub is then set back, and Ben may only read from now on. */
  async function setBack() {
    const disk = new MemoryDisk()
    const { replica: hub } = await openHub({ disk, ...soon })
    const ana = await openEdge(1, {}, soon)
    const ben = await openEdge(2, { subject: 'tech:ben' }, soon)
    await ana.workOrders.create({ ...order, notes: 'n' }, { id: '1' })
    await push(ana, hub)
    await pull(hub, ben)
    await pull(hub, ana)
    const older = disk.clone()
    await ana.workOrders.update('1', (o) => {
      o.title = 'ana'
    })
    await push(ana, hub)
    await ben.workOrders.update('1', (o) => {
      o.status = 'done'
    })
    await push(ben, hub)
    await pull(hub, ana)
    await push(ana, hub)
    await ana.upkeep()
    const { replica: back } = await open({
      ...soon,
      disk: older,
      seed: 95,
      grant: { subject: 'hub', role: 'authority', read: ['*'], write: ['*'] },
    })
    return { back, ana }
  }

  test('is let in but for that part and what builds on it; a peer, which is no authority, lets in nothing', async () => {
    const shared = await hubWithOrder()
    const { hub, pen, base } = shared
    const reader = await Pen.make(8, { subject: 'tech:rita', write: [] })
    const allowed = await snapshotBy(shared, { title: 'allowed' })
    const own = decodeSnapshot(decodeEntry(allowed).body, pen.host).changes.at(-1)!
    const foreign = putting(draft(6, base), { status: 'done' })
    const onTop = putting(draft(5, [...base, own, foreign]), { status: 'en_route' })
    const signedBy = async (who: Pen, change: Uint8Array): Promise<EntrySignature> =>
      decodeEntry(await who.changes(KEY, [change])).signature!
    const [first] = await hub.entriesOf(KEY)
    const snapshot = async (chunks: Uint8Array[], signatures: EntrySignature[]) => {
      const changes = chunks.map((chunk) => parseChange(chunk, pen.host, defaultChangeLimits))
      const all = [decodeEntry(first!.bytes).signature!, ...signatures]
      const body = encodeSnapshot({ changes, signatures: all, receipts: [], alsoCited: [] }, pen.host)
      return encodeEntry({ kind: 'snapshot', record: KEY, incarnation: 0, signature: undefined, body })
    }
    const signatures = [await signedBy(reader, foreign), await signedBy(pen, onTop)]
    const bytes = await snapshot([...base, own, foreign, onTop], signatures)
    const shown = [shared.ana, reader.peer].map(
      (who): IncomingItem => ({ kind: 'credential', credential: who.credential! }),
    )
    const ben = await openEdge(2, { subject: 'tech:ben' })
    const before = await ben.session.readLog(0, everything)
    expect(await pen.tell(ben, ...shown, bytes)).toEqual(['read-only'])
    expect(await ben.session.readLog(0, everything)).toEqual(before)
    expect(await pen.tell(hub, ...shown, bytes)).toEqual(['read-only'])
    expect(await hub.workOrders.get('1')).toMatchObject({ title: 'allowed', status: 'open' })
    // What was let in is told on, and the hub's word is enough for it.
    const cleo = await openEdge(3, { subject: 'tech:cleo' })
    expect(await pull(hub, cleo)).toEqual([])
    expect(await cleo.workOrders.get('1')).toEqual(await hub.workOrders.get('1'))
  })

  test('K-8: in which parts of 17 authors would have to be undone is refused as a whole, of 16 it is let in but for them', async () => {
    for (const [readers, expected] of [
      [16, 'allowed'],
      [17, 't'],
    ] as const) {
      const shared = await hubWithOrder()
      const { hub, pen, base } = shared
      const allowed = decodeSnapshot(
        decodeEntry(await snapshotBy(shared, { title: 'allowed' })).body,
        pen.host,
      )
      const chunks = [...base, allowed.changes.at(-1)!]
      const signatures = [...allowed.signatures]
      const shown: IncomingItem[] = []
      for (let i = 0; i < readers; i++) {
        const reader = await Pen.make(20 + i, { subject: `tech:r${i}`, write: [] })
        const change = putting(draft(20 + i, base), { status: 'done' })
        chunks.push(change)
        signatures.push(decodeEntry(await reader.changes(KEY, [change])).signature!)
        shown.push({ kind: 'credential', credential: reader.peer.credential })
      }
      const changes = chunks.map((chunk) => parseChange(chunk, pen.host, defaultChangeLimits))
      const body = encodeSnapshot({ changes, signatures, receipts: [], alsoCited: [] }, pen.host)
      const entry = encodeEntry({ kind: 'snapshot', record: KEY, incarnation: 0, signature: undefined, body })
      expect(await pen.tell(hub, ...shown, entry)).toEqual(['read-only'])
      expect(await hub.workOrders.get('1')).toMatchObject({ title: expected, status: 'open' })
    }
  })

  test('of a peer that may write nothing any more: the record is given up, its own edits are set aside, and the hub tells it again', async () => {
    const { back, ana } = await setBack()
    await ana.setCredential(plainToken(ana.publicKey, { write: [] }))
    await ana.session.met(peerOf(back), ['site:SEA'])
    const seq = (await ana.entriesOf(KEY)).at(-1)!.seq
    const refusals = await tellAll(ana, back)
    expect(refusals).toEqual([expect.objectContaining({ seq, code: 'read-only' })])
    const atHub = await back.workOrders.get('1')
    await expect(ana.session.acknowledged(peerOf(back), ana.head, refusals, back.head)).rejects.toMatchObject(
      { code: 'started-over' },
    )
    expect(await ana.workOrders.get('1')).toBeUndefined()
    const [aside] = await ana.workOrders.aside('1')
    expect(aside).toMatchObject({ code: 'read-only', record: KEY })
    expect(JSON.stringify(aside!.edits)).toContain('ana')
    const want = await ana.session.want(peerOf(back))
    // What the space told is none of the record's: it goes on where it stood.
    expect(want.kind === 'channels' && [...want.cursors]).toEqual([
      ['site:SEA', undefined],
      [SPACE_CHANNEL, expect.objectContaining({ log: back.session.log })],
    ])
    await ana.session.met(peerOf(back), [])
    await pull(back, ana)
    expect(await ana.workOrders.get('1')).toEqual(atHub)
  })

  test('what a device of a newer version wrote in it is set aside as it is stored', async () => {
    const { replica: hub } = await openHub({ collection: compactingRenamed({ entriesMax: 2 }) })
    const ana = await openEdge(1, {}, { collection: compactingRenamed({ entriesMax: 2 }) })
    const orders = ana.workOrders as unknown as Records<JsonObject>
    await orders.create({ heading: 't', site: 'SEA', minutes: 90 }, { id: '1' })
    for (const heading of ['u', 'ana'])
      await orders.update('1', (o) => {
        o.heading = heading
      })
    await push(ana, hub)
    await ana.upkeep()
    const entries = await ana.entriesOf(KEY)
    expect(entries.map(({ kind }) => kind)).toEqual(['snapshot'])
    const refusal = { seq: entries[0]!.seq, code: 'read-only', reason: 'no', record: KEY }
    await expect(ana.session.acknowledged(peerOf(hub), ana.head, [refusal], hub.head)).rejects.toMatchObject({
      code: 'started-over',
    })
    const [aside] = await orders.aside('1')
    expect(aside!.edits.map((edit) => [edit.path, 'value' in edit && edit.value])).toEqual(
      expect.arrayContaining([
        [['title'], 'ana'],
        [['hours'], 1.5],
      ]),
    )
    await ana.reapply(aside!.key)
    expect(await orders.get('1')).toMatchObject({ heading: 'ana', minutes: 90 })
  })
})
