/** Every table that a replica keeps, written by replicas of the project, read by a stranger to the last byte; and a file of them, with all that stands in it. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { hubRole } from '@skerry/core/hub'
import { sqliteStore } from '@skerry/store-sqlite'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type ReadReceipt,
  type readProof,
  readReceipt,
  readRevocation,
  readSnapshot,
  readTombstone,
} from './bodies.ts'
import {
  heardRun,
  isSigned,
  otherDigest,
  readChanges,
  readEntry,
  readFrontier,
  recordDigest,
  sha256,
  sumOf,
} from './entry.ts'
import { unnoticed } from './every-byte.ts'
import { Fields, written } from './fields.ts'
import { storedAsItIs } from './inflated.ts'
import {
  CHANNEL,
  coldStory,
  heavyStory,
  hubStory,
  peersStory,
  rot,
  startOverStory,
  toldStory,
  wipeStory,
} from './row-stories.ts'
import { readSegment } from './segment.ts'
import { type LogFile, readLogFile } from './sqlite.ts'
import { readRow, tables, treeOf } from './tables.ts'
import { readToken } from './token.ts'
import { type Row, SPACE, World } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'skerry-tables-'))
const path = join(folder, 'hub.db')

let world: World
let story: Awaited<ReturnType<typeof tell>>

beforeAll(async () => {
  world = await World.create()
  story = await tell()
  return async () => {
    await world.close()
    rmSync(folder, { recursive: true, force: true })
  }
}, 240_000)

async function tell() {
  const hub = await hubStory(world, path)
  const peers = await peersStory(world)
  await heavyStory(world)
  await toldStory(world)
  await coldStory(world)
  const startedOver = await startOverStory(world)
  await wipeStory(world, hub.hub)
  await hub.hub.close()
  const file = readLogFile(path)
  return { ...hub, peers, startedOver, file, damaged: await damage() }
}

/** What a hub makes of entries that it cannot read any more. */
async function damage(): Promise<LogFile> {
  const copy = join(folder, 'damaged.db')
  copyFileSync(path, copy)
  rot(copy)
  const hub = await world.open({ store: sqliteStore({ path: copy, accept: 'moved' }), role: hubRole })
  await hub.entriesOf('visits/h')
  await hub.entriesOf('@space/revocations')
  await world.until(() => world.wrote('lost') && world.wrote('quarantined'))
  await hub.close()
  return readDamaged(copy)
}

/** Its tables alone: the entries fail their checksums. */
function readDamaged(copy: string): LogFile {
  const db = new DatabaseSync(copy)
  db.exec('DELETE FROM entries; DELETE FROM channel_entries')
  db.close()
  return readLogFile(copy, { counts: false })
}

interface Read<T> {
  key: string
  value: T
}

/** Rows of a table in a file, each read. */
function rowsOf<T = never>(table: string, file: LogFile = story.file): Read<T>[] {
  return file.pairs
    .filter((row) => row.table === table)
    .map(({ key, value }) => ({ key, value: readRow(table, key, value) as T }))
}

/** The same of what was ever written, anywhere, the newest last. */
function everWritten<T = never>(table: string): Read<T>[] {
  return world.rows
    .filter((row) => row.table === table)
    .map(({ key, value }) => ({ key, value: readRow(table, key, value) as T }))
}

const nodeOf = (key: Uint8Array) => sha256(key).subarray(0, 16).toString('hex')
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

describe('tables', () => {
  test('F-6: of every table of the pages there are rows here, and of no other', () => {
    const written = new Set(world.rows.map(({ table }) => table))
    expect([...written].filter((table) => !(table in tables))).toEqual([])
    expect(Object.keys(tables).filter((table) => !written.has(table))).toEqual([])
    expect(rowsOf('state')).toContainEqual({ key: 'format', value: 1 })
  })

  test('every table that a page names is read here, and every one that is read here is named', () => {
    const pages = ['core/src/replica/TABLES.md', 'streams/src/SPEC.md'].map((page) =>
      readFileSync(join(import.meta.dirname, '../../../packages', page), 'utf8'),
    )
    const named = pages.flatMap((page) =>
      [...page.matchAll(/^\| `([a-z][a-z:_-]*)`/gm)].map(([, name]) => name!),
    )
    const refusals = ['segment-wrong-stream', 'duplicate-sequence', 'channel-not-granted']
    const codes = ['truncated', 'bad-checksum', 'too-many-readings', 'too-large', 'inflate-bomb', 'unordered']
    const others = new Set([...refusals, ...codes, 'bad-version', 'malformed', 'bad-input', 'segment-'])
    expect(new Set(named.filter((name) => !others.has(name)))).toEqual(new Set(Object.keys(tables)))
  })

  test('no byte of any row is without meaning', () => {
    const samples = new Map<string, Row>()
    for (const row of world.rows) {
      const kind = `${row.table} ${row.key.split('/')[0]!.split('\n')[0]!.slice(0, 4)}`
      const known = samples.get(kind)
      if (row.value.length < 4_000 && row.value.length >= (known?.value.length ?? 0)) samples.set(kind, row)
    }
    for (const { table, key, value } of samples.values())
      expect([table, key, unnoticed(value, (bytes) => readRow(table, key, bytes))]).toEqual([table, key, []])
  })

  test('credentials, actors: who wrote under an actor, and by what right', () => {
    const { ana, file } = story
    const byHash = new Map(
      rowsOf<{ token: string; publicKey: string }>('credentials').map((row) => [row.key, row.value]),
    )
    for (const [hash, { token, publicKey }] of byHash) {
      const said = readToken(token, world.authority.publicKey)
      expect([said.hash, hex(said.key)]).toEqual([hash, publicKey])
    }
    const actors = new Map(
      rowsOf<{ publicKey: string; credential: string }>('actors').map((row) => [row.key, row.value]),
    )
    const byAna = file.entries.filter(({ kind }) => kind === 1).map(({ bytes }) => readEntry(bytes))
    const signed = byAna.filter((entry) => hex(entry.signed!.credential) === ana.credential!.hash)
    expect(signed.length).toBeGreaterThan(0)
    for (const entry of signed)
      expect(actors.get(hex(entry.signed!.actor))).toEqual({
        publicKey: hex(ana.publicKey),
        credential: ana.credential!.hash,
      })
  })

  test('L-9, cursors: where an entry was heard, and how far its log was read', () => {
    const { ana, file } = story
    const { run } = ana.session.runs[0]!
    const origins = file.entries.flatMap(({ record, origin }) =>
      record === 'visits/mended' && origin ? origin : [],
    )
    expect(origins).toContainEqual({ run: heardRun(nodeOf(ana.publicKey), run), seq: expect.any(Number) })
    const cursor = rowsOf('cursors').find(({ key }) => key === `${ana.session.log}/*`)!
    expect(cursor.value).toEqual({ run, seq: expect.any(Number), node: nodeOf(ana.publicKey) })
  })

  test('acknowledged, hub: what a hub has answered, and in which run of its own', () => {
    const { hub } = story
    const { run } = hub.session.runs[0]!
    const answers = everWritten<{ run: string }[]>('acknowledged').filter(
      ({ key }) => key === hub.session.log,
    )
    const heard = heardRun(nodeOf(hub.publicKey), run)
    expect(answers.findLast(({ value }) => value.length > 0)!.value).toEqual([
      { run, heard, at: expect.any(Number), seq: expect.any(Number) },
    ])
    expect(everWritten('hub')).toContainEqual({ key: 'met', value: hub.session.log })
  })

  test('receipts, aside: what became of an edit', () => {
    const [{ key, value }] = rowsOf<ReadReceipt>('receipts').filter(({ key }) =>
      key.startsWith('visits/mended\n'),
    ) as [Read<ReadReceipt>]
    expect(value).toMatchObject({
      ...{ place: 'hub', outcome: 'mended', rule: 'quietly', reason: 'do not shout', fields: ['/title'] },
      values: { '/title': { was: 'LOUD', became: 'loud' } },
    })
    const entry = story.file.entries.find(({ kind, record }) => kind === 4 && record === 'visits/mended')!
    const { body } = readEntry(entry.bytes)
    expect(readReceipt(body)).toEqual(value)
    expect(key).toBe(
      `visits/mended\n${String(value.at).padStart(15, '0')}\n${hex(sha256(body)).slice(0, 16)}`,
    )
    expect(everWritten('aside')).toContainEqual({
      key: expect.stringMatching(/^visits\/refused\n\d{15}$/),
      value: expect.objectContaining({
        record: 'visits/refused',
        code: 'channel-not-granted',
        author: expect.any(String),
      }),
    })
  })

  test('CE-2: edits before the engine runs', () => {
    const intents = everWritten<{ record: string; was?: object; became?: object }>('intents')
    expect(intents.map(({ key, value }) => [key, value && Object.keys(value)])).toEqual([
      ['000000000000001', ['record', 'version', 'at', 'became']],
      ['000000000000002', ['record', 'version', 'at', 'was', 'became']],
      ['000000000000003', ['record', 'version', 'at', 'was']],
    ])
  })

  test('X-2: a proof is two entries that one key signed, with two changes under one sequence', () => {
    const [{ key: actor, value: halves }] = rowsOf<ReturnType<typeof readProof>>('proofs') as [
      Read<ReturnType<typeof readProof>>,
    ]
    expect(actor).toBe(story.fork.actor)
    const changes = halves.map(({ token, entry }) => {
      const author = readToken(token, world.authority.publicKey)
      expect(isSigned(entry, SPACE, author.key)).toBe(true)
      return readChanges(entry.body).at(-1)!
    })
    expect(changes.map((change) => [change.actor, change.sequence])).toEqual([
      [actor, 1],
      [actor, 1],
    ])
    expect(changes[0]!.hash).not.toBe(changes[1]!.hash)
    expect(rowsOf('proven')).toMatchObject([{ value: { actor, subject: 'eve', seq: 1, kept: true } }])
  })

  test('J-1: what is parked is the entry as it was told, and by whom', () => {
    const [{ key, value }] = everWritten<Record<string, never>>('parked') as [Read<Record<string, never>>]
    const { parked, author } = story.peers
    expect(key).toBe(`visits/parked\n${hex(sha256(parked)).slice(0, 16)}`)
    expect(value).toMatchObject({
      credential: author.credential,
      seq: 1,
      entry: readEntry(Uint8Array.from(parked)),
    })
  })

  test('Y-1, LE-1, Z-2, T-2, followers: what only a hub keeps', () => {
    const { taken, ana, file } = story
    expect(rowsOf('x:revoked')).toContainEqual({
      key: `key/${hex(taken.ben.publicKey)}`,
      value: { kept: expect.any(Number) },
    })
    expect(rowsOf('leases')).toMatchObject([{ key: 'crm', value: { holder: hex(ana.publicKey), epoch: 1 } }])
    expect(rowsOf('taken-back')).toMatchObject([
      { key: 'visits/h', value: { fields: { '/title': { was: ['by a thief'], became: 'from the hub' } } } },
    ])
    const [deleted] = everWritten<string>('deleted')
    const [due] = everWritten<number>('deleted-due')
    expect([deleted!.key, deleted!.value]).toEqual(['visits/gone', due!.key])
    expect(due!.key).toBe(`${String(due!.value).padStart(15, '0')}\nvisits/gone`)
    expect(rowsOf('x:followers')).toContainEqual({ key: 'reader', value: { run: file.runs[0]!.run, seq: 2 } })
  })

  test('DM-1, DM-9: what cannot be read any more', () => {
    const [lost] = rowsOf<{ seq: number; reason: string }>('lost', story.damaged)
    const first = story.file.entries.find(({ kind }) => kind === 7)!
    expect(lost!.value).toMatchObject({ record: '@space/revocations', seq: first.seq })
    expect(lost!.key).toBe(`@space/revocations\n${String(first.seq).padStart(15, '0')}`)
    expect(rowsOf('quarantined', story.damaged)).toMatchObject([
      { key: 'visits/h', value: { record: 'visits/h', code: 'damaged' } },
    ])
  })

  test('U-2, V-9, G-2, K-4, K-12: what a device keeps of what it was told', () => {
    expect(everWritten('shipped')).toContainEqual({ key: 'gone/visits/away', value: undefined })
    expect(everWritten<{ record: string }[]>('shipped')).toContainEqual({
      key: 'page/000000000001',
      value: [
        expect.objectContaining({ record: 'visits/away' }),
        expect.objectContaining({ record: 'visits/later' }),
      ],
    })
    expect(rowsOf('views')).toEqual([
      { key: 'visits', value: { version: 1, indexes: ['site'], upTo: undefined } },
    ])
    expect(everWritten('leaving')).toEqual([{ key: 'visits/left', value: 3 }])
    expect(everWritten('entered')).toContainEqual({ key: 'visits/before-its-snapshot', value: [CHANNEL] })
    expect(everWritten('again')[0]!.value).toEqual([CHANNEL, '*'])
    expect(everWritten('loading').map(({ value }) => value)).toContain(1)
  })
})

describe('digests', () => {
  interface Item {
    channel: string
    hash: string
    key: string
    digest: Uint8Array
  }

  test('D-1, D-2: an item is there for each record in each of its channels', () => {
    const receipts = rowsOf('receipts').map(({ key }) => key.split('\n') as [string, string, string])
    const states = new Map(story.file.records.map(({ record, frontier }) => [record, readFrontier(frontier)]))
    const items = rowsOf<Item>('digest-items').filter(({ key }) => treeOf(key).kind === 'r')
    expect(items.length).toBeGreaterThan(1)
    const counted = new Map(
      rowsOf<{ digest: Uint8Array; channels: string[] }>('digest-records').map((row) => [row.key, row.value]),
    )
    for (const { value } of items) {
      expect(value.hash).toBe(hex(sha256(Buffer.from(value.key))).slice(0, 16))
      expect(counted.get(value.key)).toMatchObject({ digest: value.digest })
      expect(counted.get(value.key)!.channels).toContain(value.channel)
    }
    // Those that did not change since they were counted.
    const mended = items.find(({ value }) => value.key === 'visits/mended')!.value
    const own = receipts.flatMap(([record, , hash]) => (record === 'visits/mended' ? hash : []))
    expect(own).toHaveLength(1)
    expect(hex(mended.digest)).toBe(hex(recordDigest('visits/mended', states.get('visits/mended')!, own)))
  })

  test('D-4: a sum is kept of nodes with 0, 2 and 3 digits, and is that of the items below', () => {
    const items = rowsOf<Item>('digest-items').map(({ key, value }) => ({ ...value, kind: treeOf(key).kind }))
    const nodes = rowsOf<{ count: number; sum: Uint8Array }>('digest-nodes')
    expect(nodes.length).toBeGreaterThan(items.length)
    for (const { key, value } of nodes) {
      const { kind, channel, name } = treeOf(key)
      const [digits, prefix] = name.split('/') as [string, string]
      const own = items.filter(
        (item) => item.kind === kind && item.channel === channel && item.hash.startsWith(prefix),
      )
      expect(prefix).toHaveLength(Number(digits))
      expect([key, value.count, sumOf([value.sum])]).toEqual([
        key,
        own.length,
        sumOf(own.map(({ digest }) => digest)),
      ])
    }
  })

  test('D-1, D-2: an entry of another kind is an item of its own, with where it stands', () => {
    const others = rowsOf<Item & { seq: number }>('digest-items').filter(
      ({ key }) => treeOf(key).kind === 'o',
    )
    expect(others.length).toBeGreaterThan(0)
    for (const { value } of others) {
      const entry = story.file.entries.find(({ seq }) => seq === value.seq)!
      const body = hex(sha256(readEntry(entry.bytes).body)).slice(0, 16)
      expect(value.key).toBe(`${entry.record}\n${body}`)
      expect(hex(value.digest)).toBe(hex(otherDigest(value.key)))
    }
  })
})

/** Of a snapshot's body, what is deflated and the length before it. */
function storedLength(fields: Fields): number {
  fields.u8()
  fields.list(() => fields.raw(32))
  fields.list(() => [fields.raw(17), fields.varint(), fields.varint(), fields.raw(64)])
  fields.varint()
  return fields.left
}

describe('bodies of entries', () => {
  const ofKind = (kind: number) => story.file.entries.filter((entry) => entry.kind === kind)

  test('each is read to its last byte, and signed by whose credential it cites', () => {
    const tokens = rowsOf<{ token: string }>('credentials')
    const keys = new Map(
      tokens.map(({ key, value }) => [key, readToken(value.token, world.authority.publicKey).key]),
    )
    expect(new Set(story.file.entries.map(({ kind }) => kind))).toEqual(new Set([1, 3, 4, 5, 7]))
    for (const { bytes, kind } of story.file.entries) {
      const entry = readEntry(bytes)
      expect(entry.kind).toBe(kind)
      const key = keys.get(hex(entry.signed?.credential ?? new Uint8Array()))
      if (kind !== 3) expect(isSigned(entry, SPACE, key!)).toBe(true)
    }
  })

  test('a tombstone, a revocation', () => {
    const [tombstone] = ofKind(5)
    const deletedAt = everWritten<number>('deleted-due')[0]!.value
    expect(tombstone!.record).toBe('visits/gone')
    expect(readTombstone(readEntry(tombstone!.bytes).body)).toEqual({ deletedAt })
    const revocations = ofKind(7).map(({ bytes }) => readRevocation(readEntry(bytes).body))
    expect(revocations).toContainEqual({ by: 'key', value: hex(story.taken.ben.publicKey), wipe: false })
    expect(revocations).toContainEqual({ by: 'hash', value: expect.any(String), wipe: true })
    for (const { bytes } of [...ofKind(5), ...ofKind(7)]) {
      const { body, kind } = readEntry(bytes)
      expect(unnoticed(body, kind === 5 ? readTombstone : readRevocation)).toEqual([])
    }
  })

  test('K-1, K-5: a snapshot holds each change, and the newest signature of its author', () => {
    const entry = readEntry(story.startedOver.snapshot)
    expect([entry.kind, entry.record]).toEqual([2, 'visits/packed'])
    const { changes, signatures, credentials, receipts } = readSnapshot(entry.body)
    expect([changes.length, receipts.length, signatures.length, credentials.length]).toEqual([9, 0, 1, 1])
    expect(changes.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    changes.forEach(({ dependencies }, i) => {
      expect(dependencies).toEqual(i === 0 ? [] : [changes[i - 1]!.hash])
    })
    expect(signatures[0]).toMatchObject({ actor: changes[0]!.actor, lastSeq: 9, credential: credentials[0] })
    const fields = new Fields(entry.body)
    const head = entry.body.length - storedLength(fields)
    const stored = storedAsItIs(new Fields(entry.body.subarray(head)).bytes())
    const whole = Uint8Array.from([...entry.body.subarray(0, head), ...written.bytes(stored)])
    expect(readSnapshot(whole)).toEqual(readSnapshot(entry.body))
    expect(unnoticed(whole, readSnapshot)).toEqual([])
  })

  test('SEG-1: a segment has its readings, to the bit', () => {
    const segments = ofKind(3).map(({ bytes }) => readSegment(readEntry(bytes).body))
    const byStream = new Map(segments.map((segment) => [segment.header.stream, segment]))
    const times = Array.from({ length: 50 }, (_, i) => 1_000 * i)
    expect(byStream.get('gw-1/roof')).toMatchObject({
      header: { number: 1, count: 50, measured: 49, firstMs: 0, lastMs: 49_000 },
      times,
      values: times.map((_, i) => (i === 30 ? Number.NaN : i / 10)),
    })
    expect(byStream.get('gw-1/noise')!.values).toEqual(times.map((_, i) => Math.sin(i) * 1e-7))
    for (const { bytes } of ofKind(3)) {
      const { body } = readEntry(bytes)
      expect(unnoticed(body, readSegment)).toEqual([])
    }
    expect(rowsOf('x:streams')).toMatchObject([
      { key: 'gw-1/noise' },
      { value: { readings: 50, measured: 49 } },
    ])
    expect(rowsOf('x:thresholds').map(({ key }) => key)).toContain('too%20warm\ngw-1/roof')
  })
})

describe('store-sqlite, the file', () => {
  test('S-1, S-2: a row has its indexes, and the marks say who is in which channel', () => {
    const row = story.file.records.find(({ record }) => record === 'visits/mended')!
    expect(row.indexed).toEqual([['site', 'sSEA']])
    expect(JSON.parse(row.view!)).toEqual({ title: 'loud', site: 'SEA' })
    const marks = story.file.marks.filter(({ record }) => record === 'visits/mended')
    const newest = story.file.entries.filter(({ record }) => record === 'visits/mended')
    expect(marks).toEqual([
      { record: 'visits/mended', channel: CHANNEL, seq: expect.any(Number), enter: true },
    ])
    expect(newest.every(({ channels }) => channels.join() === CHANNEL)).toBe(true)
    expect(story.file.log).toBe(story.hub.session.log)
    expect(story.file.runs).toEqual(story.hub.session.runs)
  })

  test.each([
    ['meta', "UPDATE meta SET value = value || ' ' WHERE key = 'log'"],
    ['state', 'UPDATE state SET head = head + 1'],
    ['runs', 'UPDATE runs SET first = first + 1'],
    ['names', "UPDATE names SET name = name || 'x' WHERE kind = 'o'"],
    ['records', "UPDATE records SET view = replace(view, 'loud', 'LOUD') WHERE view LIKE '%loud%'"],
    ['entries', 'UPDATE entries SET origin_seq = origin_seq + 1 WHERE origin IS NOT NULL'],
    ['channel_entries', 'DELETE FROM channel_entries WHERE seq = (SELECT max(seq) FROM channel_entries)'],
    ['pairs', "UPDATE pairs SET key = key || '0' WHERE name = (SELECT id FROM names WHERE name = 'views')"],
  ])('S-4: what was changed in %s is noticed', (table, sql) => {
    const copy = join(folder, `${table}.db`)
    copyFileSync(path, copy)
    expect(() => readLogFile(copy)).not.toThrow()
    const db = new DatabaseSync(copy)
    expect(db.prepare(sql).run().changes).toBeGreaterThan(0)
    db.close()
    expect(() => readLogFile(copy)).toThrow()
  })
})
