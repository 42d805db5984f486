/** Faults made by hand, each told to a hub, which must answer with the code of packages/core/src/replica/GUARD.md: that of the first check that fails. */
import { randomBytes } from 'node:crypto'
import { memoryStore } from '@skerry/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { type BodyParts, bodyOf, columnsOf } from './change.ts'
import { written } from './fields.ts'
import {
  ack,
  bodyEntry,
  chunkOf,
  type EntryParts,
  editEntry,
  entryOf,
  frame,
  list,
  rawFrame,
  type Told,
} from './say.ts'
import type { Stranger } from './stranger.ts'
import { makeKey } from './stranger.ts'
import { type Grant, type Open, World } from './world.ts'

let world: World
let hub: Open
let nobody: Stranger
beforeAll(async () => {
  world = await World.create()
  hub = await world.hub({ store: memoryStore() })
  await hub.visits.create({ title: 'not for everybody', site: 'NYC' }, { id: 'elsewhere' })
  await hub.visits.create({ title: 'has gone', site: 'SEA' }, { id: 'gone' })
  await hub.visits.delete('gone')
  while (!(await hub.upkeep()).done);
  nobody = await meet()
  return () => world.close()
}, 240_000)

const meet = async (grant: Grant = {}) => (await world.stranger(hub, grant)).stranger

/** The code with which an entry is refused; undefined: it is taken. */
async function codeOf(entry: Uint8Array, stranger = nobody): Promise<string | undefined> {
  const seq = stranger.tell(entry)
  await world.until(() => stranger.acknowledged >= seq || stranger.ended !== undefined)
  expect(stranger.ended).toBeUndefined()
  const codes = stranger.refusals.filter((one) => one.seq === seq && one.code !== 'elsewhere')
  return codes[0]?.code
}

let made = 0
const anew = () => `visits/made-${made++}`
const runActor = () => Buffer.concat([Uint8Array.of(0), randomBytes(16)])
const set = { title: 'as it should be', site: 'SEA' }
const columns = columnsOf(set)
const without = (...gone: number[]) => columns.filter(([column]) => !gone.includes(column))
const column = (number: number, ...data: number[]) => [number, Uint8Array.from(data)] as const
const sorted = (all: readonly (readonly [number, Uint8Array])[]) => [...all].sort(([a], [b]) => a - b)

/** An entry with one chunk, over which it is signed. */
function around(
  { chunk, hash }: { chunk: Uint8Array; hash: Uint8Array },
  parts: Partial<EntryParts> & { actor?: Uint8Array; sequence?: number } = {},
): Uint8Array {
  const { actor = runActor(), sequence = 1, ...rest } = parts
  const body = list([chunk], written.bytes)
  const signs = { actor, sequence, hash }
  return entryOf(nobody.author, { kind: 1, record: anew(), body, signs, ...rest })
}

/** An entry of one change that is as it should be, but for some parts. */
function withChange(change: Partial<BodyParts>, parts: Partial<EntryParts> = {}): Uint8Array {
  const actor = change.actor ?? runActor()
  const sequence = change.sequence ?? 1
  return around(chunkOf(bodyOf({ columns, ...change, actor })), { actor, sequence, ...parts })
}

/** The chunk of a change that is as it should be, changed afterwards. */
function withChunk(spoil: (chunk: Buffer) => Uint8Array): Uint8Array {
  const { chunk, hash } = chunkOf(bodyOf({ actor: runActor(), columns }))
  return around({ chunk: spoil(Buffer.from(chunk)), hash })
}

function at(chunk: Buffer, offset: number, value: number): Buffer {
  chunk[offset] = value
  return chunk
}

/** With its checksum made anew. */
function withByte(entry: Uint8Array, offset: number, value: number): Uint8Array {
  const { crc32 } = process.getBuiltinModule('node:zlib')
  const other = Buffer.from(entry)
  other[offset] = value
  other.writeUInt32LE(crc32(other.subarray(0, -4)), other.length - 4)
  return other
}

const sound = () => withChange({})
const flipped = (entry: Uint8Array, offset: number) => {
  const other = Buffer.from(entry)
  other[other.length + offset]! ^= 1
  return other
}

describe('an entry, from its bytes', () => {
  test('one without a fault is taken', async () => {
    expect(await codeOf(sound())).toBeUndefined()
  })

  test.each<[step: string, code: string, entry: () => Uint8Array]>([
    ['IN-31', 'malformed-entry', () => Uint8Array.of(1, 1, 0, 0, 0, 0, 0)],
    ['IN-32', 'entry-checksum', () => flipped(sound(), -1)],
    ['IN-32 before IN-33', 'entry-checksum', () => flipped(withByte(sound(), 0, 2), -1)],
    ['IN-33', 'unknown-version', () => withByte(sound(), 0, 2)],
    ['IN-33 before IN-34', 'unknown-version', () => withByte(withByte(sound(), 0, 2), 1, 9)],
    ['IN-34', 'unknown-kind', () => withByte(sound(), 1, 9)],
    ['IN-34 before IN-35', 'unknown-kind', () => withByte(withByte(sound(), 1, 9), 2, 3)],
    ['IN-35', 'malformed-entry', () => withByte(sound(), 2, 3)],
    ['changes: none', 'malformed-entry', () => withChange({}, { body: Uint8Array.of(0) })],
    ['snapshot: format', 'unknown-version', () => bodyEntry(nobody.author, 2, anew(), Uint8Array.of(2))],
    ['snapshot: body', 'malformed-entry', () => bodyEntry(nobody.author, 2, anew(), Uint8Array.of(1, 9))],
  ])('%s: %s', async (_, code, entry) => {
    expect(await codeOf(entry())).toBe(code)
  })
})

describe('a change', () => {
  const many = (count: number, ...hash: string[]) =>
    Array.from({ length: count }, (_, i) => hash[i] ?? i.toString(16).padStart(64, '0'))
  test.each<[step: string, code: string, entry: () => Uint8Array]>([
    ['IN-40', 'too-large', () => withChunk((chunk) => Buffer.concat([chunk, Buffer.alloc(1024 * 1024)]))],
    ['IN-41', 'truncated', () => withChunk((chunk) => chunk.subarray(0, 9))],
    ['IN-41', 'bad-magic', () => withChunk((chunk) => at(chunk, 0, 0))],
    ['IN-41', 'bad-type', () => withChunk((chunk) => at(chunk, 8, 3))],
    ['IN-41, a document', 'bad-type', () => withChunk((chunk) => at(chunk, 8, 0))],
    ['IN-41', 'truncated', () => withChunk((chunk) => chunk.subarray(0, -1))],
    ['IN-41', 'malformed', () => withChunk((chunk) => Buffer.concat([chunk, Buffer.alloc(1)]))],
    ['IN-42', 'inflate-bomb', () => withChunk((chunk) => at(chunk, 8, 2))],
    ['IN-43', 'bad-checksum', () => withChunk((chunk) => at(chunk, 4, chunk[4]! ^ 1))],
    ['IN-44', 'too-many-dependencies', () => withChange({ dependencies: many(4_097) })],
    ['IN-44', 'not-canonical', () => withChange({ dependencies: many(2, 'ff'.repeat(32)) })],
    ['IN-45', 'bad-actor', () => withChange({ actor: randomBytes(16) }, { signs: undefined })],
    ['IN-45', 'malformed', () => withChange({ sequence: 0 })],
    ['IN-45', 'malformed', () => withChange({ firstOperation: 0 })],
    ['IN-45', 'message-too-long', () => withChange({ message: 'm'.repeat(4_097) })],
    ['IN-46', 'bad-actor', () => withChange({ otherActors: [randomBytes(3)] })],
    ['IN-47', 'malformed', () => withChange({ columns: [...columns, column(0x99, 1)] })],
    ['IN-47', 'not-canonical', () => withChange({ columns: [...columns].reverse() })],
    ['IN-47', 'unsupported-operation', () => withChange({ columns: [...columns, column(0x94, 1)] })],
    [
      'IN-48',
      'too-many-operations',
      () => withChange({ columns: sorted([...without(0x42), [0x42, Buffer.from('d1860301', 'hex')]]) }),
    ],
    [
      'IN-48',
      'unsupported-operation',
      () => withChange({ columns: sorted([...without(0x42), column(0x42, 2, 6)]) }),
    ],
    ['IN-48', 'malformed', () => withChange({ columns: sorted([...without(0x42), column(0x42, 3, 1)]) })],
    ['IN-48', 'key-too-long', () => withChange({ columns: columnsOf({ ['k'.repeat(1_025)]: 'x', l: 'y' }) })],
    ['IN-48, an actor that is not named', 'not-canonical', () => withChange({ otherActors: [runActor()] })],
    ['IN-50', 'forged-container', () => withChange({ actor: Buffer.alloc(17, 1), message: 'm["a"]' })],
    ['IN-51', 'reserved-key', () => withChange({ columns: columnsOf({ constructor: 'x', title: 'y' }) })],
    [
      'IN-51, an object',
      'forged-container',
      () =>
        withChange({
          columns: [
            column(0x15, 0x7f, 1, 97),
            column(0x34, 1),
            column(0x42, 0x7f, 0),
            column(0x56, 0x7f, 0),
            column(0x70, 0x7f, 0),
          ],
        }),
    ],
  ])('%s: %s', async (_, code, entry) => {
    expect(await codeOf(entry())).toBe(code)
  })
})

describe('who signed an entry', () => {
  const other = () => ({ actor: runActor(), sequence: 1, hash: randomBytes(32) })
  const forged = () => entryOf({ ...nobody.author, seed: makeKey().seed }, partsOf())
  const partsOf = (): EntryParts => {
    const actor = runActor()
    const { chunk, hash } = chunkOf(bodyOf({ actor, columns }))
    return {
      kind: 1,
      record: anew(),
      body: list([chunk], written.bytes),
      signs: { actor, sequence: 1, hash },
    }
  }
  test.each<[step: string, code: string, entry: () => Uint8Array]>([
    ['IN-60', 'bad-signature', () => withChange({}, { signs: undefined })],
    ['IN-61', 'bad-signature', () => withChange({}, { signs: other() })],
    [
      'IN-62',
      'credential-unknown',
      () => entryOf({ ...nobody.author, credential: 'ab'.repeat(32) }, partsOf()),
    ],
    ['IN-63', 'bad-signature', forged],
    [
      'IN-62 before IN-63',
      'credential-unknown',
      () => entryOf({ ...nobody.author, seed: makeKey().seed, credential: 'ab'.repeat(32) }, partsOf()),
    ],
    [
      'IN-63 before IN-70',
      'bad-signature',
      () => entryOf({ ...nobody.author, seed: makeKey().seed }, { ...partsOf(), record: 'nothing/1' }),
    ],
  ])('%s: %s', async (_, code, entry) => {
    expect(await codeOf(entry())).toBe(code)
  })
})

describe('in the writer’s turn', () => {
  const hubsActor = () => Buffer.from(`00${hub.session.runs.at(-1)!.run}`, 'hex')
  const imports = () => Buffer.concat([Uint8Array.of(2), randomBytes(16)])
  /** Replaces an operation of the same actor that nobody ever made. */
  const replacing = [...without(0x70), column(0x70, 2, 1), column(0x71, 2, 0), column(0x73, 2, 5)]
  test.each<[step: string, code: string, entry: () => Uint8Array]>([
    ['IN-70', 'unknown-collection', () => withChange({}, { record: 'nothing/1' })],
    ['IN-71', 'wrong-incarnation', () => withChange({}, { incarnation: 1 })],
    ['IN-71', 'record-gone', () => withChange({}, { record: 'visits/gone' })],
    ['IN-76', 'reserved-actor', () => withChange({ actor: imports() })],
    ['IN-77', 'bad-signature', () => withChange({ actor: hubsActor() })],
    ['IN-78', 'missing-dependencies', () => withChange({ dependencies: ['ab'.repeat(32)] })],
    ['IN-78', 'missing-dependencies', () => withChange({ sequence: 2 })],
    ['IN-78', 'first-operation-too-high', () => withChange({ firstOperation: 65_538 })],
    ['IN-80, IN-81', 'engine-refused', () => withChange({ firstOperation: 100, columns: replacing })],
    ['IN-83', 'channel-not-granted', () => withChange({ columns: columnsOf({ title: 'x', site: 'NYC' }) })],
    ['IN-83', 'not-granted', () => withChange({ firstOperation: 9 }, { record: 'visits/elsewhere' })],
    ['IN-76 before IN-78', 'reserved-actor', () => withChange({ actor: imports(), sequence: 2 })],
    ['IN-71 before IN-76', 'record-gone', () => withChange({ actor: imports() }, { record: 'visits/gone' })],
  ])('%s: %s', async (_, code, entry) => {
    expect(await codeOf(entry())).toBe(code)
  })

  test('IN-78: an operation below what it builds on', async () => {
    const [record, actor] = [anew(), runActor()]
    const first = editEntry(nobody.author, { record, actor, set })
    expect(await codeOf(first.bytes)).toBeUndefined()
    const second = { record, actor, sequence: 2, firstOperation: 2, dependencies: [first.hash], set }
    expect(await codeOf(editEntry(nobody.author, second).bytes)).toBe('first-operation-too-low')
  })

  test('IN-73: what is known is passed over; IN-78: what builds on what was refused says so', async () => {
    const [known, refused] = [sound(), { record: anew(), actor: runActor(), set: { ...set, site: 'NYC' } }]
    expect([await codeOf(known), await codeOf(known)]).toEqual([undefined, undefined])
    const first = editEntry(nobody.author, refused)
    const rest = { sequence: 2, firstOperation: 3, dependencies: [first.hash] }
    const items = [first, editEntry(nobody.author, { ...refused, ...rest })].map(
      ({ bytes }, i): Told => ({ kind: 'entry', seq: 10_000 + i, bytes }),
    )
    const other = await meet()
    other.say(frame(items, 10_001))
    await world.until(() => other.refusals.length === 2)
    expect(other.refusals.map(({ code }) => code)).toEqual(['channel-not-granted', 'depends-on-refused'])
  })

  test('IN-83: a credential that may write nothing', async () => {
    const reader = await meet({ write: [] })
    const edit = { record: anew(), actor: runActor(), set }
    expect(await codeOf(editEntry(reader.author, edit).bytes, reader)).toBe('read-only')
  })

  test('IN-72, IN-74: two changes under one sequence end the session, and its device comes back no more', async () => {
    const { stranger, link } = await world.stranger(hub, { subject: 'liar' })
    const edit = { record: anew(), actor: runActor(), set }
    expect(await codeOf(editEntry(stranger.author, edit).bytes, stranger)).toBeUndefined()
    stranger.tell(editEntry(stranger.author, { ...edit, set: { ...set, title: 'another' } }).bytes)
    await world.until(() => stranger.ended !== undefined)
    expect(stranger.ended).toBe('credential-quarantined')
    link.cut()
  })
})

describe('other kinds', () => {
  const json = (value: object) => Buffer.from(JSON.stringify(value))
  const receipt = { place: 'crm', outcome: 'saved', seqs: {}, at: 1 }
  const told = (kind: number, body: Uint8Array, record = anew()) =>
    bodyEntry(nobody.author, kind, record, body)
  test.each<[what: string, code: string, entry: () => Uint8Array]>([
    ['receipt: body', 'malformed-receipt', () => told(4, json({ ...receipt, outcome: 'odd' }))],
    ['receipt: body before place', 'malformed-receipt', () => told(4, json({ place: 'crm' }))],
    ['receipt: place', 'not-authority', () => told(4, json(receipt))],
    ['tombstone', 'not-authority', () => told(5, Uint8Array.of(1, 1))],
    ['revocation', 'not-authority', () => told(7, Buffer.alloc(35, 1), '@space/revocations')],
    ['segment, where none are kept', 'unsupported-kind', () => told(3, Buffer.from('SKG'), '@streams/x')],
    ['blob', 'unsupported-kind', () => told(6, Buffer.alloc(1), 'blobs/x')],
    [
      'IN-60',
      'bad-signature',
      () => entryOf(nobody.author, { kind: 5, record: anew(), body: Uint8Array.of(1, 1) }),
    ],
  ])('%s: %s', async (_, code, entry) => {
    expect(await codeOf(entry())).toBe(code)
  })

  test('receipt: of a record that is not here', async () => {
    const adapter = await meet({ systems: ['crm'] })
    const entry = bodyEntry(adapter.author, 4, anew(), json(receipt))
    expect(await codeOf(entry, adapter)).toBe('missing-dependencies')
  })
})

describe('a message, a frame', () => {
  const entry = (seq: number) => ({ kind: 'entry' as const, seq, bytes: sound() })
  const mark = { kind: 'enter', seq: 1, channel: 'site:SEA', record: 'visits/x' } as const
  const huge = Buffer.concat([Uint8Array.of(0x10, 1), written.varint(5 * 1024 * 1024), Buffer.alloc(9)])
  const bomb = Buffer.concat([Uint8Array.of(0x10, 1), written.varint(9), Buffer.alloc(9)])
  test.each<[step: string, code: string, message: () => Uint8Array]>([
    ['IN-2', 'malformed', () => new Uint8Array()],
    ['IN-3', 'unexpected-message', () => Uint8Array.of(0x40)],
    ['IN-4', 'unexpected-message', () => Uint8Array.of(0x04)],
    ['IN-7', 'malformed', () => Uint8Array.of(0x12, 1, 1)],
    ['IN-12', 'malformed', () => rawFrame(64, Uint8Array.of(0))],
    ['IN-12', 'malformed', () => rawFrame(8, Uint8Array.of(0))],
    ['IN-13', 'frame-too-large', () => huge],
    ['IN-14', 'malformed', () => bomb],
    ['IN-15', 'malformed', () => flipped(frame([], 1), -1)],
    ['IN-16', 'malformed', () => rawFrame(0, Uint8Array.of(9, 0))],
    ['IN-16', 'malformed', () => frame([{ ...entry(1), seq: 0 }], 1)],
    [
      'IN-17',
      'frame-too-large',
      () =>
        frame(
          [1, 2].map((seq) => ({ kind: 'entry', seq, bytes: Buffer.alloc(140_000) })),
          2,
        ),
    ],
    ['IN-18', 'malformed', () => rawFrame(0, Uint8Array.of(0, 0))],
    ['IN-19, a mark in a log', 'malformed', () => frame([mark], 1)],
    ['IN-19, a step back', 'malformed', () => frame([entry(2), entry(1)], 2)],
    ['IN-19, a position below', 'malformed', () => frame([entry(2)], 1)],
    [
      'IN-19, views',
      'unexpected-message',
      () => rawFrame(32, Buffer.concat([Uint8Array.of(5), written.string('[]'), Uint8Array.of(0)])),
    ],
    ['a position that was never sent', 'malformed', () => ack(1_000_000, 1)],
  ])('%s: ends with %s', async (_, code, message) => {
    const stranger = await meet()
    stranger.say(message())
    await world.until(() => stranger.ended !== undefined)
    expect(stranger.ended).toBe(code)
  })
})
