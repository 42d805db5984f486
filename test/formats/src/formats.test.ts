/** A stranger, who has the SPEC pages and nothing else, reads what two replicas say to each other and what one of them keeps: from the handshake to the file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '@skerry/core'
import { sqliteStore } from '@skerry/store-sqlite'
import { beforeAll, describe, expect, test } from 'vitest'
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
import { type LogFile, readLogFile } from './sqlite.ts'
import { type Said, SPACE, World } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'skerry-formats-'))
const path = join(folder, 'hub.db')

async function exchange() {
  const world = await World.create()
  const hub = await world.hub({ store: sqliteStore({ path }) })
  const edge = await world.enrol({ store: memoryStore() })
  const notes = 'a longer text '.repeat(40)
  await hub.visits.create({ title: 'from the hub', site: 'SEA', notes }, { id: 'h' })
  await edge.visits.create({ title: 'from the edge', site: 'SEA' }, { id: 'e' })
  await edge.visits.update('e', (visit) => {
    visit.title = 'twice'
    visit.notes = 'and a note'
  })
  const { session, said, ...meeting } = world.meet(edge, hub)
  await world.inStep({ session, said, ...meeting })
  expect(await world.during(session.audit())).toMatchObject({ diverged: 0 })
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
  await world.close()
  return { said, known, file: readLogFile(path) }
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
    const { hash } = hub.credential
    expect(challenge).toMatchObject({ versions: [1, 1], space: SPACE, log: hub.log, credential: hash })
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

describe('a store', () => {
  const historyOf = (key: string) => story.file.entries.filter(({ record }) => record === key)
  const rowOf = (key: string): LogFile['records'][number] =>
    story.file.records.find(({ record }) => record === key)!

  test('S-4: an entry’s row has the bytes that crossed, in their order', () => {
    const crossed = itemsFrom('initiator').flatMap((item) =>
      item.kind === 'entry' ? Buffer.from(item.bytes) : [],
    )
    expect(historyOf('visits/e').map(({ bytes }) => Buffer.from(bytes))).toEqual(crossed)
  })

  test('a record’s row says what its entries come to', () => {
    for (const key of ['visits/e', 'visits/h']) {
      const frontier = readFrontier(rowOf(key).frontier)
      const changes = historyOf(key).flatMap(({ bytes }) => readChanges(readEntry(bytes).body))
      const named = new Set(changes.flatMap(({ dependencies }) => dependencies))
      const heads = changes.map(({ hash }) => hash).filter((hash) => !named.has(hash))
      const channels = ['site:SEA']
      expect(frontier).toMatchObject({ deleted: false, incarnation: 0, heads: heads.sort(), channels })
      for (const { actor, sequence } of changes)
        expect(frontier.sequences[actor]).toBeGreaterThanOrEqual(sequence)
    }
    const { id: _, ...value } = story.known.value!
    expect(JSON.parse(rowOf('visits/e').view!)).toEqual(value)
  })

  test('D-2: the sum that is compared is that of the records’ digests', () => {
    const { trees } = readCompare(only(0x20)).opening!
    const digests = story.file.records.map(({ record, frontier }) =>
      recordDigest(record, readFrontier(frontier)),
    )
    const tree = trees.find(({ kind, channel }) => kind === 0 && channel === 'site:SEA')!
    expect(tree.count).toBe(2)
    expect(sumOf([tree.sum])).toBe(sumOf(digests))
  })
})
