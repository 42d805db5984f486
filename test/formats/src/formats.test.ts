/** A stranger, who has the SPEC pages and nothing else, reads what two replicas say to each other and what one of them keeps. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import {
  collection,
  type MemoryLink,
  memoryLink,
  memoryStore,
  startSession,
  type Transport,
  text,
} from '@skerry/core'
import { createAuthority, issueCredential } from '@skerry/credentials'
import { openReplica } from '@skerry/node'
import { sqliteStore } from '@skerry/store-sqlite'
import { beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import {
  isSignature,
  isSigned,
  readChanges,
  readEntry,
  readFrontier,
  recordDigest,
  sha256,
  sumOf,
} from './entry.ts'
import { type Item, readFrame } from './frame.ts'
import { proven, readChallenge, readHello, readWelcome } from './message.ts'
import { readCompare } from './reconciling.ts'

const SPACE = 'skerries'
const HOUR_MS = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'skerry-formats-'))
const file = join(folder, 'hub.db')

const visits = collection(
  'visits',
  z.object({ title: z.string(), site: z.string(), notes: text().optional() }),
  { channels: (visit) => [`site:${visit.site}`] },
)

interface Said {
  from: 'acceptor' | 'initiator'
  message: Uint8Array
}

/** Everything that crosses is written down. */
function heard(transport: Transport, from: Said['from'], said: Said[]): Transport {
  return {
    send: (message) => {
      said.push({ from, message: message.slice() })
      transport.send(message)
    },
    get bufferedBytes() {
      return transport.bufferedBytes
    },
    bind: (events) => transport.bind(events),
    close: (code, reason) => transport.close(code, reason),
    allowMessageBytes: (bytesMax) => transport.allowMessageBytes(bytesMax),
  }
}

/** Carries what both say until there is no more to wait for. */
async function carry(link: MemoryLink, isDone: () => boolean): Promise<void> {
  while (!isDone()) {
    await new Promise((resolve) => setImmediate(resolve))
    link.flush()
  }
}

async function exchange() {
  const authority = await createAuthority()
  const now = Date.now()
  const grant = { space: SPACE, systems: [], issuedAt: now, expiresAt: now + HOUR_MS }
  const options = { authority: authority.publicKey, collections: { visits }, space: SPACE }
  const hub = await openReplica({ ...options, role: 'hub', store: sqliteStore({ path: file }) })
  await hub.setCredential(
    await issueCredential(authority, {
      ...grant,
      subject: 'hub',
      publicKey: hub.publicKey,
      role: 'authority',
      read: ['*'],
      write: ['*'],
    }),
  )
  const edge = await openReplica({ ...options, store: memoryStore() })
  await edge.setCredential(
    await issueCredential(authority, {
      ...grant,
      subject: 'ana',
      publicKey: edge.publicKey,
      role: 'device',
      read: ['site:SEA'],
      write: ['site:SEA'],
    }),
  )
  await hub.visits.create(
    { title: 'from the hub', site: 'SEA', notes: 'a longer text '.repeat(40) },
    { id: 'h' },
  )
  await edge.visits.create({ title: 'from the edge', site: 'SEA' }, { id: 'e' })
  await edge.visits.update('e', (visit) => {
    visit.title = 'twice'
    visit.notes = 'and a note'
  })
  const said: Said[] = []
  const link = memoryLink()
  const atHub = startSession(hub.session, heard(link.acceptor, 'acceptor', said), { role: 'acceptor' })
  const session = startSession(edge.session, heard(link.initiator, 'initiator', said), { role: 'initiator' })
  await carry(link, () => session.current && atHub.current)
  let isOver = false
  const audit = session.audit().finally(() => {
    isOver = true
  })
  await carry(link, () => isOver)
  expect(await audit).toMatchObject({ diverged: 0 })
  const known = {
    hub: { key: hub.publicKey, log: hub.session.log, credential: hub.credential!, runs: hub.session.runs },
    edge: {
      key: edge.publicKey,
      log: edge.session.log,
      credential: edge.credential!,
      runs: edge.session.runs,
    },
    value: await hub.visits.get('e'),
  }
  session.close()
  await Promise.all([hub.close(), edge.close()])
  return { said, known }
}

let story: Awaited<ReturnType<typeof exchange>>
beforeAll(async () => {
  story = await exchange()
  return () => rmSync(folder, { recursive: true, force: true })
})

const ofType = (type: number) => story.said.filter(({ message }) => message[0] === type)
const only = (type: number) => {
  expect(ofType(type)).toHaveLength(1)
  return ofType(type)[0]!.message
}
const itemsFrom = (from: Said['from']): Item[] =>
  ofType(0x10).flatMap((one) => (one.from === from ? readFrame(one.message).items : []))

describe('session H: a handshake', () => {
  test('H1, H3, H4: says who both are, and each proves it', () => {
    const { hub, edge } = story.known
    const challenge = readChallenge(only(0x01))
    expect(challenge).toMatchObject({
      versions: [1, 1],
      space: SPACE,
      log: hub.log,
      credential: hub.credential.hash,
    })
    expect(challenge.key).toEqual(new Uint8Array(hub.key))
    const hello = readHello(ofType(0x02).at(-1)!.message)
    expect(hello).toMatchObject({ version: 1, log: edge.log, runs: edge.runs })
    expect(hello.credential).toEqual({ hash: edge.credential.hash, token: edge.credential.token })
    expect(sha256(Buffer.from(hello.credential.token)).toString('hex')).toBe(hello.credential.hash)
    expect(hello.want).toMatchObject({ kind: 'channels' })
    const welcome = readWelcome(only(0x03))
    expect(welcome).toMatchObject({ runs: hub.runs, read: ['site:SEA', '@space'], credit: 1024 * 1024 })
    expect(welcome.want).toEqual({ kind: 'log', run: '0'.repeat(32), seq: 0 })
    const sides = [challenge, { ...hello, credential: hello.credential.hash }] as const
    expect(isSignature(edge.key, proven('skerry/hello/1', SPACE, ...sides), hello.proof)).toBe(true)
    expect(isSignature(hub.key, proven('skerry/welcome/1', SPACE, ...sides), welcome.proof)).toBe(true)
    expect(isSignature(hub.key, proven('skerry/hello/1', SPACE, ...sides), welcome.proof)).toBe(false)
  })
})

describe('session, frames', () => {
  test('hold entries, marks and positions, to the last byte', () => {
    const fromHub = itemsFrom('acceptor')
    const marks = fromHub.filter((item) => item.kind === 'enter')
    expect(marks).toContainEqual(expect.objectContaining({ channel: 'site:SEA', record: 'visits/h' }))
    const frames = ofType(0x10).map(({ message }) => readFrame(message))
    expect(frames.some(({ position, isCurrent }) => isCurrent && (position?.seq ?? 0) > 0)).toBe(true)
  })

  test('L-6, A-3: an entry is signed by the device whose credential it cites', () => {
    const { hub, edge } = story.known
    const entries = (from: Said['from']) =>
      itemsFrom(from).flatMap((item) => (item.kind === 'entry' ? readEntry(item.bytes) : []))
    const fromEdge = entries('initiator')
    expect(fromEdge.map(({ record }) => record)).toEqual(['visits/e', 'visits/e'])
    for (const entry of fromEdge) {
      expect(Buffer.from(entry.signed!.credential).toString('hex')).toBe(edge.credential.hash)
      expect(isSigned(entry, SPACE, edge.key)).toBe(true)
      expect(isSigned(entry, 'elsewhere', edge.key)).toBe(false)
      const last = readChanges(entry.body).at(-1)!
      expect(last).toMatchObject({
        actor: Buffer.from(entry.signed!.actor).toString('hex'),
        sequence: entry.signed!.lastSeq,
      })
    }
    const [fromHub] = entries('acceptor').filter(({ record }) => record === 'visits/h')
    expect(isSigned(fromHub!, SPACE, hub.key)).toBe(true)
  })
})

interface EntryRow {
  seq: number
  kind: number
  origin: number
  origin_seq: number
  crc: number
  bytes: Uint8Array
}

interface RecordRow {
  record: string
  frontier: Uint8Array
  indexed: string
  view: string
  crc: number
}

describe('a store', () => {
  const rows = <Row extends object>(sql: string, ...values: (string | number)[]) => {
    const db = new DatabaseSync(file, { readOnly: true })
    try {
      return db.prepare(sql).all(...values) as Row[]
    } finally {
      db.close()
    }
  }

  /** store-sqlite S-3 */
  const mix = (numbers: readonly number[], start: number) =>
    numbers.reduce(
      (sum, n) => (Math.imul(sum, 0x9e3779b1) + (n % 2 ** 32) + Math.floor(n / 2 ** 32)) >>> 0,
      start,
    )

  const historyOf = (key: string) =>
    rows<EntryRow>(
      'SELECT e.* FROM entries e JOIN records r ON r.id = e.record WHERE r.record = ? ORDER BY e.seq',
      key,
    )

  test('S-4: an entry’s row has its checksum, and the entry the bytes that crossed', () => {
    const crossed = itemsFrom('initiator').flatMap((item) =>
      item.kind === 'entry' ? Buffer.from(item.bytes) : [],
    )
    const stored = historyOf('visits/e')
    expect(stored.map(({ bytes }) => Buffer.from(bytes))).toEqual(crossed)
    for (const { seq, kind, origin, origin_seq, crc, bytes } of stored)
      expect(crc).toBe(crc32(bytes, mix([seq, kind, origin, origin_seq], crc32('visits/e'))))
  })

  test('a record’s row says what its entries come to', () => {
    for (const key of ['visits/e', 'visits/h']) {
      const [row] = rows<RecordRow>('SELECT * FROM records WHERE record = ?', key)
      const frontier = readFrontier(row!.frontier)
      const changes = historyOf(key).flatMap(({ bytes }) => readChanges(readEntry(bytes).body))
      const named = new Set(changes.flatMap(({ dependencies }) => dependencies))
      const heads = changes.map(({ hash }) => hash).filter((hash) => !named.has(hash))
      expect(frontier).toMatchObject({
        deleted: false,
        incarnation: 0,
        heads: heads.sort(),
        channels: ['site:SEA'],
      })
      for (const { actor, sequence } of changes)
        expect(frontier.sequences[actor]).toBeGreaterThanOrEqual(sequence)
      expect(row!.crc).toBe(crc32(`${key}\n${row!.indexed}\n${row!.view}`, crc32(row!.frontier)))
    }
    const { id: _, ...value } = story.known.value!
    expect(
      JSON.parse(rows<RecordRow>("SELECT view FROM records WHERE record = 'visits/e'")[0]!.view),
    ).toEqual(value)
  })

  test('D-2: the sum that is compared is that of the records’ digests', () => {
    const { trees } = readCompare(only(0x20)).opening!
    const digests = rows<RecordRow>('SELECT record, frontier FROM records WHERE crc IS NOT NULL').map(
      ({ record, frontier }) => recordDigest(record, readFrontier(frontier)),
    )
    const tree = trees.find(({ kind, channel }) => kind === 0 && channel === 'site:SEA')!
    expect(tree.count).toBe(2)
    expect(sumOf([tree.sum])).toBe(sumOf(digests))
  })
})
